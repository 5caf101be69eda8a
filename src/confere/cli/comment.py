"""``confere comment``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.vault.comments import Comment


@click.group("comment")
def command() -> None:
    """Comment on a segment, to somebody; list and resolve comments."""


@command.command("add")
@click.argument("recording")
@click.argument("segment")
@click.argument("text", required=False)
@click.option("--to", "to", multiple=True, metavar="NAME", help="Who should see to it; repeatable.")
@json_option
@acting
def add(
    recording: str,
    segment: str,
    text: str | None,
    to: tuple[str, ...],
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Comment on a SEGMENT (its number or id) of a RECORDING.

    Without TEXT it is asked for, and so stays out of the shell's history. A comment changes no state,
    and makes you no author.
    """
    from confere.acts.comment import add_comment

    with desk(vault_path, name, passphrase_file) as at:
        words = click.prompt("Comment", err=True) if text is None else text
        comment = add_comment(at, recording, segment, words, to)
    if as_json:
        print_json(_as_json(comment))
        return
    addressed = f" to {', '.join(comment.addressed)}" if comment.addressed else ""
    click.echo(f"comment {comment.id}{addressed}, on segment {comment.position}")


@command.command("list")
@click.argument("recording", required=False)
@click.option("--mine", is_flag=True, help="Only those addressed to you.")
@click.option("--resolved", is_flag=True, help="Those that were resolved, too.")
@json_option
@acting
def list_(
    recording: str | None,
    mine: bool,
    resolved: bool,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the open comments, of one RECORDING or of all. That you read them is told in the log."""
    from confere.acts.comment import list_comments

    with desk(vault_path, name, passphrase_file) as at:
        found = list_comments(at, recording or "", mine=mine, resolved=resolved)
    if as_json:
        print_json([_as_json(comment) for comment in found])
        return
    for comment in found:
        _print(comment)
    if not found:
        click.echo("No comments.")


@command.command("resolve")
@click.argument("comment_id", metavar="COMMENT")
@json_option
@acting
def resolve(
    comment_id: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Resolve a COMMENT, named by the beginning of its id: yours, or addressed to you; leads any."""
    from confere.acts.comment import resolve as act

    with desk(vault_path, name, passphrase_file) as at:
        comment = act(at, comment_id)
    if as_json:
        print_json(_as_json(comment))
    else:
        click.echo(f"comment {comment.id} is resolved")


def _print(comment: Comment) -> None:
    to = f" to {', '.join(comment.addressed)}" if comment.addressed else ""
    ended = "" if comment.is_open else f"  resolved by {comment.resolved_by}"
    click.secho(
        f"{comment.id}  {comment.recording_id}  segment {comment.position}"
        f"  {comment.by}{to}  {comment.at[:16]}{ended}",
        dim=True,
    )
    for line in comment.text.splitlines():
        click.echo(f"      {line}")


def _as_json(comment: Comment) -> dict[str, Any]:
    return {
        "comment": comment.id,
        "recording": comment.recording_id,
        "segment": comment.position,
        "segment_id": comment.segment_id,
        "by": comment.by,
        "at": comment.at,
        "to": list(comment.addressed),
        "text": comment.text,
        "resolved_by": comment.resolved_by,
        "resolved_at": comment.resolved_at,
    }
