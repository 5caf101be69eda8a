"""Read a catalog as whoever holds its key and no mercy could: every page on the disk, decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# SQLCipher 4: AES-256-CBC; at a page's end 16 bytes of IV and 64 of HMAC-SHA-512; the first page
# begins with the salt. (https://www.zetetic.net/sqlcipher/design/)
_PAGE, _RESERVE, _IV, _SALT = 4096, 80, 16, 16
_WAL_HEADER, _FRAME_HEADER = 32, 24


def all_bytes(catalog: Path, key: bytes) -> bytes:
    """Return every page of a catalog and of its write-ahead log in the clear, used or free."""
    content = catalog.read_bytes()
    pages = [_open(page, key, first=n == 0) for n, page in enumerate(_cut(content, _PAGE))]
    log = catalog.with_name(catalog.name + "-wal")
    for frame in _cut((log.read_bytes() if log.exists() else b"")[_WAL_HEADER:], _frame()):
        number = int.from_bytes(frame[:4], "big")
        pages.append(_open(frame[_FRAME_HEADER:], key, first=number == 1))
    return b"".join(pages)


def _frame() -> int:
    return _FRAME_HEADER + _PAGE


def _cut(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content) - size + 1, size):
        yield content[start : start + size]


def _open(page: bytes, key: bytes, *, first: bool) -> bytes:
    end = _PAGE - _RESERVE
    decryptor = Cipher(algorithms.AES(key), modes.CBC(page[end : end + _IV])).decryptor()
    return decryptor.update(page[_SALT if first else 0 : end])
