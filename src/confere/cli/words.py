"""``confere words``: the list itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli import words_found
from confere.cli.options import acting, desk, json_option, print_json
from confere.cli.words_found import counted, entry_as_json, print_changed, print_entry
from confere.domain import WordEntry, WordStatus
from confere.errors import BadInput, StorageProblem, WordsMovedOn

if TYPE_CHECKING:
    from confere.acts.words import Version

_KINDS = click.Choice([status.value for status in WordStatus])
_version_option = click.option(
    "--version", "seen", type=click.IntRange(min=0), help="The version of the list that you saw."
)
_status_option = click.option(
    "--status",
    type=_KINDS,
    help="required: so it is translated; forbidden: so it is not; keep: it stays as it is said.",
)
_target_option = click.option("--target", help="Its translation; none for a word that is kept.")
_note_option = click.option("--note", help="For the people; the machine does not read it.")
_yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group("words")
def command() -> None:
    """The study's word list: what is translated so, what never, what stays as it is said.

    One list for the engines, for the checks and for people. Every version of it is kept for ever: no
    participant's name belongs into it.
    """


for found in words_found.COMMANDS:
    command.add_command(found)


@command.command("list")
@click.argument("text", required=False)
@click.option("--version", "number", type=click.IntRange(min=0), help="An older version.")
@json_option
@acting
def list_(
    text: str | None,
    number: int | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the word list, or the entries in which TEXT stands."""
    from confere.acts.words import get_version

    with desk(vault_path, name, passphrase_file) as at:
        words = get_version(at, number)
    wanted = (text or "").casefold()
    shown = [
        (place, entry)
        for place, entry in enumerate(words.entries, 1)
        if wanted in f"{entry.source}\n{entry.target}\n{entry.note}".casefold()
    ]
    if as_json:
        entries = [{"entry": place, **entry_as_json(entry)} for place, entry in shown]
        value = {"version": words.number, "by": words.by, "at": words.at, "entries": entries}
        print_json(value)
        return
    for place, entry in shown:
        print_entry(entry, f"{place:>4}  ")
    if not words.number:
        click.echo("There is no word list yet: 'confere words add' or 'import' begins one.")
        return
    some = f"{len(shown)} of " if len(shown) < len(words.entries) else ""
    click.echo(
        f"{some}{counted(len(words.entries))}, version {words.number}, by {words.by}, {words.at[:10]}"
    )


@command.command("add")
@click.argument("source", required=False)
@_target_option
@_status_option
@_note_option
@_version_option
@acting
def add(
    source: str | None,
    target: str | None,
    status: str | None,
    note: str | None,
    seen: int | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Add SOURCE to the list: a word or a few, as they are said.

    What is not given is asked for, and so stays out of the shell's history.
    """
    from confere.acts.words import add_entry

    with desk(vault_path, name, passphrase_file) as at, _both_shown():
        entry = _asked(source, target, status, note)
        print_changed(add_entry(at, entry, seen))


@command.command("edit")
@click.argument("entry", metavar="ENTRY")
@click.option("--source", help="What is said.")
@_target_option
@_status_option
@_note_option
@_version_option
@_yes_option
@acting
def edit(
    entry: str,
    source: str | None,
    target: str | None,
    status: str | None,
    note: str | None,
    seen: int | None,
    yes: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Change an ENTRY, named by its number or its source. Without options it asks for each part."""
    from confere.acts.words import edit_entry, find_entry, get_version

    with desk(vault_path, name, passphrase_file) as at, _both_shown():
        words = get_version(at, seen)
        number = find_entry(words, entry)
        before = words.entries[number - 1]
        if source is target is status is note is None:
            after = _edited(before)
        else:
            after = _altered(before, source, target, status, note)
            _confirm(
                "Change", before, number, asking=not yes and seen is None and entry.isdecimal()
            )
        print_changed(edit_entry(at, number, after, words.number))


@command.command("remove")
@click.argument("entry", metavar="ENTRY")
@_version_option
@_yes_option
@acting
def remove(
    entry: str,
    seen: int | None,
    yes: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Take an ENTRY off the list, named by its number or its source. Older versions keep it.

    A number may mean another entry by now: without --version or --yes it is shown, and asked.
    """
    from confere.acts.words import find_entry, get_version, remove_entry

    with desk(vault_path, name, passphrase_file) as at, _both_shown():
        words = get_version(at, seen)
        number = find_entry(words, entry)
        asking = not yes and seen is None and entry.isdecimal()
        _confirm("Remove", words.entries[number - 1], number, asking=asking)
        print_changed(remove_entry(at, number, words.number))


@command.command("import")
@click.argument("file", metavar="FILE")
@click.option("--replace", "whole", is_flag=True, help="The file is the whole list from now on.")
@_version_option
@acting
def import_(
    file: str,
    whole: bool,
    seen: int | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Add the entries of a CSV FILE to the list; - is standard input.

    Columns: source, target, status, note, in UTF-8, with commas, semicolons or tabs. An entry that is on
    the list already is renewed; one that contradicts the list is refused, and nothing is imported.
    """
    from confere.acts.words import import_words

    if file == passphrase_file == "-":
        raise click.UsageError("the passphrase and the list cannot both come from '-'")
    with desk(vault_path, name, passphrase_file) as at, _both_shown():
        print_changed(import_words(at, _read(file), replace=whole, seen=seen))


@command.command("export")
@click.argument("file", metavar="FILE")
@click.option("--version", "number", type=click.IntRange(min=0), help="An older version.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@acting
def export(
    file: str,
    number: int | None,
    force: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Write the list to a CSV FILE; - is standard output. It is not encrypted there."""
    from confere.acts.words import export_words

    to = None if file == "-" else Path(file)
    with desk(vault_path, name, passphrase_file) as at:
        data = export_words(at, to, number=number, overwrite=force)
    if to is None:
        click.echo(data, nl=False)
        return
    click.echo(f"{len(data):>10}  {to}")
    click.secho(
        "This file is not encrypted: words of the interviews stand in it for anybody to read.",
        fg="yellow",
        err=True,
    )


@command.command("history")
@json_option
@acting
def history(as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Show who changed the list, when, and what: oldest first."""
    from confere.acts.words import history as act

    with desk(vault_path, name, passphrase_file) as at:
        versions = act(at)
    if as_json:
        print_json([_version_as_json(version) for version in versions])
        return
    for version in versions:
        words = version.words
        head = f"version {words.number}  {words.by}  {words.at[:16]}  {counted(len(words.entries))}"
        click.secho(head, dim=True)
        for entry in version.removed:
            print_entry(entry, "    - ")
        for entry in version.added:
            print_entry(entry, "    + ")
    if not versions:
        click.echo("There is no word list yet.")


def _version_as_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.words.number,
        "by": version.words.by,
        "at": version.words.at,
        "count": len(version.words.entries),
        "added": [entry_as_json(entry) for entry in version.added],
        "removed": [entry_as_json(entry) for entry in version.removed],
    }


# --- what is asked ---------------------------------------------------------------------------------


def _asked(
    source: str | None, target: str | None, status: str | None, note: str | None
) -> WordEntry:
    """Ask for what was not given; of somebody who gave the source, only for what there must be."""
    everything = source is None
    said = click.prompt("Said", err=True) if source is None else source
    if status is None and everything:
        status = click.prompt("Status", type=_KINDS, default=WordStatus.REQUIRED.value, err=True)
    which = WordStatus(status or WordStatus.REQUIRED)
    if target is None and which is not WordStatus.KEEP:
        label = "Not translated as" if which is WordStatus.FORBIDDEN else "Translated as"
        target = click.prompt(label, err=True)
    if note is None and everything:
        note = click.prompt("Note", default="", show_default=False, err=True)
    return WordEntry(said, target or "", which, note or "")


def _edited(before: WordEntry) -> WordEntry:
    """Ask for each part, with what it is now; Enter leaves it, and a hyphen empties the note."""
    source = click.prompt("Said", default=before.source, err=True)
    status = WordStatus(click.prompt("Status", type=_KINDS, default=before.status.value, err=True))
    target = ""
    if status is not WordStatus.KEEP:
        target = click.prompt("Target", default=before.target or None, err=True)
    note = click.prompt("Note (- for none)", default=before.note, err=True)
    return WordEntry(source, target, status, "" if note == "-" else note)


def _altered(
    before: WordEntry,
    source: str | None,
    target: str | None,
    status: str | None,
    note: str | None,
) -> WordEntry:
    which = before.status if status is None else WordStatus(status)
    if target is None:  # what was kept has none; the act says so if one is needed
        target = "" if which is WordStatus.KEEP else before.target
    return WordEntry(
        before.source if source is None else source,
        target,
        which,
        before.note if note is None else note,
    )


def _confirm(what: str, entry: WordEntry, number: int, *, asking: bool) -> None:
    if asking:
        print_entry(entry, f"{number:>4}  ", err=True)
        click.confirm(f"{what} this entry?", abort=True, err=True)


@contextmanager
def _both_shown() -> Iterator[None]:
    """Show what both changed when somebody else was faster."""
    try:
        yield
    except WordsMovedOn as conflict:
        for whose, changes in (("yours", conflict.mine), (conflict.by, conflict.theirs)):
            for told in changes:
                sign = "+" if told["change"] == "added" else "-"
                entry = WordEntry(
                    told["source"], told["target"], WordStatus(told["status"]), told["note"]
                )
                print_entry(entry, f"    {whose}: {sign} ", err=True)
        raise


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise StorageProblem(file, error.strerror or str(error)) from None
