"""Messages between the front and a keeper: JSON, and raw bytes behind it.

======  =====================================================
bytes   what
======  =====================================================
4       length of the JSON, big-endian
4       length of the raw bytes, big-endian, often 0
        the JSON, UTF-8: an object
        the raw bytes
======  =====================================================

From the front: first ``{vault, name, passphrase}``, then ``{id, ask, given}`` as often as something is
asked, and ``{forget: ID}`` when nobody waits for it any more. From the keeper: ``{id, answer}``, with raw
bytes instead of an answer where it is sound, or ``{id, refused}``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:  # a keeper starts a good deal sooner without it
    import asyncio

_LENGTHS = struct.Struct(">II")
#: Far more than any answer. A longer one is a mistake of ours, and not worth the memory.
LIMIT_BYTES = 256 << 20

Message = tuple[dict[str, Any], bytes]


def pack(message: Mapping[str, Any], raw: bytes = b"") -> bytes:
    """Return the bytes of a message."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((_LENGTHS.pack(len(text), len(raw)), text, raw))


def read(stream: BinaryIO) -> Message | None:
    """Wait for a message; None when the other side is gone, or says what is none."""
    try:
        lengths = stream.read(_LENGTHS.size)
        if len(lengths) < _LENGTHS.size:
            return None
        text, raw = _checked(lengths)
        body = stream.read(text + raw)
        return _split(body, text) if len(body) == text + raw else None
    except (OSError, ValueError):
        return None


async def receive(stream: asyncio.StreamReader) -> Message | None:
    """Do as `read`, in the front."""
    try:
        text, raw = _checked(await stream.readexactly(_LENGTHS.size))
        return _split(await stream.readexactly(text + raw), text)
    except (EOFError, OSError, ValueError):  # asyncio's IncompleteReadError is an EOFError
        return None


def _checked(lengths: bytes) -> tuple[int, int]:
    text, raw = _LENGTHS.unpack(lengths)
    if text + raw > LIMIT_BYTES:
        raise ValueError("a message between front and keeper is too long")
    return text, raw


def _split(body: bytes, text: int) -> Message:
    message = json.loads(body[:text])
    if not isinstance(message, dict):
        raise ValueError("a message between front and keeper is no object")
    return message, body[text:]
