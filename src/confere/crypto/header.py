"""The header of an age file: a version line, one or more stanzas, and a MAC over both.

::

    age-encryption.org/v1
    -> X25519 XEl0dJ6y3C7KZkgmgWUicg63EyXJiwBJW8PdYJ/cYBE
    qRS0AMjdjPvZ/WT08U2KL4G+PIooA3hy38SvLpvaC1E
    --- HK2NmOBN9Dpq0Gw6xMCuhFcQlQLvZ/wQUi/2scLG75s

Source: C2SP age.md, "Header". There is exactly one way to write a header, and every other
spelling is refused: the MAC is computed over the bytes as they were read, never over bytes put
together again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from confere.crypto.errors import HeaderDamaged, HeaderMacWrong
from confere.crypto.kdf import hkdf
from confere.crypto.stanza import COLUMNS, Stanza, decode64, encode64

VERSION_LINE = b"age-encryption.org/v1\n"
ARGUMENT_LINE = re.compile(rb"-> ([\x21-\x7e]+(?: [\x21-\x7e]+)*)\n")
MAC_LINE = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
MAC_MARK = b"---"

# A memory bomb stops here. 600 hybrid recipients (1,600 bytes each) still fit.
HEADER_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Header:
    """A header as read. ``covered`` are its bytes through ``---``: those the MAC stands for."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes

    def verify(self, file_key: bytes) -> None:
        """Raise HeaderMacWrong unless this header was written by who chose the file key."""
        if not hmac.compare_digest(self.mac, _mac(file_key, self.covered)):
            raise HeaderMacWrong


def format_header(stanzas: Iterable[Stanza], file_key: bytes) -> bytes:
    """The whole header, MAC line included."""
    covered = VERSION_LINE + b"".join(map(bytes, stanzas)) + MAC_MARK
    return covered + b" " + encode64(_mac(file_key, covered)).encode("ascii") + b"\n"


def read_header(source: BinaryIO) -> Header:
    """Read a header, or raise HeaderDamaged; ``source`` is left at the first byte after it."""
    if source.readline(len(VERSION_LINE)) != VERSION_LINE:
        raise HeaderDamaged("it does not begin as an age v1 file")
    lines = _Lines(source)
    stanzas: list[Stanza] = []
    while not (line := lines.next()).startswith(MAC_MARK):
        stanzas.append(_read_stanza(line, lines))
    if not stanzas:
        raise HeaderDamaged("its header has no recipient")
    covered = bytes(lines.read[: -len(line)]) + MAC_MARK
    return Header(tuple(stanzas), covered, _read_mac(line))


def _read_stanza(first: bytes, lines: _Lines) -> Stanza:
    match = ARGUMENT_LINE.fullmatch(first)
    if match is None:
        raise HeaderDamaged("a line of its header is malformed")
    kind, *arguments = match[1].decode("ascii").split(" ")
    body = bytearray()
    while True:
        line = lines.next().removesuffix(b"\n")
        body += line
        if len(line) > COLUMNS:
            raise HeaderDamaged("a line of its header is too long")
        if len(line) < COLUMNS:
            break
    return Stanza(kind, tuple(arguments), _decode(bytes(body), "a stanza's body"))


def _read_mac(line: bytes) -> bytes:
    match = MAC_LINE.fullmatch(line)
    if match is None:
        raise HeaderDamaged("the last line of its header is malformed")
    return _decode(match[1], "the header's MAC")


def _decode(text: bytes, what: str) -> bytes:
    try:
        return decode64(text.decode("ascii"))
    except ValueError:  # UnicodeDecodeError is one
        raise HeaderDamaged(f"{what} is not canonical base64") from None


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, salt=b"", info=b"header"), covered, "sha256")


class _Lines:
    """The lines after the version line, kept as they were read, up to a limit."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.read = bytearray(VERSION_LINE)

    def next(self) -> bytes:
        room = HEADER_LIMIT_BYTES - len(self.read)
        line = self._source.readline(room)
        if not line.endswith(b"\n"):
            raise HeaderDamaged(
                "its header is cut off" if len(line) < room else "its header is too long"
            )
        self.read += line
        return line
