"""``confere serve``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import show_digest, vault_option

if TYPE_CHECKING:
    from confere.web.tls import Tls

#: Nothing else is known to use it.
PORT = 8420


@click.command("serve")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="The name or address in the network that people type; repeatable. Needs --tls.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The port; 0 takes any that is free.",
)
@click.option("--tls", is_flag=True, help="HTTPS, with a certificate authority of your own.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="HTTPS with this certificate (PEM, with its chain) instead.",
)
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="FILE", help="The certificate's key (PEM)."
)
@vault_option
def command(
    hosts: tuple[str, ...],
    port: int,
    tls: bool,
    certificate: Path | None,
    key: Path | None,
    vault_path: Path | None,
) -> None:
    """Open the page on which people correct, verify and sign.

    On this machine only, unless --host and --tls are given. Everybody signs in with name and
    passphrase; whoever does nothing for a while is locked. Ctrl-C locks everybody.
    """
    from confere.web.opening import open_page
    from confere.web.serving import LOOPBACK, checked
    from confere.wiring import find_vault, keep_memory_private
    from confere.wiring import vault_path as place_of

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together.")
    vault = find_vault(vault_path)
    keep_memory_private()  # passphrases go through this process
    names = checked(hosts or LOOPBACK, secure=tls or certificate is not None)
    secured = _tls(tls, certificate, key, names)
    page = open_page(place_of(vault_path), vault.settings.web, names, port, secured)
    for url in page.place.urls:
        click.echo(f"The page is open at {url}")
    if secured is not None:
        _show_fingerprints(secured, page.place.urls[0])
    click.echo(f"A session locks after {vault.settings.web.lock_minutes} minutes. Ctrl-C ends all.")
    page.serve()
    click.echo("The page is closed; everybody is locked.")


def _tls(
    wanted: bool, certificate: Path | None, key: Path | None, names: Sequence[str]
) -> Tls | None:
    from confere.acts.desk import utc_now
    from confere.web import tls
    from confere.wiring import state

    if certificate is not None and key is not None:
        return tls.given(certificate, key, names, utc_now())
    return tls.own(state(), names, utc_now()) if wanted else None


def _show_fingerprints(tls: Tls, url: str) -> None:
    """What people compare with what their browser, or their phone, shows them."""
    if tls.authority:
        click.echo(f"Phones and laptops of the team install its authority once: {url}authority.crt")
        click.echo("  Before they trust it they compare its SHA-256:")
        show_digest(tls.authority_sha256)
    click.echo(f"SHA-256 of the certificate itself, until {tls.facts.not_after:%Y-%m-%d}:")
    show_digest(tls.facts.sha256)
