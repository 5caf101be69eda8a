"""The reader of a recording as PyAV sees it, and what becomes of what goes wrong."""

from __future__ import annotations

from typing import BinaryIO

from confere.errors import NotAudio


class Source:
    """The reader as PyAV sees it: a failure ends the file there and is kept, to be raised after.

    PyAV would drop what the reader raises while FFmpeg reads on; a damaged object would then look
    like a recording that was cut off.
    """

    def __init__(self, audio: BinaryIO) -> None:
        self._audio = audio
        self.failure: Exception | None = None

    def read(self, size: int) -> bytes:
        """Return the next bytes; none after a failure."""
        if self.failure is not None:
            return b""
        try:
            return self._audio.read(size)
        except Exception as failure:  # noqa: BLE001  raised again by Told
            self.failure = failure
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, and return where to."""
        if self.failure is not None:
            return 0
        try:
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
