"""``confere memory``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, banner, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.acts.suggest import Suggestion
    from confere.vault.memory_pairs import Origin, Pair


@click.group("memory")
def command() -> None:
    """How this study translated the same before.

    The memory is what a second person has verified, in this study, and nothing else. It suggests; it
    never puts anything into a segment. Whose texts are shown to you is written to the custody log.
    """


@command.command("suggest")
@click.argument("text", nargs=-1, metavar="[TEXT ...]")
@click.option("--recording", help="Suggest for a segment of this recording.")
@click.option("--segment", help="Which one: its number or id.")
@json_option
@acting
def suggest(
    text: tuple[str, ...],
    recording: str | None,
    segment: str | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show up to five verified pairs that are like TEXT, best first, from 75 of 100 on.

    Instead of TEXT, --recording and --segment name a segment. Without either, the text is asked for, and
    so stays out of the shell's history.
    """
    from confere.acts.suggest import TranslationMemory

    if (recording is None) != (segment is None):
        raise click.UsageError("--recording and --segment go together.")
    if recording is not None and text:
        raise click.UsageError("Either TEXT, or --recording and --segment.")
    with desk(vault_path, name, passphrase_file) as at:
        memory = TranslationMemory(at)
        if recording is not None and segment is not None:
            of, found = memory.suggest_for(recording, segment)
            asked = of.source
        else:
            asked = " ".join(text) or click.prompt("Text", err=True)
            found = memory.suggest(asked)
        practice = at.roster.practice
    if as_json:
        suggestions = [_as_json(one) for one in found]
        print_json({"text": asked, "practice": practice, "suggestions": suggestions})
        return
    banner(practice)
    if recording is not None:
        click.echo(f"      {asked}\n")
    for one in found:
        click.secho(_head("exact" if one.exact else str(one.score), one.pair, one.origin), dim=True)
        _print_texts(one.pair)
    if not found:
        click.echo("Nothing like it has been verified yet.")


@command.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Show at most so many pairs.",
)
@json_option
@acting
def list_(
    limit: int, as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Show the verified pairs of the study, those drafted last first, and how many there are."""
    from confere.acts.suggest import TranslationMemory

    with desk(vault_path, name, passphrase_file) as at:
        listed = TranslationMemory(at).newest(limit)
        practice = at.roster.practice
    if as_json:
        pairs = [_pair_as_json(pair, origin) for pair, origin in listed.pairs]
        print_json({"count": listed.count, "practice": practice, "pairs": pairs})
        return
    banner(practice)
    for pair, origin in listed.pairs:
        click.secho(_head("", pair, origin), dim=True)
        _print_texts(pair)
    shown = len(listed.pairs)
    click.echo(f"{listed.count} pair(s){f', {shown} shown' if shown < listed.count else ''}.")


def _head(score: str, pair: Pair, origin: Origin) -> str:
    where = f"{pair.recording_id}  {origin.number:>4}  {pair.language}"
    return f"{score:>5} {where}  verified by {origin.by}, {origin.at[:10]}"


def _print_texts(pair: Pair) -> None:
    click.echo(f"      {pair.source}")
    click.echo(f"      {pair.target}")


def _as_json(one: Suggestion) -> dict[str, object]:
    return {"score": one.score, "exact": one.exact, **_pair_as_json(one.pair, one.origin)}


def _pair_as_json(pair: Pair, origin: Origin) -> dict[str, object]:
    return {
        "recording": pair.recording_id,
        "segment": origin.number,
        "id": pair.segment_id,
        "language": pair.language,
        "source": pair.source,
        "target": pair.target,
        "verified_by": origin.by,
        "verified_at": origin.at,
    }
