"""The files of something like a vault, as ``back_up`` is handed them; and a store that can be tripped."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from confere.backup.copying import back_up
from confere.backup.port import CopyStore, Digest, Readable, StoredFacts, Told
from confere.backup.values import Outcome, SourceFile
from doubles.faults import Trip

STUDY = "study00000000001"
TIME = "2026-11-22T18:04:05.250Z"
NEVER_CHANGES = ("audio.age", ".note")

FILES: Mapping[str, bytes] = {
    "confere.toml": b"format = 1\n",
    "roster/1.note": b"roster",
    "people/Ana Lúcia.age": b"sealed",
    "recordings/one/key.age": b"key 1",
    "recordings/one/audio.age": b"sound 1" * 1000,
    "recordings/two/key.age": b"key 2",
    "recordings/two/audio.age": b"sound 2" * 1000,
    "catalog.db": b"catalog, first",
    "log/checkpoint": b"",
}

#: The same study a day later: one recording destroyed, one new, the catalog and the log gone on.
LATER: Mapping[str, bytes] = {
    **{name: content for name, content in FILES.items() if not name.startswith("recordings/one/")},
    "recordings/three/key.age": b"key 3",
    "recordings/three/audio.age": b"sound 3" * 1000,
    "catalog.db": b"catalog, second",
    "log/checkpoint": b"checkpoint",
}


def sources(files: Mapping[str, bytes]) -> list[SourceFile]:
    """Return files as ``back_up`` takes them; recordings and roster notes never change."""
    return [_source(name, content) for name, content in files.items()]


def _source(name: str, content: bytes) -> SourceFile:
    settled = name.endswith(NEVER_CHANGES)
    digest = hashlib.sha256(content).hexdigest() if settled else None
    return SourceFile(name, len(content), lambda: io.BytesIO(content), digest)


def backed_up(files: Mapping[str, bytes], store: CopyStore, *, recheck: bool = False) -> Outcome:
    """Back the files up."""
    return back_up(sources(files), store, study=STUDY, made_at=TIME, recheck=recheck)


class TrippedStore:
    """A store whose operations are counted by a trip, before each and after each that writes.

    Failing before is a power cut; failing after is one, too: it was done, and nobody was told.
    """

    def __init__(self, inner: CopyStore, trip: Trip) -> None:
        self._inner = inner
        self._trip = trip

    @property
    def where(self) -> str:
        """The place."""
        return self._inner.where

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Claim."""
        self._trip.step("claim")
        with self._inner.claim():
            yield

    def names(self, folder: str = "") -> Mapping[str, StoredFacts]:
        """List."""
        self._trip.step("names")
        return self._inner.names(folder)

    def put(self, name: str, source: Readable, size_bytes: int, sha256: str) -> None:
        """Put."""
        self._trip.step(f"put {name}")
        self._inner.put(name, source, size_bytes, sha256)
        self._trip.step(f"was put {name}")

    def swap(self, name: str, content: bytes, before: bytes | None) -> None:
        """Swap."""
        self._trip.step(f"swap {name}")
        self._inner.swap(name, content, before)
        self._trip.step(f"was swapped {name}")

    def open(self, name: str) -> BinaryIO:
        """Open."""
        self._trip.step(f"open {name}")
        return self._inner.open(name)

    def digest(self, name: str, told: Told = lambda count: None) -> Digest:
        """Digest."""
        self._trip.step(f"digest {name}")
        return self._inner.digest(name, told)

    def remove(self, name: str) -> None:
        """Remove."""
        self._trip.step(f"remove {name}")
        self._inner.remove(name)
        self._trip.step(f"was removed {name}")

    def close(self) -> None:
        """Close."""
        self._inner.close()
