"""What this machine has put into a vault, found again by its content.

A memory of the account, like `pins`, keyed by the machine's own seed: without it the lines say nothing,
and nobody else can write one. It only ever points: what it points at is read again before anything rests
on it (`is_as_placed`). Lost or damaged, nothing is lost but the knowledge that something is there twice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from confere.crypto.canonical import canonical_json
from confere.errors import ConfereError
from confere.vault.objects import Placed, is_as_placed
from confere.vault.storage import Storage

_MAC_CHARACTERS = 64  # hex of HMAC-SHA-256


@dataclass(frozen=True, slots=True)
class Content:
    """A recording's plaintext: SHA-256 of all of it and of its first block (hex), length in bytes."""

    sha256: str
    beginning_sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Line:
    """One recording as it is remembered; ``content`` and ``beginning`` are HMACs (hex)."""

    content: str
    beginning: str
    placed: Placed


class KeptIndex:
    """The recordings that one machine put into the vault of one study, by their content."""

    def __init__(self, state: Storage, study_id: str, key: bytes) -> None:
        """Read what is there; lines that were cut off, or that this key did not write, do not count."""
        self._state = state
        self._file = f"kept/{study_id}"
        self._key = key
        self._lines: list[_Line] = []
        if state.exists(self._file):
            lines = state.read(self._file).splitlines()
            self._lines = [line for line in map(self._parse, lines) if line is not None]

    def may_hold(self, beginning_sha256: str, size_bytes: int) -> bool:
        """Whether something of this length that begins so is remembered: no more than a hint."""
        beginning = self._mac("beginning", beginning_sha256, size_bytes)
        return any(hmac.compare_digest(line.beginning, beginning) for line in self._lines)

    def find(self, sha256: str, size_bytes: int, storage: Storage) -> Placed | None:
        """Return the recording that holds this content, as it was placed and as it is on the disk now.

        Each that is remembered is read again, whole; one that is not as it was does not count.
        """
        content = self._mac("content", sha256, size_bytes)
        for line in self._lines:
            if hmac.compare_digest(line.content, content) and is_as_placed(storage, line.placed):
                return line.placed
        return None

    def remember(self, content: Content, placed: Placed) -> None:
        """Write down what is going to be placed; raises StorageProblem, DiskFull."""
        line = _Line(
            self._mac("content", content.sha256, content.size_bytes),
            self._mac("beginning", content.beginning_sha256, content.size_bytes),
            placed,
        )
        self._state.make_folder("kept")
        path = self._state.path(self._file)
        size = path.stat().st_size if path.exists() else 0
        # In a line of its own, whatever a writer that was cut off left.
        self._state.append(self._file, b"\n" + self._text(line) + b"\n", size)
        if not size:
            self._state.sync_folder(path.parent)
        self._lines.append(line)

    def forget_absent(self, storage: Storage) -> None:
        """Forget the recordings that are not in the vault any more: nothing of them is to stay."""
        present = [
            line for line in self._lines if storage.exists(f"recordings/{line.placed.recording_id}")
        ]
        if len(present) < len(self._lines):
            text = b"".join(self._text(line) + b"\n" for line in present)
            self._state.write(self._file, text, replace=True)
            self._lines = present

    def _mac(self, what: str, sha256: str, size_bytes: int) -> str:
        return self._hmac(f"{what} {sha256} {size_bytes}".encode())

    def _hmac(self, text: bytes) -> str:
        return hmac.digest(self._key, text, hashlib.sha256).hex()

    def _text(self, line: _Line) -> bytes:
        text = canonical_json(asdict(line))
        return self._hmac(b"line " + text).encode() + b" " + text

    def _parse(self, text: bytes) -> _Line | None:
        mac, _, content = text.partition(b" ")
        if len(mac) != _MAC_CHARACTERS:
            return None
        if not hmac.compare_digest(mac, self._hmac(b"line " + content).encode()):
            return None
        value = json.loads(content)  # only this machine's own words come so far
        return _Line(value["content"], value["beginning"], Placed(**value["placed"]))


def find_kept(index: KeptIndex, sha256: str, size_bytes: int, storage: Storage) -> Placed | None:
    """Look for content; a disk that cannot be read now vouches for nothing."""
    try:
        return index.find(sha256, size_bytes, storage)
    except (ConfereError, OSError):
        return None
