"""``confere show``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, banner, desk, json_option, print_json
from confere.domain import Segment, clock

#: What the machine's marks mean, for people; the page has the same in its messages.
MARKS = {
    "low-probability": "the machine was unsure of these words",
    "no-speech": "hardly a sign that anybody speaks here",
    "missed-speech": "somebody speaks here, and words are missing",
    "loop": "the same words again and again",
    "invention": "models write this sentence where nobody speaks",
    "wrong-language": "the words may be of another language",
    "word-rate": "too many or too few words for the time",
    "other-language": "sounds like a language that is not one of the study's",
    "truncated": "the recording ends here before its header says it should",
    "damaged-audio": "parts of the sound are damaged and stand as silence",
    "untranslated": "the machine did not translate this",
}


@click.command("show")
@click.argument("recording")
@json_option
@acting
def command(
    recording: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the segments of a RECORDING: times, speaker, language, state, both texts.

    What the checks see is counted; 'confere check' shows it. That the texts were shown to you is
    written to the custody log.
    """
    from confere.acts.checks import Looked, look_at
    from confere.acts.editing import all_editing
    from confere.acts.reading import open_transcript, tell_read
    from confere.cli.findings import counted
    from confere.cli.plan import spared
    from confere.review.checks.dismissals import count_open

    with desk(vault_path, name, passphrase_file) as at:
        opened = open_transcript(at, recording)
        looked = Looked(opened, look_at(at, opened.transcript))
        left_out = frozenset() if opened.signed else spared(at, opened.transcript)
        tell_read(at, opened.transcript.recording.id)
        editing = all_editing(at).get(opened.transcript.recording.id, {})
    transcript, signed = opened.transcript, opened.signed
    if as_json:
        print_json(
            {
                "recording": transcript.recording.id,
                "interview": transcript.recording.interview_id,
                "part": transcript.recording.part,
                "duration_ms": transcript.recording.duration_ms,
                "practice": transcript.practice,
                "signed_by": signed.document["verifier"]["name"] if signed else None,
                "signed_at": signed.document["signed_at"] if signed else None,
                "version": len(opened.reopenings) + 1,
                "reopened_by": opened.reopenings[-1].by if opened.reopenings else None,
                "reopened_at": opened.reopenings[-1].at if opened.reopenings else None,
                "reopened_because": opened.reopenings[-1].reason if opened.reopenings else None,
                "segments": [
                    {
                        **_as_json(s),
                        "editing": list(editing.get(s.id, ())),
                        "open_checks": {
                            level.value: n for level, n in count_open(looked.of(s.id)).items()
                        },
                        "left_out": s.id in left_out,
                    }
                    for s in transcript.segments
                ],
            }
        )
        return
    banner(transcript.practice)
    if signed:
        who, when = signed.document["verifier"]["name"], signed.document["signed_at"]
        version = f", version {signed.document['version']}" if len(opened.versions) > 1 else ""
        click.echo(f"Signed by {who} at {when}{version}; the signature holds.")
    elif opened.reopenings:
        begun = opened.reopenings[-1]
        click.secho(
            f"Version {begun.version + 1} is in work: {begun.by} reopened version {begun.version}, which "
            f"stays signed, because: {begun.reason}",
            fg="yellow",
        )
    for segment in transcript.segments:
        print_segment(segment)
        open_ = counted(looked.of(segment.id))
        if open_:
            click.secho(f"      checks: {open_}", fg="yellow")
        if segment.id in left_out:
            click.secho("      not to be verified: the sampling plan did not draw it", dim=True)
        if segment.id in editing:
            click.secho(f"      open with {', '.join(editing[segment.id])}", fg="yellow")


def print_segment(segment: Segment) -> None:
    """Print one segment as people read it."""
    print_head(segment)
    click.echo(f"      {segment.source or '(no words)'}")
    if segment.target != segment.source:
        click.echo(f"      {segment.target}")


def print_head(segment: Segment) -> None:
    """Print where a segment stands, and what the machine or the rules say against it."""
    head = (
        f"{segment.position:>4}  {clock(segment.start_ms)[:-2]} - {clock(segment.end_ms)[:-2]}"
        f"  {segment.speaker:<4} {segment.language}  {segment.state}"
    )
    click.secho(head, dim=True)
    told = [f"{mark}: {MARKS[mark]}" if mark in MARKS else mark for mark in segment.marks]
    for line in [*told, *(["translation older than source"] if segment.target_stale else [])]:
        click.secho(f"      ! {line}", fg="yellow")


def _as_json(segment: Segment) -> dict[str, object]:
    return {
        "segment": segment.position,
        "id": segment.id,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "speaker": segment.speaker,
        "language": segment.language,
        "source": segment.source,
        "target": segment.target,
        "target_stale": segment.target_stale,
        "state": segment.state,
        "version": segment.version,
        "marks": list(segment.marks),
        "probability": segment.probability,
        "parent": segment.parent or None,
    }
