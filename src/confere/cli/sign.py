"""``confere sign``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, banner, desk, print_json, read_passphrase
from confere.domain import clock

if TYPE_CHECKING:
    from confere.acts.sign import Sheet


@click.command("sign")
@click.argument("recording")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--sheet", is_flag=True, help="Only show what would be signed.")
@click.option("--json", "as_json", is_flag=True, help="With --sheet: as JSON (docs/sign-off.md).")
@acting
def command(
    recording: str,
    yes: bool,
    sheet: bool,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Sign the whole transcript of a RECORDING.

    You sign that you verified every segment against the audio. Everything that you sign is shown, and
    your passphrase is asked for again. Afterwards nothing in it changes.
    """
    from confere.acts.sign import prepare, sign

    if as_json and not sheet:
        raise click.UsageError("--json goes with --sheet")
    passphrase = read_passphrase(passphrase_file, f"Passphrase of {name}")
    with desk(vault_path, name, passphrase_file, passphrase=passphrase) as at:
        prepared = prepare(at, recording)
        if as_json:
            print_json(prepared.document)
            return
        banner(prepared.practice)
        for line in _told(prepared):
            click.echo(line)
        if sheet:
            return
        if not yes:
            click.confirm("Sign?", abort=True)
        if passphrase_file is None:  # whoever sits there now may be somebody else
            passphrase = read_passphrase(None, f"Passphrase of {name}, to sign")
        signed = sign(at, recording, passphrase, prepared)
    click.echo(f"Signed by {name} at {signed.document['signed_at']}. SHA-256 {signed.digest}")
    click.echo("Nothing in this transcript changes any more.")


def _told(sheet: Sheet) -> Iterator[str]:
    """Say everything that is signed, in words."""
    value = sheet.document
    recording, counts = value["recording"], value["counts"]
    numbers = {segment["id"]: segment["position"] for segment in value["segments"]}
    yield (
        f"Recording {recording['id']}, {clock(recording['duration_ms'])} of sound, "
        f"version {value['version']}: {counts['segments']} segments, "
        f"{counts['verified']} verified by you, {counts['changed']} changed by people."
    )
    if value["previous"]:
        previous = value["previous"]
        yield (
            f"It follows version {previous['version']}, which {previous['by']} reopened: "
            f"{previous['reason']}"
        )
    yield f"Worked on it: {', '.join(value['correctors']) or 'nobody'}."
    yield f"Protocol: {value['study']['protocol']}. {_plan(value)}"
    yield from _errors(value["errors"])
    yield from _unplayed(value["segments"])
    for dismissed in value["checks_dismissed"]:
        yield (
            f"Dismissed by {dismissed['by']}, segment {numbers[dismissed['segment']]}, "
            f"{dismissed['level']}: {dismissed['message']}\n    because: {dismissed['reason']}"
        )
    still = ", ".join(f"{count} {level}" for level, count in value["checks_open"].items() if count)
    if still:
        yield f"The checks still see: {still} (confere check)."
    for comment in sheet.comments:
        yield f"Open comment by {comment.by}, segment {comment.position}: {comment.text}"
    yield f"\n{value['statement']['en']}\n\n{value['statement']['pt']}\n"


def _unplayed(segments: list[dict[str, Any]]) -> Iterator[str]:
    """Say each reason once: many segments may share it, and whoever signs must see the others."""
    numbers: dict[str, list[int]] = {}
    for segment in segments:
        if segment["unplayed_reason"]:
            numbers.setdefault(segment["unplayed_reason"], []).append(segment["position"])
    for reason, which in numbers.items():
        yield f"Not played, segment {_ranges(which)}: {reason}"


def _ranges(numbers: list[int]) -> str:
    """Return numbers as ``1-3, 7``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def _plan(value: dict[str, Any]) -> str:
    plan = value["plan"]
    if plan["kind"] == "full":
        return "Every segment is verified."
    left = value["counts"]["segments"] - value["counts"]["verified"]
    if not left:
        return "Every segment is verified."
    return (
        f"By the study's plan {plan['wrong']} of {plan['sample']} drawn segments were wrong: "
        f"{left} segments are signed without having been verified, and are marked as that."
    )


def _errors(errors: dict[str, dict[str, int]]) -> Iterator[str]:
    for kind, found in errors.items():
        weights = ", ".join(f"{count} {severity}" for severity, count in found.items())
        yield f"Errors found, {kind}: {weights}."
