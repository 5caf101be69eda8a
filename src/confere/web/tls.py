"""The certificate of a page on a network: given, or under an authority of this account's own.

In the account's state folder, 0600, beside the machine's key:

====================  ====================================================================================
``authority.pem``     the authority's certificate: what phones and laptops of the team install
``authority.key``     its key. Who has it can pretend to be a server on a private network, to those who
                      installed it, and nothing else: its certificate says so
``server.pem``        the server's certificate and key, made anew when the names change or it ends soon
====================  ====================================================================================
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from confere.crypto import certificates
from confere.crypto.certificates import Facts, Pair
from confere.errors import BadInput, BadValue, DamagedVault
from confere.vault import Storage

AUTHORITY, AUTHORITY_KEY, SERVER = "web/authority.pem", "web/authority.key", "web/server.pem"
_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tls:
    """What the server speaks with, and what people compare before they trust it.

    ``authority`` and ``authority_sha256`` are empty when the certificate was given.
    """

    context: ssl.SSLContext
    facts: Facts
    authority: bytes = b""
    authority_sha256: str = ""


def own(state: Storage, names: Sequence[str], now: datetime) -> Tls:
    """Return TLS under the account's own authority, made the first time.

    Raises BadValue for a name that the authority, as it is installed already, may not speak for.
    """
    authority = _authority(state, names, now)
    if not _still_good(state, authority, names, now):
        pair = certificates.make_server(authority, names, now)
        state.write(SERVER, pair.certificate + pair.key, replace=True)
    return Tls(
        _context(state.path(SERVER), state.path(SERVER)),
        certificates.facts_of(state.read(SERVER)),
        authority.certificate,
        certificates.facts_of(authority.certificate).sha256,
    )


def given(certificate: Path, key: Path, names: Sequence[str], now: datetime) -> Tls:
    """Return TLS with a certificate that somebody gave; raises BadInput, BadValue."""
    read = certificates.read_pair(_read(certificate), _read(key), certificate.name)
    facts = certificates.facts_of(read.certificate)
    if not facts.not_before <= now < facts.not_after:
        raise BadInput(
            f"{certificate.name} holds from {facts.not_before:%Y-%m-%d} to {facts.not_after:%Y-%m-%d}",
            "Check the clock of this machine, or get a new certificate.",
        )
    for name in names:
        if not _names(facts, name):
            raise BadValue(
                f"{certificate.name} is not for {name}",
                f"It is for {', '.join(facts.names) or 'no name'}. Give one of these as --host.",
            )
    return Tls(_context(certificate, key), facts)


def _authority(state: Storage, names: Sequence[str], now: datetime) -> Pair:
    if not state.exists(AUTHORITY):
        made = certificates.make_authority(f"Confere, made {now:%Y-%m-%d}", names, now)
        state.write(AUTHORITY_KEY, made.key, replace=True)
        state.write(AUTHORITY, made.certificate)  # last: without it there is no authority
        return made
    kept = Pair(state.read(AUTHORITY), state.read(AUTHORITY_KEY))
    try:
        whole = certificates.is_pair(kept)
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise DamagedVault(f"{AUTHORITY} (this account's certificate authority)", "is damaged")
    for name in names:
        if not certificates.may_speak_for(kept.certificate, name):
            raise BadValue(
                f"the certificate authority of this account may not speak for {name}",
                f"It was made for other names. Remove {state.path(AUTHORITY)}, and install the new one "
                "on every machine of the team.",
            )
    return kept


def _still_good(state: Storage, authority: Pair, names: Sequence[str], now: datetime) -> bool:
    if not state.exists(SERVER):
        return False
    content = state.read(SERVER)
    try:
        facts = certificates.facts_of(content)
        whole = certificates.is_pair(Pair(content, content))
    except (ValueError, TypeError):
        return False
    in_time = facts.not_before <= now < facts.not_after - _SOON
    fits = set(facts.names) == {name.lower() for name in names}
    return whole and in_time and fits and certificates.is_under(content, authority.certificate)


def _names(facts: Facts, name: str) -> bool:
    """Whether a certificate is for a name; a star stands for one label (RFC 6125)."""
    name = name.lower()
    star = "*." + name.partition(".")[2]
    return name in facts.names or star in facts.names


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key)
    return context


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None
