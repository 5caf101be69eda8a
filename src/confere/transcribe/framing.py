"""What goes over the pipes between a decoder's process and the one that asked for it: frames.

A frame is its kind (one byte), the length of its content (four bytes) and the content, which is JSON
or plain bytes. The parent believes no length beyond that of `LONGEST`, and nothing that is said: whoever
broke the decoder speaks through it.

===========  ================================================================  ==================
frame        content                                                           who sends it
===========  ================================================================  ==================
``JOB``      JSON: what to do                                                  parent, at first
``CONFINED`` JSON: `Confinement`, before a byte of the recording was looked at  child
``FACTS``    JSON: `AudioFacts`                                                child
``BLOCK``    float32, one row after the other                                  child
``END``      JSON: what is known at the end                                    child
``FAILED``   JSON: an error                                                    child, as its last
``LOOK``     the size of the next file that is to be looked at, eight bytes     parent
``READ``     offset and size, eight bytes each                                 child
``BYTES``    what is there in the file                                         parent
===========  ================================================================  ==================
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

from confere.crypto import HeaderDamaged, HeaderMacWrong, PayloadDamaged
from confere.errors import (
    ConfereError,
    DamagedObject,
    DecoderStopped,
    EmptyFile,
    EncryptedAudio,
    NotAudio,
    WrongKey,
)
from confere.transcribe.decoding import BLOCK_SAMPLES

JOB, CONFINED, FACTS, BLOCK, END, FAILED, LOOK, READ, BYTES = b"JCFBEXLRD"
HEADER = struct.Struct("<BI")
PLACE = struct.Struct("<QQ")
#: Of a block: two rows of it; of what is read, 1 MiB.
LONGEST = {BLOCK: 2 * BLOCK_SAMPLES * 4, BYTES: 1 << 20, READ: PLACE.size}
_LONGEST_JSON = 8192
_LONGEST_DETAIL = 120


def longest(kind: int) -> int:
    """Return how many bytes a frame of a kind may hold."""
    return LONGEST.get(kind, _LONGEST_JSON)


def send(descriptor: int, kind: int, content: bytes | memoryview = b"") -> None:
    """Write a frame whole."""
    _write(descriptor, memoryview(HEADER.pack(kind, len(content))))
    _write(descriptor, memoryview(content))


def send_json(descriptor: int, kind: int, value: dict[str, Any]) -> None:
    """Write a frame of JSON."""
    send(descriptor, kind, json.dumps(value).encode())


def receive(descriptor: int) -> tuple[int, bytes]:
    """Wait for a frame, as the child does; raises EOFError when the parent is gone."""
    kind, length = HEADER.unpack(_read(descriptor, HEADER.size))
    return kind, _read(descriptor, length)


def _write(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _read(descriptor: int, length: int) -> bytes:
    content = b""
    while len(content) < length:
        if not (more := os.read(descriptor, length - len(content))):
            raise EOFError
        content += more
    return content


# --- errors --------------------------------------------------------------------------------------

_DAMAGES = {kind.__name__: kind for kind in (HeaderDamaged, PayloadDamaged, DamagedObject)}


def told(error: Exception) -> dict[str, Any]:
    """Return what the parent is told of an error. What Confere did not foresee has no text."""
    if isinstance(error, OSError) and not isinstance(error, ConfereError):
        return {"error": "OSError", "number": error.errno or 0}
    if isinstance(error, EncryptedAudio):
        return {"error": "EncryptedAudio", "detail": error.container}
    return {"error": type(error).__name__, "detail": getattr(error, "detail", "")}


def raised(said: dict[str, Any], name: str) -> Exception:
    """Return the error that the child told, as it would have been raised here.

    Its text is cut and made plain. More is not needed: who broke the decoder knows that recording.
    """
    kind = str(said.get("error"))
    detail = "".join(c if " " <= c <= "~" else "?" for c in str(said.get("detail", "")))
    detail = detail[:_LONGEST_DETAIL]
    if kind == "OSError":
        number = int(said.get("number", 0))
        return OSError(number, os.strerror(number))
    if kind in _DAMAGES:
        return _DAMAGES[kind](detail)
    known: dict[str, Callable[[], Exception]] = {
        "NotAudio": lambda: NotAudio(name, detail),
        "EmptyFile": lambda: EmptyFile(name),
        "EncryptedAudio": lambda: EncryptedAudio(name, detail),
        "HeaderMacWrong": HeaderMacWrong,
        "WrongKey": WrongKey,
        "MemoryError": lambda: DecoderStopped(name, "it took too much memory"),
    }
    return known[kind]() if kind in known else DecoderStopped(name, "it failed")
