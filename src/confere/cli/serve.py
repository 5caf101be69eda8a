"""``confere serve``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import vault_option

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
@vault_option
def command(hosts: tuple[str, ...], port: int, vault_path: Path | None) -> None:
    """Open the page on which people correct, verify and sign.

    On this machine only, unless --host and --tls are given. Everybody signs in with name and
    passphrase; whoever does nothing for a while is locked. Ctrl-C locks everybody.
    """
    from confere.web.opening import open_page
    from confere.web.serving import LOOPBACK
    from confere.wiring import find_vault, keep_memory_private
    from confere.wiring import vault_path as place_of

    vault = find_vault(vault_path)
    keep_memory_private()  # passphrases go through this process
    page = open_page(place_of(vault_path), vault.settings.web, hosts or LOOPBACK, port)
    for url in page.place.urls:
        click.echo(f"The page is open at {url}")
    click.echo(f"A session locks after {vault.settings.web.lock_minutes} minutes. Ctrl-C ends all.")
    page.serve()
    click.echo("The page is closed; everybody is locked.")
