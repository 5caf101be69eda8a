"""``confere audit``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import (
    json_option,
    passphrase_file_option,
    print_json,
    read_passphrase,
    vault_option,
)

if TYPE_CHECKING:
    from confere.acts.audit import Audited

_SIGNS = {"wrong": "!! ", "attention": "!  "}


@click.command("audit")
@click.option("--as", "name", help="Who audits: a reader. Without, only what needs no secret.")
@click.option(
    "--since",
    multiple=True,
    metavar="FILE-or-TEXT",
    help="The log must continue this older state: a receipt, a checkpoint, an export's manifest, "
    "or 'SIZE ROOT' from paper. As often as needed.",
)
@click.option("--without-objects", is_flag=True, help="Do not read the audio files again.")
@click.option("--proof", metavar="RECORDING", help="Write the proof of one recording's custody.")
@click.option("--to", type=click.Path(path_type=Path), help="Where the proof is written.")
@click.option(
    "--accept", metavar="REASON", help="A lead takes an older state of the vault on purpose."
)
@json_option
@passphrase_file_option
@vault_option
def command(
    name: str | None,
    since: tuple[str, ...],
    without_objects: bool,
    proof: str | None,
    to: Path | None,
    accept: str | None,
    as_json: bool,
    passphrase_file: str | None,
    vault_path: Path | None,
) -> None:
    """Check everything there is, and say exactly what is wrong.

    Exit code 0: whole. 1: something is wrong. With --proof it writes the proof of one
    recording's custody instead, which anybody checks with scripts/verify_custody.py.
    """
    if (proof is None) != (to is None):
        raise click.UsageError("--proof RECORDING and --to FILE belong together")
    if proof is not None and accept is not None:
        raise click.UsageError("--proof and --accept do not go together")
    if name is None and (proof is not None or accept is not None):
        raise click.UsageError("--proof and --accept need to know who acts: --as NAME")
    if accept is not None and name is not None:
        _accept(vault_path, name, passphrase_file, accept)
    elif proof is not None and to is not None and name is not None:
        _prove(vault_path, name, passphrase_file, proof, to, since)
    else:
        _audit(vault_path, name, passphrase_file, since, without_objects, as_json)


def _audit(
    vault_path: Path | None,
    name: str | None,
    passphrase_file: str | None,
    since: tuple[str, ...],
    without_objects: bool,
    as_json: bool,
) -> None:
    from confere.acts.audit import Order, audit, audit_in_public
    from confere.wiring import keep_memory_private, pins
    from confere.wiring import vault_path as find

    with _progress() as progress:
        order = Order(since, not without_objects, progress)
        root = find(vault_path)
        if name is None:
            audited = audit_in_public(root, pins(), order)
        else:
            keep_memory_private()
            passphrase = read_passphrase(passphrase_file, f"Passphrase of {name}")
            audited = audit(root, pins(), name, passphrase, order)
    if as_json:
        print_json(_as_json(audited))
    else:
        _print(audited)
    if not audited.whole:
        raise SystemExit(1)


def _print(audited: Audited) -> None:
    report = audited.report
    for subject in report.subjects:
        nothing = not subject.count and not subject.wrong
        click.echo(f"{subject.name}: {'none' if nothing else f'{subject.count}, {subject.result}'}")
    if report.findings:
        click.echo()
    for finding in sorted(report.findings, key=lambda f: f.level == "attention"):
        colour = "red" if finding.level == "wrong" else "yellow"
        click.secho(f"{_SIGNS[finding.level]}{finding.about}: {finding.text}", fg=colour)
    if report.not_checked:
        click.echo("\nNot checked:")
    for what in report.not_checked:
        click.echo(f"   {what}")
    click.echo()
    click.echo(f"The log has {audited.log_size} entries; root {_root(audited)}")
    wrong = len(report.wrong)
    if wrong:
        click.secho(f"WRONG: {wrong} finding(s). Keep the files as they are, and tell the lead.")
    elif report.not_checked:
        click.echo("Nothing wrong in what was checked.")
    else:
        click.echo("WHOLE: everything was checked, and nothing is wrong.")


def _as_json(audited: Audited) -> dict[str, object]:
    report = audited.report
    return {
        "whole": audited.whole,
        "subjects": [
            {"subject": s.name, "count": s.count, "wrong": s.wrong, "result": s.result}
            for s in report.subjects
        ],
        "findings": [
            {"level": f.level, "about": f.about, "finding": f.text} for f in report.findings
        ],
        "not_checked": report.not_checked,
        "log_size": audited.log_size,
        "log_root": _root(audited),
        "told": audited.told,
    }


def _root(audited: Audited) -> str:
    """The root as checkpoints and receipts write it."""
    import base64

    return base64.b64encode(bytes.fromhex(audited.log_root)).decode()


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    from confere.cli.progress import bar

    with bar("audit") as tell:
        yield lambda _what, done, of: tell(done, of)


def _prove(
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
    recording: str,
    to: Path,
    since: tuple[str, ...],
) -> None:
    from confere.acts.audit.proof import prove
    from confere.cli.options import desk

    with desk(vault_path, name, passphrase_file) as at:
        proved = prove(at, recording, to, since)
    click.echo(f"The custody of recording {proved.recording}, {proved.events} events: {to}")
    click.echo(f"roster/1.note has SHA-256 {proved.roster_sha256}")
    click.echo("Give that digest on another way than the file. Whoever has both checks them with")
    click.echo(f"  python verify_custody.py {to.name} --roster-sha256 {proved.roster_sha256}")


def _accept(vault_path: Path | None, name: str, passphrase_file: str | None, reason: str) -> None:
    from confere.acts.audit.accept import accept_older
    from confere.wiring import keep_memory_private, pins
    from confere.wiring import vault_path as find

    keep_memory_private()
    passphrase = read_passphrase(passphrase_file, f"Passphrase of {name}")
    lost = accept_older(find(vault_path), pins(), name, passphrase, reason)
    click.echo("This machine had seen a newer state of the vault. What it shows now lacks:")
    for line in lost:
        click.echo(f"   {line}")
    click.echo(f"Accepted by {name}, and written into the custody log.")
