"""How a verifier says what kind of error they found, and how much it weighs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from confere.domain import ErrorKind, Judgement, Severity

F = TypeVar("F", bound=Callable[..., Any])


def judging(*, required: bool) -> Callable[[F], F]:
    """Add the options --kind and --severity."""

    def add(command: F) -> F:
        kind = click.option(
            "--kind",
            type=click.Choice([kind.value for kind in ErrorKind]),
            required=required,
            help="What kind of error it is.",
        )
        severity = click.option(
            "--severity",
            type=click.Choice([severity.value for severity in Severity]),
            required=required,
            help="How much it weighs.",
        )
        return kind(severity(command))

    return add


def judgement(kind: str | None, severity: str | None) -> Judgement | None:
    """Return what the two options say: both, or neither."""
    if kind is None and severity is None:
        return None
    if kind is None or severity is None:
        raise click.UsageError("--kind and --severity go together")
    return Judgement(ErrorKind(kind), Severity(severity))


def ask_error() -> Judgement:
    """Ask for both; a number is enough."""
    return Judgement(_choose("kind of error", ErrorKind), _choose("how much it weighs", Severity))


E = TypeVar("E", ErrorKind, Severity)


def _choose(question: str, values: type[E]) -> E:
    listed = list(values)
    click.echo("      " + "  ".join(f"{n} {value}" for n, value in enumerate(listed, 1)))
    number = click.prompt(f"      {question}", type=click.IntRange(1, len(listed)))
    return listed[number - 1]
