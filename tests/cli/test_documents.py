"""The guide cannot drift: every command, setting and exit code stands in it."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from confere.cli import COMMANDS, confere
from confere.cli.exit_codes import TABLE
from confere.domain.settings import Settings, render

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
JSON = (ROOT / "docs" / "json.md").read_text("utf-8")


def every_command() -> list[tuple[str, click.Command]]:
    """Return each command with its full name; groups are opened."""
    found: list[tuple[str, click.Command]] = []
    for name, _, _ in COMMANDS:
        command = confere.get_command(click.Context(confere), name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", c) for sub, c in command.commands.items()]
        else:
            found.append((name, command))
    return found


def test_every_command_and_option_is_in_the_guide() -> None:
    """What can be typed can be looked up."""
    for name, command in every_command():
        assert f"`confere {name}`" in GUIDE, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                long = next(o for o in parameter.opts if o.startswith("--"))
                assert re.search(rf"{long}\b", GUIDE), f"{name} {long}"


def typed_commands() -> list[str]:
    """Return the command lines that the README and the guide show."""
    text = (ROOT / "README.md").read_text("utf-8") + GUIDE
    lines = re.findall(r"^(?:\$ )?(confere .*)$", text, re.MULTILINE)
    return [*lines, *re.findall(r"`(confere [a-z][^`]*[A-Z/][^`]*)`", GUIDE)]


@pytest.mark.parametrize("line", typed_commands())
def test_what_the_documents_type_can_be_typed(line: str) -> None:
    """Every command line shown is one that the command line reads."""
    words = shlex.split(line.partition("  #")[0])[1:]
    command: click.Command = confere
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, name
        command = found
    taken = [word for word in words if word not in ("...", "[...]")]
    if "--as" not in taken and any("--as" in p.opts for p in command.params):
        taken += ["--as", "somebody"]
    command.make_context(command.name, taken)


def test_every_command_with_json_is_described() -> None:
    """What --json prints stands in docs/json.md, field by field."""
    for name, command in every_command():
        if any("--json" in p.opts for p in command.params):
            assert re.search(rf"## `confere {name}( RECORDING)? --json`", JSON), name


def test_every_setting_is_in_the_guide() -> None:
    """With its default."""
    for part in fields(Settings):
        values = getattr(Settings(), part.name)
        for key in fields(values):
            assert f"| `[{part.name}] {key.name}` |" in GUIDE, key.name


def test_the_example_configuration_is_the_defaults() -> None:
    """The commented example is what a new vault gets."""
    example = (ROOT / "config" / "confere.example.toml").read_text("utf-8")
    assert example == render(Settings())


@pytest.mark.parametrize(("family", "code", "meaning"), TABLE)
def test_every_exit_code_is_in_the_guide(family: type, code: int, meaning: str) -> None:
    """The one table is the guide's table."""
    assert f"| {code} | {meaning} |" in GUIDE


def test_every_family_of_errors_has_its_code() -> None:
    """A new family without a code would end as 1."""
    from confere import errors

    families = [
        c
        for c in vars(errors).values()
        if isinstance(c, type) and errors.ConfereError in c.__bases__
    ]
    assert {f for f, _, _ in TABLE} == set(families)
    assert len({code for _, code, _ in TABLE}) == len(TABLE)
