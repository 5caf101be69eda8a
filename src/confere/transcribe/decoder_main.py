"""The decoder's own process: ``python -m confere.transcribe.decoder_main``.

In this order: the job comes over standard input; all that is loaded late is used once, on a sound made
here; the sealed file's header is opened; the process confines itself; and only then is the first byte of the
recording looked at. What comes of it goes to standard output, in the frames of ``framing``.

It knows the key of one recording, and has one file open. It never returns: its end wipes both.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
from contextlib import closing, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from confere.crypto import SealedReader, parse_identities
from confere.errors import ConfereError
from confere.transcribe import framing
from confere.transcribe.decoding import Decoder
from confere.transcribe.ending import look
from confere.transcribe.sandbox import confine, die_with

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ASKED, _ANSWERS = 0, 1
_BUFFER_BYTES = 1 << 16
_IDLE_S = 300  # a process that looks, and is asked for nothing more, does not stay for ever


def main() -> None:
    """Do one job, and end."""
    job = json.loads(framing.receive(_ASKED)[1])
    die_with(job["parent"])
    _warm_up()
    try:
        {"decode": _decode, "look": _look, "confine": _confine}[job.pop("do")](job)
    except (EOFError, BlockingIOError):
        pass  # nobody asks any more
    except Exception as error:  # noqa: BLE001 - told to the parent, without its text if not ours
        framing.send_json(_ANSWERS, framing.FAILED, framing.told(error))
    os._exit(0)


def _decode(job: dict[str, Any]) -> None:
    sealed = SealedReader(cast("BinaryIO", _At(job["sealed"])), parse_identities(job["identity"]))
    with suppress(ConfereError):  # it is told when it is reached
        sealed.size  # noqa: B018  opens a chunk, for the first time
    os.close(_ASKED)
    _confine(job)
    with closing(Decoder(cast("BinaryIO", sealed), "")) as decoder:
        framing.send_json(_ANSWERS, framing.FACTS, asdict(decoder.facts))
        for block in decoder.blocks():
            framing.send(_ANSWERS, framing.BLOCK, block.tobytes())
        ends = {"truncated": decoder.truncated, "damaged": decoder.damaged}
    framing.send_json(_ANSWERS, framing.END, ends)


def _look(job: dict[str, Any]) -> None:
    """Look at one file after the other; their bytes are asked of the parent, which has them open."""
    with socket.socket(fileno=os.dup(_ASKED)) as asked:
        waits = struct.pack("@ll", _IDLE_S, 0)
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, waits)
    _confine(job)
    while True:
        _, size = framing.receive(_ASKED)
        audio = io.BufferedReader(_Asked(int.from_bytes(size, "little")), _BUFFER_BYTES)
        try:
            seen = asdict(look(audio, ""))
        except (EOFError, BlockingIOError):
            raise
        except Exception as error:  # noqa: BLE001 - as in main; the next file may be better
            framing.send_json(_ANSWERS, framing.FAILED, framing.told(error))
        else:
            framing.send_json(_ANSWERS, framing.FACTS, seen)


def _confine(_: dict[str, Any]) -> None:
    framing.send_json(_ANSWERS, framing.CONFINED, asdict(confine(_ANSWERS)))


def _warm_up() -> None:
    """Use, on a sound of ours and on no sound, what is otherwise loaded at its first use."""
    sound = bytes([128]) * 1600
    form = struct.pack("<HHIIHH", 1, 2, 8000, 16_000, 2, 8)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(sound)) + sound
    for audio in (b"RIFF" + struct.pack("<I", len(chunks)) + chunks, bytes(64)):
        with suppress(ConfereError):
            look(io.BytesIO(audio), "")
            list(Decoder(io.BytesIO(audio), "").blocks())


class _File(io.RawIOBase):
    """A file of known size to read from at any place."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._read(memoryview(buffer).cast("B"))
        self._at += count
        return count

    def _read(self, into: memoryview) -> int:
        raise NotImplementedError


class _At(_File):
    """An open file, read without moving in it: the parent's place in it is the same one."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(os.fstat(descriptor).st_size)
        self._descriptor = descriptor

    def _read(self, into: memoryview) -> int:
        return os.preadv(self._descriptor, [into], self._at)


class _Asked(_File):
    """A file that the parent has open."""

    def _read(self, into: memoryview) -> int:
        size = min(len(into), framing.LONGEST[framing.BYTES], max(0, self._size - self._at))
        framing.send(_ANSWERS, framing.READ, framing.PLACE.pack(self._at, size))
        content = framing.receive(_ASKED)[1]
        into[: len(content)] = content
        return len(content)


if __name__ == "__main__":
    main()
