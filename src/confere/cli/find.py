"""``confere find``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, banner, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.vault.search import Hit, Spans


@click.command("find")
@click.argument("words", nargs=-1, metavar="[WORDS ...]")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Show at most so many segments.",
)
@json_option
@acting
def command(
    words: tuple[str, ...],
    limit: int,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the segments in which all the WORDS occur, in either text, shortest first.

    Capitals and accents do not matter: nao finds não. Words in quotation marks are a phrase. Without
    WORDS they are asked for, and so stay out of the shell's history. Whose texts were shown to you is
    written to the custody log.
    """
    from confere.acts.find import find
    from confere.vault.search import MOST_COUNTED

    with desk(vault_path, name, passphrase_file) as at:
        asked = " ".join(map(_as_typed, words)) or click.prompt("Find", err=True)
        found = find(at, asked, limit)
        practice = at.roster.practice
    if as_json:
        segments = [_as_json(hit) for hit in found.hits]
        print_json({"count": found.count, "practice": practice, "segments": segments})
        return
    banner(practice)
    for hit in found.hits:
        _print(hit)
    more = f", the best {len(found.hits)} shown" if len(found.hits) < found.count else ""
    least = "at least " if found.count == MOST_COUNTED else ""
    click.echo(f"{least}{found.count} segment(s){more}.")


def _as_typed(word: str) -> str:
    """Give a phrase its quotation marks back: the shell took them."""
    return f'"{word}"' if " " in word and '"' not in word else word


def _print(hit: Hit) -> None:
    from confere.domain import clock

    click.secho(
        f"{hit.recording_id}  {hit.position:>4}  {clock(hit.start_ms)[:-2]}"
        f"  {hit.speaker:<4} {hit.language}  {hit.state}",
        dim=True,
    )
    click.echo(f"      {_marked(hit.source, hit.source_hits)}")
    if hit.target != hit.source:
        click.echo(f"      {_marked(hit.target, hit.target_hits)}")


def _marked(text: str, spans: Spans) -> str:
    """Put asterisks round the hits, and let them shine where there are colours."""
    shown, at = "", 0
    for start, end in spans:
        shown += text[at:start] + click.style(f"*{text[start:end]}*", bold=True)
        at = end
    return shown + text[at:]


def _as_json(hit: Hit) -> dict[str, object]:
    return {
        "recording": hit.recording_id,
        "segment": hit.position,
        "id": hit.segment_id,
        "start_ms": hit.start_ms,
        "end_ms": hit.end_ms,
        "speaker": hit.speaker,
        "language": hit.language,
        "state": hit.state,
        "source": hit.source,
        "source_hits": [list(span) for span in hit.source_hits],
        "target": hit.target,
        "target_hits": [list(span) for span in hit.target_hits],
    }
