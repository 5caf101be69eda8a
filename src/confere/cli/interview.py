"""``confere interview``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, desk, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confere.acts.interviews import Details, Saved
    from confere.vault.interviews import Filed

_LABELS = (
    ("participants", "participants"),
    ("interviewers", "interviewers"),
    ("interpreter", "interpreter"),
    ("languages", "languages"),
    ("consent", "consent"),
)


@click.group("interview")
def command() -> None:
    """Keep the register of interviews: site, date, codes, consent, notes; and whose recordings are whose.

    Participants stand in it by code (P01), never by name. Interpreters and leads write it.
    """


def _details(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is written."""
    options = (
        click.option("--site", help="The case-study city."),
        click.option("--date", "day", metavar="YYYY-MM-DD", help="The day, as people know it."),
        click.option("--participant", "participants", multiple=True, help="A code; repeatable."),
        click.option("--interviewer", "interviewers", multiple=True, help="Repeatable."),
        click.option("--interpreter", help="Who interpreted."),
        click.option("--language", "languages", multiple=True, help="Such as pt; repeatable."),
        click.option("--consent", help="How it was given, and to what."),
        click.option("--notes", help="Field notes; - asks for them, out of the shell's history."),
        click.option(
            "--recording",
            "recordings",
            multiple=True,
            help="What belongs to it, in order: all of them; repeatable.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@command.command("list")
@click.argument("interview", required=False)
@click.option("--site", default="", help="Only of this site.")
@json_option
@acting
def list_(
    interview: str | None,
    site: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the register by site and date; of one INTERVIEW everything, with its notes."""
    from confere.acts.interviews import get_interview, list_interviews

    with desk(vault_path, name, passphrase_file) as at:
        found = [get_interview(at, interview)] if interview else list_interviews(at, site)
    if as_json:
        print_json([_as_json(filed) for filed in found])
        return
    for filed in found:
        _print(filed, whole=interview is not None)
    if not found:
        click.echo("No interviews.")


@command.command("add")
@_details
@json_option
@acting
def add(
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
    recordings: tuple[str, ...],
    **given: Any,
) -> None:
    """Enter an interview; every offloaded recording has one already, which 'edit' fills in."""
    from confere.acts.interviews import add_interview

    with desk(vault_path, name, passphrase_file) as at:
        saved = add_interview(at, _written(given), recordings)
    _tell(saved, as_json)


@command.command("edit")
@click.argument("interview")
@_details
@click.option(
    "--version", "seen", type=click.IntRange(min=0), help="The version of it that you saw."
)
@json_option
@acting
def edit(
    interview: str,
    seen: int | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
    recordings: tuple[str, ...],
    **given: Any,
) -> None:
    """Write in an INTERVIEW, named by the beginning of its id. What is not given stays; '' empties.

    With --recording, those and no others belong to it, in this order; one that is left out gets an
    interview of its own.
    """
    from confere.acts.interviews import edit_interview

    with desk(vault_path, name, passphrase_file) as at:
        saved = edit_interview(at, interview, _written(given), recordings or None, seen)
    _tell(saved, as_json)


def _written(given: dict[str, Any]) -> Details:
    from confere.acts.interviews import Details

    notes = given["notes"]
    if notes == "-":
        notes = click.prompt("Notes", default="", show_default=False, err=True)
    lists = {n: given[n] or None for n in ("participants", "interviewers", "languages")}
    return Details(
        site=given["site"],
        date=given["day"],
        interpreter=given["interpreter"],
        consent=given["consent"],
        notes=notes,
        **lists,
    )


def _tell(saved: Saved, as_json: bool) -> None:
    for field, words in saved.named.items():
        click.secho(
            f"A name of the identity key may stand in the {field}: {', '.join(words)}",
            fg="yellow",
            err=True,
        )
    if as_json:
        print_json(_as_json(saved.filed))
    else:
        _print(saved.filed, whole=True)


def _print(filed: Filed, *, whole: bool) -> None:
    it = filed.interview
    where = ", ".join(filter(None, (it.site, it.date))) or "nothing written yet"
    click.echo(f"{it.id}  {where}  {_joined(it.participants)}".rstrip())
    if whole:
        for field, label in _LABELS[1:]:
            told = _joined(getattr(it, field))
            if told:
                click.echo(f"  {label:<13} {told}")
    for recording in filed.recordings:
        click.echo(f"  part {recording.part:<8} {recording.id}")
    if whole and it.notes:
        click.echo("  notes")
        for line in it.notes.splitlines():
            click.echo(f"    {line}")
    if whole and it.version:
        click.secho(f"  version {it.version}, {filed.by}, {filed.at[:16]}", dim=True)


def _joined(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _as_json(filed: Filed) -> dict[str, Any]:
    it = filed.interview
    return {
        "interview": it.id,
        "version": it.version,
        "site": it.site,
        "date": it.date,
        "participants": list(it.participants),
        "interviewers": list(it.interviewers),
        "interpreter": it.interpreter,
        "languages": list(it.languages),
        "consent": it.consent,
        "notes": it.notes,
        "recordings": [recording.id for recording in filed.recordings],
        "by": filed.by,
        "at": filed.at,
    }
