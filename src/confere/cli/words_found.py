"""``confere words``: what the list touches, and what corrections propose for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, banner, desk, json_option, print_json
from confere.domain import WordEntry, WordStatus

if TYPE_CHECKING:
    from confere.acts.desk import Desk
    from confere.acts.words import Changed, Proposed, Reached, TouchedSegment


@click.command("proposals")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Show at most so many.",
)
@json_option
@acting
def proposals(
    limit: int, as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Show corrections that recur and are not on the list: in three segments or more, most first.

    Nothing is put on the list by itself. Whose words are shown to you is written to the custody log.
    """
    from confere.acts.words import propose

    with desk(vault_path, name, passphrase_file) as at:
        count, found = propose(at, limit)
        practice = at.roster.practice
    if as_json:
        shown = [_proposed_as_json(one) for one in found]
        print_json({"count": count, "practice": practice, "proposals": shown})
        return
    banner(practice)
    for one in found:
        _print_proposed(one)
    if not found:
        click.echo("No correction recurs that is not on the list.")
    elif count > len(found):
        click.echo(f"{count} proposals, {len(found)} shown (--limit).")


@click.command("accept")
@click.argument("proposal", metavar="PROPOSAL")
@click.option("--target", help="Its translation, instead of the one that is proposed.")
@click.option("--keep", is_flag=True, help="It stays in the translation as it is said.")
@click.option("--note", default="", help="For the people; the machine does not read it.")
@acting
def accept(
    proposal: str,
    target: str | None,
    keep: bool,
    note: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Put one PROPOSAL on the list, named by the beginning of its key.

    Of a misheard word nobody has said yet how it is translated: then it is asked for.
    """
    from confere.acts.words import accept as act
    from confere.acts.words import find_proposal

    if keep and target is not None:
        raise click.UsageError("either --target or --keep")
    with desk(vault_path, name, passphrase_file) as at:
        found = find_proposal(at, proposal)
        entry = found.proposal.entry
        kept = keep or (entry.status is WordStatus.KEEP and target is None)
        if not kept and not (target or entry.target):
            _print_proposed(found, err=True)
            target = click.prompt("Translated as", err=True)
        status = WordStatus.KEEP if kept else WordStatus.REQUIRED
        print_changed(act(at, found, target=target or "", status=status, note=note))


@click.command("touched")
@click.argument("entries", nargs=-1, metavar="[ENTRY ...]")
@click.option(
    "--since",
    type=click.IntRange(min=0),
    help="What was changed since this version; 0 is every entry. Otherwise the last change.",
)
@click.option("--recording", help="Show the segments of this recording.")
@json_option
@acting
def touched(
    entries: tuple[str, ...],
    since: int | None,
    recording: str | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Count the open segments of which the last change of the list speaks, or the ENTRYs named.

    They are pointed at, and that is all: nothing in them changes, and a verified one stays verified.
    With --recording they are shown, which is written to the custody log.
    """
    from confere.acts.words import reach_of, show_touched

    if entries and since is not None:
        raise click.UsageError("either ENTRYs or --since")
    reached: tuple[Reached, ...] = ()
    segments: tuple[TouchedSegment, ...] = ()
    with desk(vault_path, name, passphrase_file) as at:
        wanted = _wanted(at, entries, since)
        practice = at.roster.practice
        if recording is None:
            reached = reach_of(at, wanted)
        else:
            recording, segments = show_touched(at, recording, wanted)
    if as_json:
        told = [entry_as_json(entry) for entry in wanted]
        shown = {"recordings": [_reached_as_json(one) for one in reached]}
        if recording is not None:
            shown = {"segments": [_segment_as_json(item) for item in segments]}
        print_json({"practice": practice, "entries": told, **shown})
        return
    if recording is None:
        _print_reached(reached)
        return
    banner(practice)
    for item in segments:
        _print_segment(item)
    if not segments:
        click.echo("No open segment of this recording is touched.")


COMMANDS = (proposals, accept, touched)


def _wanted(at: Desk, given: tuple[str, ...], since: int | None) -> tuple[WordEntry, ...]:
    from confere.acts.words import changed_since, find_entry, list_words

    if not given:
        return changed_since(at, since)
    words = list_words(at)
    return tuple(words.entries[find_entry(words, one) - 1] for one in given)


# --- how it is shown -------------------------------------------------------------------------------


def counted(entries: int) -> str:
    """Return how many entries, in words."""
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def entry_as_json(entry: WordEntry) -> dict[str, str]:
    """Return an entry as every command prints it."""
    return {
        "source": entry.source,
        "target": entry.target,
        "status": entry.status.value,
        "note": entry.note,
    }


def print_entry(entry: WordEntry, before: str, *, err: bool = False) -> None:
    """Print an entry on a line, with its note."""
    said = {
        WordStatus.REQUIRED: f"{entry.source}: {entry.target}",
        WordStatus.FORBIDDEN: f"{entry.source}: never {entry.target}",
        WordStatus.KEEP: f"{entry.source}: as it is said",
    }[entry.status]
    click.echo(f"{before}{said}" + (f"  ({entry.note})" if entry.note else ""), err=err)


def print_changed(changed: Changed) -> None:
    """Print what a change did, and which open segments it touches."""
    words = changed.words
    for entry in changed.removed:
        print_entry(entry, "    - ")
    for entry in changed.added:
        print_entry(entry, "    + ")
    if not changed.added and not changed.removed and not words.number:
        click.echo("nothing to change: there is no word list yet")
        return
    done = "" if changed.added or changed.removed else ", as it was"
    click.echo(f"word list, version {words.number}: {counted(len(words.entries))}{done}")
    if changed.touched:
        _print_reached(changed.touched)


def _print_reached(reached: tuple[Reached, ...]) -> None:
    segments = sum(one.segments for one in reached)
    verified = sum(one.verified for one in reached)
    for one in reached:
        some = f", {one.verified} of them verified" if one.verified else ""
        click.echo(f"    {one.recording_id}  {one.segments} open segment(s){some}")
    if not reached:
        click.echo("No open segment is touched.")
        return
    click.echo(
        f"{segments} open segment(s) of {len(reached)} recording(s) touched, {verified} verified; "
        "none was changed. See them: confere words touched --recording ID"
    )


def _print_proposed(one: Proposed, *, err: bool = False) -> None:
    proposal = one.proposal
    where = f"{len(proposal.segments)} segments of {len(one.recordings)} recording(s)"
    side = "heard" if proposal.side == "source" else "translated"
    click.secho(
        f"{one.key}  {side} '{proposal.before}', corrected to '{proposal.after}' in {where}",
        dim=True,
        err=err,
    )
    entry = proposal.entry
    if entry.status is WordStatus.REQUIRED and not entry.target:
        click.echo(f"      {entry.source}: ? (accept asks for it)", err=err)
    else:
        print_entry(entry, "      ", err=err)


def _print_segment(item: TouchedSegment) -> None:
    text = item.text
    terms = ", ".join(dict.fromkeys(entry.source for entry in item.entries))
    click.secho(f"{text.position:>5}  {text.state}  {text.language}  {terms}", dim=True)
    click.echo(f"       {text.source}")
    if text.target != text.source:
        click.echo(f"       {text.target}")


def _proposed_as_json(one: Proposed) -> dict[str, Any]:
    proposal = one.proposal
    return {
        "proposal": one.key,
        "side": proposal.side,
        "before": proposal.before,
        "after": proposal.after,
        "entry": entry_as_json(proposal.entry),
        "segments": len(proposal.segments),
        "recordings": list(one.recordings),
    }


def _reached_as_json(one: Reached) -> dict[str, Any]:
    return {"recording": one.recording_id, "segments": one.segments, "verified": one.verified}


def _segment_as_json(item: TouchedSegment) -> dict[str, Any]:
    text = item.text
    return {
        "recording": text.recording_id,
        "segment": text.position,
        "id": text.segment_id,
        "language": text.language,
        "state": text.state.value,
        "source": text.source,
        "target": text.target,
        "terms": list(dict.fromkeys(entry.source for entry in item.entries)),
    }
