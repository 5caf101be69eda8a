"""The reader of a recording as PyAV sees it, and what becomes of what goes wrong."""

from __future__ import annotations

import os
from typing import BinaryIO

from confere.errors import NotAudio

#: So often FFmpeg may read or seek before a packet comes of it; then the file ends for it. One reading is
#: up to 32 KiB: who looks for a place in 600 MB without an index still finds it (four hours of MP3).
PATIENCE = 20_000


class Source:
    """The reader as PyAV sees it: a failure ends the file there and is kept, to be raised after.

    PyAV would drop what the reader raises while FFmpeg reads on; a damaged object would then look
    like a recording that was cut off. ``end`` is where the file ends for FFmpeg, if before its end.
    """

    def __init__(self, audio: BinaryIO, end: int | None = None) -> None:
        self._audio = audio
        self._end = end
        self.failure: Exception | None = None
        self._calls = 0

    @property
    def gave_up(self) -> bool:
        """Whether nothing came of reading for so long that the file was ended."""
        return self._calls > PATIENCE

    def came_forward(self) -> None:
        """A packet came: what was read was not in vain."""
        self._calls = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes; none after a failure, or when nothing comes of reading."""
        self._calls += 1
        if self.failure is not None or self.gave_up:
            return b""
        try:
            if self._end is not None:
                size = max(0, min(size, self._end - self._audio.tell()))
            return self._audio.read(size)
        except Exception as failure:  # noqa: BLE001  raised again by Told
            self.failure = failure
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, and return where to."""
        self._calls += 1
        if self.failure is not None:
            return 0
        try:
            if self._end is not None and whence == os.SEEK_END:
                offset, whence = self._end + offset, os.SEEK_SET
            return self._audio.seek(offset, whence)
        except Exception as failure:  # noqa: BLE001  raised again by Told
            self.failure = failure
            return 0

    def tell(self) -> int:
        """Return where the reader is."""
        return self._audio.tell()


class Told:
    """Raises what the reader raised, and NotAudio for what FFmpeg could not do."""

    def __init__(self, name: str, source: Source) -> None:
        self._name = name
        self._source = source

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import av

        if error is not None and not isinstance(error, Exception):
            return
        if self._source.failure is not None:
            raise self._source.failure from None
        if isinstance(error, (av.error.FFmpegError, ValueError)):
            # FFmpeg's own text may quote the file's tags, so it is not told.
            raise NotAudio(self._name, "it is broken, cut off, or no recording at all") from None
