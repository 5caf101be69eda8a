"""Everything that a browser left in the folder of its profile, searched for what must not be there.

Each file is looked at as it lies, with what is compressed in it opened: answers in the cache (gzip, zlib) and
the blocks of LevelDB, in which a browser keeps what pages store (Snappy).
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from doubles.canaries import forms_of_bytes, forms_of_text

#: How a gzip member and a zlib stream begin; tried wherever it stands.
_BEGINNINGS = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_LEVELDB_END = struct.pack("<Q", 0xDB4775248B80FB57)
_LONGEST = 64 << 20


def forms(secrets: Mapping[str, str]) -> dict[str, bytes]:
    """Return every form of some words in which a browser might keep them."""
    return {
        f"{name}, {form}": pattern
        for name, text in secrets.items()
        for form, pattern in forms_of_text(text)
        if form != "utf-16-be"
    }


def forms_of_samples(pieces: list[list[int]]) -> dict[str, bytes]:
    """Return every form of some pieces of sound: as a WAV has them, and as a mixer holds them."""
    found: dict[str, bytes] = {}
    for number, piece in enumerate(pieces):
        pcm = struct.pack(f"<{len(piece)}h", *piece)
        found |= {f"sound {number}, {form}": one for form, one in forms_of_bytes(pcm)}
        floats = struct.pack(f"<{len(piece)}f", *(n / 32768 for n in piece))
        found[f"sound {number}, float"] = floats
    return found


def found_in(folder: Path, patterns: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Return which patterns are in the files of a folder, and in which of them."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.is_symlink():
            continue
        place = str(file.relative_to(folder))
        # What a page calls its place is a name on the disk, too.
        for content in (place.encode(), *layers(file.read_bytes())):
            for name, pattern in patterns.items():
                if pattern in content:
                    found.setdefault(name, set()).add(place)
    return found


def lasting_cookies(folder: Path) -> list[str]:
    """Name the cookies that outlive the browser. Others are on the disk, too: until it starts again."""
    copied = folder / "cookies-copied"  # with its journal, if the browser was killed
    copied.mkdir()
    for file in (folder / "Default").glob("Cookies*"):
        shutil.copy(file, copied)
    with closing(sqlite3.connect(copied / "Cookies")) as database:
        return [
            name for (name,) in database.execute("SELECT name FROM cookies WHERE is_persistent")
        ]


def layers(content: bytes) -> Iterator[bytes]:
    """Give a file's content as it lies, and each thing in it that can be opened."""
    yield content
    for match in _BEGINNINGS.finditer(content):
        opener = zlib.decompressobj(wbits=47)  # either
        try:
            opened = opener.decompress(content[match.start() :], _LONGEST)
        except zlib.error:
            continue
        if opened:
            yield opened
    if content.endswith(_LEVELDB_END):
        yield from blocks(content)


def blocks(table: bytes) -> Iterator[bytes]:
    """Give the blocks of a LevelDB table, opened (its `table_format.md` says how they lie)."""
    footer = table[-48:]
    at = _varint(footer, _varint(footer, 0)[1])[1]  # behind the handle of the meta index
    offset, at = _varint(footer, at)
    size, _ = _varint(footer, at)
    index = _block(table, offset, size)
    for _, handle in _entries(index):
        offset, at = _varint(handle, 0)
        size, _ = _varint(handle, at)
        yield _whole(_block(table, offset, size))


def _block(table: bytes, offset: int, size: int) -> bytes:
    content = table[offset : offset + size]
    return unsnappied(content) if table[offset + size] == 1 else content


def _whole(block: bytes) -> bytes:
    """The keys in full, which a block shortens by what they share, and the values."""
    return b"\n".join(part for entry in _entries(block) for part in entry)


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    restarts = struct.unpack("<I", block[-4:])[0]
    end, at, key = len(block) - 4 * (restarts + 1), 0, b""
    while at < end:
        shared, at = _varint(block, at)
        more, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + more]
        yield key, block[at + more : at + more + length]
        at += more + length


def unsnappied(content: bytes) -> bytes:
    """Open a block of Snappy (its `format_description.txt` says how it is packed)."""
    size, at = _varint(content, 0)
    out = bytearray()
    while at < len(content):
        tag = content[at]
        at += 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                wide = length - 59
                length = int.from_bytes(content[at : at + wide], "little")
                at += wide
            out += content[at : at + length + 1]
            at += length + 1
            continue
        if tag & 3 == 1:
            length, back = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | content[at]
            at += 1
        else:
            wide = 2 if tag & 3 == 2 else 4
            length, back = (tag >> 2) + 1, int.from_bytes(content[at : at + wide], "little")
            at += wide
        for _ in range(length):
            out.append(out[-back])
    if len(out) != size:
        raise ValueError("a block of Snappy has another length than it says")
    return bytes(out)


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
