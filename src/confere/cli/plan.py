"""``confere plan``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.acts.desk import Desk
    from confere.acts.plan import Look
    from confere.domain import Transcript
    from confere.review.sampling import Sample
    from confere.vault.draws import Stated


def _percent(value: str) -> int:
    """Return a percentage per mille: whole numbers are kept, and one decimal is enough."""
    try:
        permille = Decimal(value) * 10
    except InvalidOperation:
        permille = Decimal("NaN")
    if not permille.is_finite() or permille != int(permille):
        raise click.BadParameter(f"'{value}' is no percentage with at most one decimal, as in 12.5")
    return int(permille)


@click.group("plan")
def command() -> None:
    """State and show how much of a transcript is verified; draw what is."""


@command.command("set")
@click.option(
    "--share", required=True, type=_percent, metavar="PERCENT", help="Of all segments, drawn."
)
@click.option(
    "--bound",
    required=True,
    type=_percent,
    metavar="PERCENT",
    help="Of wrong segments: a share above it must be refuted, or all are verified.",
)
@json_option
@acting
def set_(
    share: int,
    bound: int,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Verify what is marked and a random share, of what is drafted from now on."""
    from confere.acts.plan import state_plan
    from confere.review.sampling import require_shares

    require_shares(share, bound)
    with desk(vault_path, name, passphrase_file) as at:
        stated = state_plan(at, share, bound)
    _print_stated(stated, as_json)


@command.command("full")
@json_option
@acting
def full(as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Verify every segment, of what is drafted from now on. So it is without any plan."""
    from confere.acts.plan import state_plan
    from confere.vault.draws import EVERYTHING

    with desk(vault_path, name, passphrase_file) as at:
        stated = state_plan(at, EVERYTHING, 0)
    _print_stated(stated, as_json)


@command.command("show")
@click.argument("recording", required=False)
@json_option
@acting
def show(
    recording: str | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the plan for what is drafted from now on; or a RECORDING's own, and what came of it."""
    from confere.acts.plan import in_force, look_at_plan

    with desk(vault_path, name, passphrase_file) as at:
        if recording is None:
            _print_stated(in_force(at), as_json)
        else:
            _print_look(look_at_plan(at, recording), as_json)


@command.command("draw")
@click.argument("recording")
@json_option
@acting
def draw(
    recording: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show the seed of a RECORDING whose correction is done, and draw what is verified.

    For verifiers and leads who worked on none of it. Whatever is changed from then on is verified.
    """
    from confere.acts.plan import show_seed

    with desk(vault_path, name, passphrase_file) as at:
        look = show_seed(at, recording)
    _print_look(look, as_json)


def spared(at: Desk, transcript: Transcript) -> frozenset[str]:
    """Return the segments that the plan of a transcript leaves out, as it stands now."""
    from confere.acts.plan import sampled
    from confere.review.sampling import Outcome

    sample = sampled(at, transcript)
    if sample is None or sample.verdict.outcome is Outcome.FULL:
        return frozenset()
    return sample.draw.rest


def _print_stated(stated: Stated, as_json: bool) -> None:
    from confere.review.sampling import least_drawn

    least = 0 if stated.full else least_drawn(stated.bound_permille)
    if as_json:
        print_json(
            {
                "share": stated.share_permille / 10,
                "bound": stated.bound_permille / 10,
                "least_drawn": least,
                "by": stated.by,
                "at": stated.at,
            }
        )
        return
    by = f" ({stated.by}, {stated.at})" if stated.number else ""
    if stated.full:
        click.echo(f"Every segment is verified{by}.")
        return
    click.echo(
        f"Verified is what is marked and {stated.share_permille / 10:g} % of all segments, drawn;"
        f" everything, if more than {stated.bound_permille / 10:g} % wrong cannot be refuted{by}."
    )
    least_in_all = -(-least * 1000 // stated.share_permille)
    click.echo(
        f"  That takes {least} drawn segment(s) without an error: transcripts shorter than about"
        f" {least_in_all} segments are verified whole."
    )
    click.echo("  Let somebody draft who will correct nothing: whoever drafts makes the seed.")


def _print_look(look: Look, as_json: bool) -> None:
    if as_json:
        print_json(_look_as_json(look))
        return
    if look.binding is None:
        click.echo("Bound to no plan: every segment is verified.")
        return
    share, bound = look.binding.share_permille / 10, look.binding.bound_permille / 10
    click.echo(f"Bound to a plan of {share:g} % with a bound of {bound:g} %, at {look.binding.at}.")
    if look.shown is None or look.sample is None:
        click.echo("The seed was not shown: every segment is verified, unless it is.")
        return
    click.echo(f"{look.shown.by} showed the seed at {look.shown.at}: {look.shown.seed.hex()}")
    verdict, all_ = look.sample.verdict, len(look.transcript.segments)
    marked, rest = len(look.sample.draw.marked), len(look.sample.draw.rest)
    click.echo(
        f"{all_ - rest} of {all_} segments to verify: {marked} marked, {verdict.sample} drawn besides."
    )
    click.echo(
        f"Of these {verdict.sample}, {verdict.checked} were checked and {verdict.wrong} found wrong."
    )
    click.echo(_outcome(look.sample, rest))


def _outcome(sample: Sample, rest: int) -> str:
    from confere.review.sampling import Outcome

    if sample.verdict.outcome is Outcome.FULL:
        return "More wrong segments than the bound cannot be refuted: every segment is verified."
    if sample.verdict.outcome is Outcome.ENOUGH:
        return f"That is enough: {rest} may be signed as they stand, marked as unverified."
    return "Go on: nothing is left out before all of these were checked."


def _look_as_json(look: Look) -> dict[str, Any]:
    binding, shown, sample = look.binding, look.shown, look.sample
    numbers = {s.id: s.position for s in look.transcript.segments}
    rest = sample.draw.rest if sample else frozenset()
    verdict = sample.verdict if sample else None
    return {
        "recording": look.transcript.recording.id,
        "share": binding.share_permille / 10 if binding else 100.0,
        "bound": binding.bound_permille / 10 if binding else 0.0,
        "commitment": binding.commitment if binding else None,
        "bound_at": binding.at if binding else None,
        "seed": shown.seed.hex() if shown else None,
        "shown_by": shown.by if shown else None,
        "shown_at": shown.at if shown else None,
        "marked": sorted(numbers[i] for i in sample.draw.marked) if sample else None,
        "drawn": sorted(numbers[i] for i in sample.draw.drawn) if sample else None,
        "rest": sorted(numbers[i] for i in rest) if sample else None,
        "sample": verdict.sample if verdict else None,
        "checked": verdict.checked if verdict else None,
        "wrong": verdict.wrong if verdict else None,
        "upper": round(verdict.upper, 4) if verdict else None,
        "outcome": str(verdict.outcome) if verdict else None,
    }
