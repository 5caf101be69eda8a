"""``confere check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, banner, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.acts.checks import Looked
    from confere.domain import Segment
    from confere.review.checks.dismissals import Seen


@click.command("check")
@click.argument("recording")
@click.argument("segment", required=False)
@click.option(
    "--level",
    type=click.Choice(["error", "warning", "info"]),
    default="info",
    help="The least that is shown: error, warning, or info (everything).",
)
@click.option("--dismissed", is_flag=True, help="What was dismissed, too: by whom, and why.")
@json_option
@acting
def command(
    recording: str,
    segment: str | None,
    level: str,
    dismissed: bool,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show what the checks see in a RECORDING, or in one SEGMENT (its number or id).

    Numbers, negations, marks, names and more, in both texts. A check may be wrong: then dismiss it,
    with a reason. Errors that are open keep the transcript from being signed, and end this with exit
    code 1.
    """
    from confere.acts.checks import look
    from confere.review.checks import Level
    from confere.vault.transcripts import find_segment

    with desk(vault_path, name, passphrase_file) as at:
        looked = look(at, recording)
    segments: Sequence[Segment] = looked.transcript.segments
    if segment is not None:
        segments = [find_segment(looked.transcript, segment)]
    shown = {s.id: _shown(looked.of(s.id), Level(level), dismissed) for s in segments}
    if as_json:
        _print_json(looked, segments, shown)
    else:
        _print(looked, segments, shown)
    if any(
        it.is_open and it.finding.level is Level.ERROR for s in segments for it in looked.of(s.id)
    ):
        click.get_current_context().exit(1)


def _shown(found: Sequence[Seen], least: str, dismissed: bool) -> list[Seen]:
    levels = ["error", "warning", "info"]
    wanted = levels[: levels.index(least) + 1]
    return [it for it in found if it.finding.level in wanted and (dismissed or it.is_open)]


def _print(looked: Looked, segments: Sequence[Segment], shown: dict[str, list[Seen]]) -> None:
    from confere.cli.findings import counted, pointed_at, print_findings
    from confere.cli.show import print_head

    banner(looked.transcript.practice)
    for segment in segments:
        found = shown[segment.id]
        if not found:
            continue
        print_head(segment)
        spans = [span for it in found for span in it.finding.source_spans]
        click.echo(f"      {pointed_at(segment.source, spans)}")
        if segment.target != segment.source:
            spans = [span for it in found for span in it.finding.target_spans]
            click.echo(f"      {pointed_at(segment.target, spans)}")
        print_findings(found, len(looked.handle(found[0])))
    all_ = [it for segment in segments for it in looked.of(segment.id)]
    gone = sum(not it.is_open for it in all_)
    click.echo(f"Open: {counted(all_) or 'nothing'}." + (f" Dismissed: {gone}." if gone else ""))


def _print_json(looked: Looked, segments: Sequence[Segment], shown: dict[str, list[Seen]]) -> None:
    from confere.cli.findings import as_json
    from confere.review.checks.dismissals import count_open

    all_ = [it for segment in segments for it in looked.of(segment.id)]
    print_json(
        {
            "recording": looked.transcript.recording.id,
            "practice": looked.transcript.practice,
            "open": {level.value: count for level, count in count_open(all_).items()},
            "dismissed": sum(not it.is_open for it in all_),
            "findings": [
                as_json(it, segment.position, looked.handle(it))
                for segment in segments
                for it in shown[segment.id]
            ],
        }
    )
