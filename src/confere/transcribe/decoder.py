"""A recording decoded in a process of its own, which can do nothing but that.

`DecoderProcess` is a `Sound`, as `Decoder` is in this process. The child (``decoder_main``) is a fresh
interpreter with an empty environment, one open file, the key of that file, and what ``sandbox`` leaves it.
It works ahead by one block while this process is busy with the last, and memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from confere.transcribe import framing
from confere.transcribe.child import PATIENCE_S, Child
from confere.transcribe.decoding import AudioFacts
from confere.transcribe.formats import CODECS, CONTAINERS, MAX_HOURS
from confere.transcribe.resampling import SAMPLE_RATE, make_finite

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples


class DecoderProcess:
    """A `Sound` out of a sealed file. It ends with the thread that made it, or with `close`."""

    def __init__(
        self, sealed: BinaryIO, identity: str, name: str, patience_s: float = PATIENCE_S
    ) -> None:
        """``sealed`` is the open age file, which has a descriptor; ``identity`` the text of its key.

        Raises EmptyFile, NotAudio, EncryptedAudio, WrongKey, DamagedObject and OSError as decoding in this
        process would; DecoderStopped, a NotAudio, when the process does not come to that.
        """
        self.truncated = self.damaged = False
        descriptor = sealed.fileno()
        job = {"do": "decode", "sealed": descriptor, "identity": identity}
        self._child = Child(name, job, [descriptor], patience_s)
        #: What holds for the process.
        self.confinement = self._child.confinement
        with self._child.no_longer_than_it_is_right():
            self.facts = facts_of(self._child.receive_json(framing.FACTS))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    def blocks(self) -> Iterator[Samples]:
        """Yield all of it once, (rows, n) float32 at 16 kHz, in blocks of 30 s.

        Raises what the making does.
        """
        import numpy as np

        rows = 2 if self.facts.channels == 2 else 1
        left = (MAX_HOURS * 3600 + 60) * SAMPLE_RATE
        with self._child.no_longer_than_it_is_right():
            while True:
                kind, content = self._child.receive(framing.BLOCK, framing.END)
                if kind == framing.END:
                    break
                if not content or len(content) % (4 * rows):
                    raise ValueError
                block = np.frombuffer(content, np.float32).reshape(rows, -1)
                make_finite(block)
                if (left := left - block.shape[1]) < 0:
                    raise ValueError
                yield block
            ends = json.loads(content)
            self.truncated, self.damaged = bool(ends["truncated"]), bool(ends["damaged"])
        self.close()

    def close(self) -> None:
        """End the process, if it has not ended; may be called again."""
        self._child.stop()


def facts_of(said: dict[str, Any]) -> AudioFacts:
    """Return what the child said of a recording; raises whatever, when that cannot be."""
    facts = AudioFacts(
        duration_ms=_number(said["duration_ms"]),
        channels=_number(said["channels"]),
        sample_rate=_number(said["sample_rate"]),
        codec=said["codec"],
        container=said["container"],
    )
    if facts.codec not in CODECS or facts.container not in CONTAINERS:
        raise ValueError
    return facts


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError
    return value
