"""``confere doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import json_option, print_json, vault_option

_SIGNS = {"ok": "ok  ", "warning": "!   ", "problem": "!!  "}


@click.command("doctor")
@vault_option
@json_option
def command(vault_path: Path | None, as_json: bool) -> None:
    """Tell what of this machine helps or endangers the vault; needs no passphrase."""
    import platformdirs

    from confere import wiring
    from confere.acts.examine import decoder, examine

    state = platformdirs.user_state_path("confere")  # where this machine's key is kept
    findings = examine(wiring.vault_path(vault_path), wiring.model_store(), state)
    findings.append(decoder())
    if as_json:
        print_json([{"level": f.level, "about": f.about, "finding": f.text} for f in findings])
    else:
        width = max(len(finding.about) for finding in findings)
        for finding in findings:
            click.echo(f"{_SIGNS[finding.level]}{finding.about:<{width}} {finding.text}")
    if any(f.level == "problem" for f in findings):
        raise SystemExit(1)
