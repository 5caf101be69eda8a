"""``confere correct``."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from confere.acts.correct import Correction
from confere.acts.desk import Desk
from confere.cli.judging import ask_error, judgement
from confere.cli.options import acting, banner, desk
from confere.cli.repeats import offered, one_key, taken
from confere.domain import ErrorKind, Role, Segment, Severity, State, Transcript
from confere.errors import BadValue, ConfereError, MovedOn, NoSuchThing, Refused
from confere.review.checks import Level
from confere.review.checks.dismissals import Seen
from confere.review.history import workers

if TYPE_CHECKING:
    from confere.acts.suggest import TranslationMemory

#: What a line of --changes may hold, and the type of each.
_FIELDS: dict[str, type] = {
    "source": str,
    "target": str,
    "speaker": str,
    "language": str,
    "start_ms": int,
    "end_ms": int,
    "finish": bool,
}
_ERROR = ("kind", "severity")
_DONE = (State.CORRECTED, State.VERIFIED)
_OPEN = (State.DRAFT, State.EDITED, State.NEEDS_WORK)


@click.command("correct")
@click.argument("recording")
@click.argument("segment", required=False)
@click.option("--accept", is_flag=True, help="Take the SEGMENT as it stands, without asking.")
@click.option(
    "--changes",
    metavar="FILE",
    help="Read corrections from a file, one JSON object a line; - is standard input.",
)
@acting
def command(
    recording: str,
    segment: str | None,
    accept: bool,
    changes: str | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Correct the segments of a RECORDING, or one SEGMENT (its number or id).

    Without --changes it asks for each segment that is not corrected yet, with the text ready to be
    edited: Enter leaves it. Texts are never given as arguments, because those end up in
    the shell's history.
    """
    if accept and (segment is None or changes is not None):
        raise click.UsageError("--accept needs a SEGMENT and goes without --changes")
    if changes == passphrase_file == "-":
        raise click.UsageError("the passphrase and the changes cannot both come from '-'")
    with desk(vault_path, name, passphrase_file) as at:
        if changes is not None:
            _from_file(at, recording, changes)
        elif accept:
            _one(at, recording, str(segment), Correction(), None)
        else:
            _by_hand(at, recording, segment)


def _one(
    at: Desk, recording: str, number: str, correction: Correction, version: int | None
) -> Segment:
    from confere.acts.correct import correct

    changed = correct(at, recording, number, correction, version)
    stale = "; its translation is now older than its source" if changed.target_stale else ""
    click.echo(f"segment {changed.position}: {changed.state}, version {changed.version}{stale}")
    return changed


# --- from a file ---------------------------------------------------------------------------------


def _from_file(at: Desk, recording: str, name: str) -> None:
    """Apply each line; the first that is refused stops the rest, and says which it was.

    All are read before: of a file with a line that does not fit, nothing is applied.
    """
    with _lines(name) as lines:
        given = [(n, *_parse(line, n)) for n, line in enumerate(lines, 1) if line.strip()]
    for number, segment, version, correction in given:
        try:
            _one(at, recording, segment, correction, version)
        except MovedOn as conflict:
            click.echo(f"line {number}: not applied, nor what follows it", err=True)
            show_conflict(conflict)
            raise
        except ConfereError as error:
            click.echo(f"line {number}: not applied, nor what follows it", err=True)
            raise error from None


@contextlib.contextmanager
def _lines(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    try:
        with Path(name).open(encoding="utf-8") as file:
            yield file
    except FileNotFoundError:
        raise BadValue(f"there is no file {name}") from None


def _parse(line: str, number: int) -> tuple[str, int | None, Correction]:
    hint = 'A line is like {"segment": 3, "version": 0, "target": "..."}; see docs/json.md.'
    try:
        value: dict[str, Any] = json.loads(line)
        segment, version = str(value.pop("segment")), value.pop("version", None)
    except (ValueError, KeyError, AttributeError):
        raise BadValue(f"line {number} of the changes does not name a segment", hint) from None
    judged = [value.pop(key, None) for key in _ERROR]
    try:
        error = judgement(*judged)
    except (ValueError, click.UsageError):
        allowed = [", ".join(names) for names in (ErrorKind, Severity)]
        raise BadValue(
            f"line {number} of the changes: 'kind' and 'severity' do not fit",
            f"Both or neither. 'kind' is one of {allowed[0]}; 'severity' of {allowed[1]}.",
        ) from None
    for key, given in value.items():
        if key not in _FIELDS or type(given) is not _FIELDS[key]:
            raise BadValue(f"line {number} of the changes: '{key}' does not fit", hint)
    if version is not None and type(version) is not int:
        raise BadValue(f"line {number} of the changes: 'version' does not fit", hint)
    return segment, version, Correction(**value, error=error)


# --- by hand -------------------------------------------------------------------------------------


def _by_hand(at: Desk, recording: str, number: str | None) -> None:
    from confere.acts.reading import open_transcript
    from confere.acts.suggest import TranslationMemory
    from confere.vault.transcripts import find_segment

    memory = TranslationMemory(at)
    transcript = open_transcript(at, recording).transcript
    banner(transcript.practice)
    if number is not None:
        todo = [find_segment(transcript, number)]
    else:
        todo = [s for s in transcript.segments if s.state in _OPEN]
        if not todo:
            click.echo("Every segment is corrected.")
            return
        click.echo("Each line comes with its text: edit it, or leave it, and press Enter.")
        click.echo("Ctrl-C stops; what was entered before is saved.")
    returned = {r.segment_id: r for r in transcript.revisions if r.decision == "return"}
    for segment in todo:
        if segment.state is State.NEEDS_WORK and segment.id in returned:
            why = returned[segment.id]
            click.secho(f"      returned by {why.by}: {why.reason}", fg="yellow")
        try:
            _ask_until_it_fits(at, transcript, segment, memory)
        except (EOFError, KeyboardInterrupt):
            click.echo("\nStopped; this segment is as it was.")
            return


def _ask_until_it_fits(
    at: Desk, transcript: Transcript, segment: Segment, memory: TranslationMemory
) -> None:
    """Ask for one segment; what does not fit is told, and asked for again.

    Others are told meanwhile that it is open. If somebody changed it all the same, both texts are
    shown, and asked for again: beginning with what was typed, on top of what stands there now.
    """
    from confere.acts.editing import begin_editing, end_editing, others_editing

    recording = segment.recording_id
    begin_editing(at, recording, segment.id)
    others = others_editing(at, recording, segment.id)
    if others:
        click.secho(f"      open just now with {', '.join(others)}", fg="yellow")
    try:
        _until_saved(at, transcript, segment, memory)
    finally:
        end_editing(at, recording, segment.id)


def _until_saved(
    at: Desk, transcript: Transcript, segment: Segment, memory: TranslationMemory
) -> None:
    from confere.acts.checks import look_at_segment
    from confere.cli.findings import open_only, print_findings
    from confere.cli.show import print_head

    typed = segment
    while True:
        seen = open_only(look_at_segment(at, transcript, typed))
        print_head(typed)
        print_findings(seen)
        correction = _ask(typed, at.vault.locked.settings.study.target, memory)
        if segment.state in _DONE and not _changes(segment, correction):
            click.echo(f"segment {segment.number}: as it was")
            return
        if _judges(at, transcript, segment):
            click.echo("      What was wrong with it? It is counted in the signed transcript.")
            correction = replace(correction, error=ask_error())
        try:
            saved = _one(at, segment.recording_id, segment.id, correction, segment.version)
        except NoSuchThing:  # merged into another while this was typed
            click.secho(
                f"      segment {segment.number} is there no longer; you typed:", fg="yellow"
            )
            for text in filter(None, (correction.source, correction.target)):
                click.echo(f"      {text}")
            return
        except MovedOn as conflict:
            click.secho(f"      {conflict.message}", fg="yellow")
            show_conflict(conflict)
            click.echo("      Once more, from what you typed; Ctrl-C leaves it as it is now.")
            segment = replace(segment, version=conflict.now, **conflict.theirs)  # type: ignore[arg-type]
            mine = {n: v for n, v in conflict.mine.items() if v != conflict.base[n]}
            typed = replace(segment, **mine)  # type: ignore[arg-type]
        except BadValue as error:
            click.secho(f"      {error.message}\n      {error.hint}", fg="yellow")
        except Refused as refusal:  # changed by somebody else meanwhile, say: the others go on
            click.secho(f"      {refusal.message}\n      {refusal.hint}", fg="yellow")
            return
        else:
            _show_what_is_left(saved, look_at_segment(at, transcript, saved), seen)
            return


def _judges(at: Desk, transcript: Transcript, segment: Segment) -> bool:
    """Whether this is a verifier at what another had done with."""
    others = at.person.name not in workers(transcript, segment.id)
    return Role.VERIFIER in at.person.roles and segment.state in _DONE and others


def _changes(segment: Segment, correction: Correction) -> bool:
    given = (correction.source, correction.target, correction.speaker)
    there = (segment.source, segment.target, segment.speaker)
    return any(new is not None and new != old for new, old in zip(given, there, strict=True))


def _show_what_is_left(saved: Segment, found: Iterable[Seen], before: Iterable[Seen]) -> None:
    """Print what the checks see in the text as it was saved: all that is new, and every error."""
    from confere.cli.findings import open_only, print_findings

    known = {_about(it) for it in before}
    left = open_only(found, Level.WARNING)
    errors = [it for it in left if it.finding.level is Level.ERROR]
    print_findings([it for it in left if it in errors or _about(it) not in known])
    if errors:
        line = f"confere dismiss {saved.recording_id} {saved.position} {errors[0].finding.key[:4]}"
        click.secho(f"      Right as it stands? {line}", dim=True)


def _about(it: Seen) -> tuple[str, str]:
    return it.finding.message_id, it.finding.message


def show_conflict(conflict: MovedOn) -> None:
    """Print what both wrote, and what both started from: nothing that was typed is lost."""
    for name, mine in conflict.mine.items():
        theirs, base = conflict.theirs[name], conflict.base[name]
        if mine in (theirs, base):
            continue  # theirs is what I want, or I changed nothing here
        click.echo(f"      {name}, before:  {base}")
        click.echo(f"      {name}, {conflict.by or 'now'}:  {theirs}")
        click.echo(f"      {name}, yours:   {mine}")
    if conflict.editing:
        click.echo(f"      open just now with {', '.join(conflict.editing)}")


def _ask(segment: Segment, target_language: str, memory: TranslationMemory) -> Correction:
    speaker = _edit("speaker", segment.speaker)
    source = _edit(segment.language, segment.source)
    if segment.language == target_language:
        return Correction(source=source, speaker=speaker)
    offer = offered(memory, replace(segment, source=source))
    with one_key(offer):
        target = taken(_edit(target_language, segment.target), offer)
    return Correction(source=source, target=target, speaker=speaker)


def _edit(label: str, text: str) -> str:
    """Ask for a line with the present text ready to be edited; an empty answer leaves it."""
    try:
        import readline
    except ImportError:  # Windows: no line editing, so the text cannot be put in place
        return input(f"      {label}: ") or text
    readline.set_startup_hook(lambda: readline.insert_text(text))
    readline.set_auto_history(False)  # what was typed must not come back with an arrow key
    try:
        return input(f"      {label}: ") or text
    finally:
        readline.set_startup_hook(None)
