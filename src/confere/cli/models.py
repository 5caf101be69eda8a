"""``confere models``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import json_option, print_json, vault_option

if TYPE_CHECKING:
    from confere.models.catalogue import CatalogueEntry
    from confere.models.store import InstalledModel


@click.group("models")
def command() -> None:
    """List, install, import and check speech and translation models."""


@command.command("list")
@vault_option
@json_option
def list_(vault_path: Path | None, as_json: bool) -> None:
    """Show what is installed, what could be, and what the study's settings name.

    Whether a model is whole is told by the names and lengths of its files; every byte is compared by
    'confere models check', and before each drafting.
    """
    from confere.models.catalogue import catalogue
    from confere.wiring import model_store

    store = model_store()
    installed = store.installed()
    known = {(m.manifest.kind, m.name) for m in installed}
    others = [entry for entry in catalogue() if (entry.kind, entry.name) not in known]
    rows = [*map(_installed, installed), *map(_known, others)]
    wanted = _wanted(vault_path)
    if wanted is not None:
        for row in rows:
            row["used"] = (row["kind"], row["name"]) in wanted
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            click.echo(_line(row))
    for problem in store.damaged():
        click.echo(f"{problem.message}\n  {problem.hint}", err=True)
    for kind, name in sorted((wanted or set()) - {(row["kind"], row["name"]) for row in rows}):
        click.echo(
            f"The study's settings name a {kind} model '{name}', which nobody knows.", err=True
        )


def _installed(model: InstalledModel) -> dict[str, Any]:
    from confere.errors import DamagedModel
    from confere.models.store import check_lengths

    problem = None
    try:
        check_lengths(model)
    except DamagedModel as error:
        problem = error.message
    return {
        "name": model.name,
        "kind": model.manifest.kind,
        "languages": list(model.manifest.languages),
        "size_bytes": model.manifest.size_bytes,
        "licence": model.manifest.licence,
        "practice": model.practice,
        "digest": model.digest,
        "installed": True,
        "installable": False,
        "whole": problem is None,
        "problem": problem,
        "used": None,
    }


def _known(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "languages": list(entry.languages),
        "size_bytes": entry.size_bytes,
        "licence": entry.licence,
        "practice": False,
        "digest": None,
        "installed": False,
        "installable": entry.pinned,
        "whole": None,
        "problem": None,
        "used": None,
    }


def _wanted(given: Path | None) -> set[tuple[str, str]] | None:
    """Return what the study of a vault drafts with; None where there is no vault to ask."""
    from confere.wiring import find_vault, vault_path

    if given is None and not vault_path(None).exists():
        return None
    drafting = find_vault(given).settings.drafting
    return {
        ("speech", drafting.speech_model),
        *(("translation", name) for name in drafting.translation_models),
    }


def _line(row: dict[str, Any]) -> str:
    size = f"{row['size_bytes'] / 1e6:.0f} MB" if row["size_bytes"] else ""
    state = "installed" if row["installed"] else "can be installed"
    if not (row["installed"] or row["installable"]):
        state = "import only: no pinned digest"
    if row["problem"]:
        state = "DAMAGED"
    practice = ", practice only" if row["practice"] else ""
    used = ", this study's" if row["used"] else ""
    spoken = "many languages" if row["languages"] == ["*"] else ", ".join(row["languages"])
    if row["kind"] == "translation":
        spoken = " to ".join(row["languages"])
    line = f"{row['name']:<24}{row['kind']:<13}{size:>8}  {spoken:<16}{state}{practice}{used}"
    if row["problem"]:
        line += f"\n    {row['problem']}"
    if row["installed"]:
        line += f"\n    licence {row['licence']}, digest {row['digest']}"
    return line


@command.command("install")
@click.argument("names", nargs=-1, required=True, metavar="NAME ...")
@click.option("--mirror", metavar="URL", help="Fetch from here instead; the digests stay the same.")
def install(names: tuple[str, ...], mirror: str | None) -> None:
    """Download models from their usual places, with pinned digests; goes on where it stopped."""
    from confere.cli.progress import bar
    from confere.models.catalogue import look_up
    from confere.models.install import install as fetch
    from confere.wiring import model_store

    for entry in [look_up(name) for name in names]:
        with bar(entry.name) as progress:
            model = fetch(model_store(), entry, mirror=mirror, progress=progress)
        click.echo(f"{model.name}: installed, digest {model.digest}")


@command.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--name", help="Another name for it.")
def import_(source: Path, name: str | None) -> None:
    """Take a model from a folder, a stick or an .argosmodel file."""
    from confere.cli.progress import bar
    from confere.models.bring import import_model
    from confere.wiring import model_store

    with bar(source.name) as progress:
        model = import_model(model_store(), source, name, progress)
    click.echo(f"{model.name}: {model.manifest.kind} model imported, digest {model.digest}")


@command.command("check")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
def check(names: tuple[str, ...]) -> None:
    """Compare every byte of the installed models with their digests."""
    from confere.cli.progress import bar
    from confere.errors import ConfereError, ModelMissing
    from confere.models.store import check_files
    from confere.wiring import model_store

    store = model_store()
    models = [m for m in store.installed() if not names or m.name in names]
    missing = sorted(set(names) - {m.name for m in models})
    problems: list[ConfereError] = [*store.damaged(), *map(ModelMissing, missing)]
    for model in models:
        try:
            with bar(model.name) as progress:
                check_files(model, progress)
        except ConfereError as error:
            problems.append(error)
        else:
            click.echo(f"{model.name}: whole, digest {model.digest}")
    for problem in problems:
        click.echo(f"{problem.message}", err=True)
    if problems:
        raise problems[0]
