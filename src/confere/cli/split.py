"""``confere split``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from confere.cli.options import acting, desk
from confere.errors import BadValue

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d{1,3})?)")


@click.command("split")
@click.argument("recording")
@click.argument("segment")
@click.option(
    "--at", "at_time", metavar="TIME", help="Where, such as 00:01:15.5 or 75.5 (seconds)."
)
@click.option("--words", type=int, metavar="N", help="So many words of what was said come first.")
@click.option("--target-words", type=int, metavar="N", help="The same for the translation.")
@acting
def command(
    recording: str,
    segment: str,
    at_time: str | None,
    words: int | None,
    target_words: int | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Split a SEGMENT (its number or id) of a RECORDING in two, at a time and between two words.

    What is not given is asked for. Without --target-words the translation is cut where it probably
    belongs, and has to be confirmed in both parts. Undo takes it back.
    """
    from confere.acts.reading import open_transcript
    from confere.acts.split import split
    from confere.cli.show import print_segment
    from confere.vault.transcripts import find_segment

    with desk(vault_path, name, passphrase_file) as at:
        found = find_segment(open_transcript(at, recording).transcript, segment)
        if at_time is None or words is None:
            print_segment(found)
            click.echo(f"      {_counted(found.source)}")
        at_time = at_time or click.prompt("      split at (time on the recording)")
        if words is None:
            words = click.prompt("      words in the first part", type=int) if found.source else 0
        split(
            at,
            recording,
            found.id,
            at_ms=_milliseconds(str(at_time)),
            source_at=_after(found.source, words),
            target_at=None if target_words is None else _after(found.target, target_words),
            seen_version=found.version,
        )
        transcript = open_transcript(at, recording).transcript
        first = find_segment(transcript, found.id)
        for part in transcript.segments[first.position - 1 : first.position + 1]:
            print_segment(part)


def _milliseconds(typed: str) -> int:
    found = _CLOCK.fullmatch(typed.strip())
    if found is None:
        raise BadValue(f"'{typed}' is not a time", "Give it as 00:01:15.5, or 75.5 for seconds.")
    hours, minutes, seconds = found.groups(default="0")
    return round((int(hours) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000)


def _counted(text: str) -> str:
    return " ".join(f"{word}({number})" for number, word in enumerate(text.split(), 1))


def _after(text: str, words: int) -> int:
    """Return the character after so many words of a text."""
    ends = [0, *(match.end() for match in re.finditer(r"\S+", text))]
    return ends[min(max(0, words), len(ends) - 1)]
