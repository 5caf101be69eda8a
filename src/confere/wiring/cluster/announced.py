"""What a worker says of itself when it joins, and whether it is to be believed.

The scheduler passes it on, and so could put its own recipient in a worker's place. Therefore it is
signed with the key of the worker's certificate, and the certificate must say that it is a worker's
(`crypto.members`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confere import __version__
from confere.crypto import parse_recipient
from confere.crypto.members import is_from_worker
from confere.errors import BadKeyText


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that may be given orders: its name, and to whom they are sealed."""

    name: str
    recipient: str


def said(recipient: str, version: str) -> bytes:
    """Return the bytes that a worker signs."""
    return f"Confere, the bench of a worker\n{version}\n{recipient}\n".encode()


def believed(name: str, announced: Any, authority: bytes, now: datetime) -> Member | str:
    """Return a worker that may be given orders, or why it may not."""
    if not isinstance(announced, Mapping):
        return "is no worker of Confere's ('confere worker')"
    values = {str(key): str(value) for key, value in announced.items()}
    try:
        certificate = values["certificate"].encode()
        signature = bytes.fromhex(values["signature"])
        message = said(values["recipient"], values["confere"])
        parse_recipient(values["recipient"])
    except (KeyError, ValueError, BadKeyText):
        return "says nothing of itself that could be read"
    if not is_from_worker(certificate, authority, signature, message, now):
        return "shows no certificate of a worker (OU=worker) of this cluster's authority"
    if values["confere"] != __version__:
        return f"runs another version of Confere ({values['confere']}, here {__version__})"
    return Member(name, values["recipient"])
