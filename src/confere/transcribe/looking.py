"""The first look at a file on somebody's recorder, in a process that can do nothing but that.

The process has no file open: it asks for bytes, and this one reads them, so that what goes wrong in
reading (a recorder that was pulled) is known here and is no verdict on the file. It stays for the next
file if that comes soon: files of one card have one sender, and whoever takes the process over with one of
them can then only lie about that sender's others. What a look decides is whether a file is taken or left.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import BinaryIO

from confere.errors import BadInput, DecoderStopped
from confere.transcribe import framing
from confere.transcribe.child import Child
from confere.transcribe.decoder import facts_of
from confere.transcribe.ending import Seen

#: A look takes milliseconds; starting the process, on a slow disk, seconds.
PATIENCE_S = 60.0
SOON_S = 5.0  # nobody changes cards so fast
_MOST_READINGS = 1 << 18  # of 32 KiB or so each


class Looker:
    """Looks at one file after the other as `look` does; threads wait for each other."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._started_by = 0
        self._until = 0.0

    def __call__(self, audio: BinaryIO, name: str) -> Seen:
        """Return what a recording is. Raises EmptyFile, NotAudio, DecoderStopped, and what reading raises."""
        with self._turn:
            try:
                if (child := self._at_hand()) is not None:
                    try:
                        return _look(child, audio, name)
                    except DecoderStopped:  # by this file, or by what came before it
                        pass
                return _look(self._fresh(name), audio, name)
            finally:
                self._until = time.monotonic() + SOON_S

    def _at_hand(self) -> Child | None:
        """Return the process of the last look, if that was just now and in this process."""
        if self._child is None or self._started_by != os.getpid():
            return None
        return self._child if self._child.stop.alive and time.monotonic() < self._until else None

    def _fresh(self, name: str) -> Child:
        if self._child is not None:
            self._child.stop()
        self._child = Child(name, {"do": "look"}, patience_s=self._patience_s)
        self._started_by = os.getpid()
        return self._child


def _look(child: Child, audio: BinaryIO, name: str) -> Seen:
    child.name = name
    reading = _Reading(audio)
    child.send(framing.LOOK, reading.size.to_bytes(8, "little"))
    verdict: BadInput | None = None
    with child.no_longer_than_it_is_right():
        try:
            seen = _answered(child, reading)
        except DecoderStopped:
            raise
        except BadInput as error:
            verdict = error
    if reading.failure is not None:
        raise reading.failure
    if verdict is not None:
        raise verdict
    return seen


def _answered(child: Child, reading: _Reading) -> Seen:
    """Give the process the bytes that it asks for, until it tells what it saw."""
    for _ in range(_MOST_READINGS):
        kind, content = child.receive(framing.READ, framing.FACTS)
        if kind == framing.FACTS:
            said = json.loads(content)
            facts = facts_of(said)
            return Seen(
                facts.duration_ms,
                facts.channels,
                facts.sample_rate,
                facts.codec,
                facts.container,
                bool(said["truncated"]),
            )
        child.send(framing.BYTES, reading.at(*framing.PLACE.unpack(content)))
    raise DecoderStopped(child.name, "it read without end")


class _Reading:
    """A file to read from; the first failure ends it for whoever reads, and is kept."""

    def __init__(self, audio: BinaryIO) -> None:
        self._audio = audio
        self.size = audio.seek(0, os.SEEK_END)
        self.failure: Exception | None = None

    def at(self, offset: int, size: int) -> bytes:
        """Return what is there: nothing at the end, or after a failure."""
        if size > framing.LONGEST[framing.BYTES]:
            raise ValueError
        if self.failure is not None:
            return b""
        try:
            self._audio.seek(min(offset, self.size))
            return self._audio.read(size)
        except Exception as failure:  # noqa: BLE001  raised when the look has ended
            self.failure = failure
            return b""
