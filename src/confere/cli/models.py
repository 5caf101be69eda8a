"""``confere models``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import json_option, print_json


@click.group("models")
def command() -> None:
    """List, install, import and check speech and translation models."""


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Show what is installed, and what could be."""
    from confere.models.catalogue import catalogue
    from confere.wiring import model_store

    store = model_store()
    installed = store.installed()
    known = {(m.manifest.kind, m.name) for m in installed}
    rows = [
        {
            "name": m.name,
            "kind": m.manifest.kind,
            "languages": list(m.manifest.languages),
            "size_bytes": m.manifest.size_bytes,
            "licence": m.manifest.licence,
            "practice": m.manifest.practice,
            "digest": m.digest,
            "installed": True,
            "installable": False,
        }
        for m in installed
    ] + [
        {
            "name": entry.name,
            "kind": entry.kind,
            "languages": list(entry.languages),
            "size_bytes": entry.size_bytes,
            "licence": entry.licence,
            "practice": False,
            "digest": None,
            "installed": False,
            "installable": entry.pinned,
        }
        for entry in catalogue()
        if (entry.kind, entry.name) not in known
    ]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            click.echo(_line(row))
    for problem in store.damaged():
        click.echo(f"{problem.message}\n  {problem.hint}", err=True)


def _line(row: dict[str, object]) -> str:
    size = f"{int(str(row['size_bytes'])) / 1e6:.0f} MB" if row["size_bytes"] else ""
    state = "installed" if row["installed"] else "can be installed"
    if not (row["installed"] or row["installable"]):
        state = "import only: no pinned digest"
    practice = ", practice only" if row["practice"] else ""
    languages = row["languages"] if isinstance(row["languages"], list) else []
    spoken = "many languages" if languages == ["*"] else " to ".join(languages)
    if row["kind"] == "speech" and languages != ["*"]:
        spoken = ", ".join(languages)
    return f"{row['name']:<24}{row['kind']:<13}{size:>8}  {spoken:<16}{state}{practice}"


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
