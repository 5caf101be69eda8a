"""Every vector of the age project, opened four ways: same verdict, same bytes released."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable, Iterable

import pytest

from confere.crypto import (
    HeaderDamaged,
    HeaderMacWrong,
    PayloadDamaged,
    SealedReader,
    SealedStream,
    decrypt,
)
from confere.errors import ConfereError, WrongSecret
from crypto.kit import BESIDE, COMMITTED, Vector, read_folder

VERDICTS: dict[str, type[ConfereError]] = {
    "no match": WrongSecret,
    "HMAC failure": HeaderMacWrong,
    "header failure": HeaderDamaged,
    "payload failure": PayloadDamaged,
}

BIG_READS = (1 << 24,)
ODD_READS = (*[1] * 1000, 7, 4099, 65537, 65535, 3)


def vectors() -> list[object]:
    """The committed vectors, and those beside the checkout; a skip that says so if there are none."""
    found: list[object] = [pytest.param(v, id=v.name) for v in read_folder(COMMITTED)]
    beside = [pytest.param(v, id=f"beside-{v.name}") for v in read_folder(BESIDE)]
    missing = pytest.mark.skip(
        reason="no age test kit beside the checkout: ran the committed copy only"
    )
    return found + (beside or [pytest.param(None, id="beside", marks=missing)])


def release(
    reader: Callable[..., io.RawIOBase], vector: Vector, sizes: Iterable[int]
) -> tuple[str, bytes]:
    """The class of the verdict, and everything that was given out before it."""
    released = bytearray()
    try:
        opened = reader(io.BytesIO(vector.sealed), vector.identities)
        for size in itertools.cycle(sizes):
            block = opened.read(size)
            if not block:
                return "success", bytes(released)
            released += block
        raise AssertionError("sizes is not empty")
    except tuple(VERDICTS.values()) as error:
        return verdict_of(error), bytes(released)


def verdict_of(error: ConfereError) -> str:
    """The kit's word for an error of ours."""
    return next(word for word, kind in VERDICTS.items() if isinstance(error, kind))


@pytest.mark.parametrize("vector", vectors())
@pytest.mark.parametrize(
    ("reader", "sizes"),
    [
        pytest.param(SealedStream, BIG_READS, id="stream-big"),
        pytest.param(SealedStream, ODD_READS, id="stream-odd"),
        pytest.param(SealedReader, BIG_READS, id="reader-big"),
        pytest.param(SealedReader, ODD_READS, id="reader-odd"),
    ],
)
def test_verdict_and_released_bytes(
    vector: Vector, reader: Callable[..., io.RawIOBase], sizes: tuple[int, ...]
) -> None:
    """A vector gets the verdict it names, and what was released has the digest it names."""
    verdict, released = release(reader, vector, sizes)
    assert verdict == vector.expect
    expected = vector.payload or hashlib.sha256().hexdigest()
    assert hashlib.sha256(released).hexdigest() == expected


@pytest.mark.parametrize("vector", vectors())
def test_verdict_of_decrypt(vector: Vector) -> None:
    """decrypt() gives the whole payload of a good vector and raises on every other."""
    if vector.expect == "success":
        plaintext = decrypt(vector.sealed, vector.identities)
        assert hashlib.sha256(plaintext).hexdigest() == vector.payload
    else:
        with pytest.raises(VERDICTS[vector.expect]):
            decrypt(vector.sealed, vector.identities)


@pytest.mark.parametrize("vector", vectors())
def test_verdict_when_the_end_is_asked_for_first(vector: Vector) -> None:
    """Asking for the length before reading changes no verdict, and a good file's is right."""
    if vector.expect == "success":
        reader = SealedReader(io.BytesIO(vector.sealed), vector.identities)
        assert reader.size == len(reader.read())
    else:
        with pytest.raises(VERDICTS[vector.expect]):
            _read_from_the_end(vector)


def _read_from_the_end(vector: Vector) -> None:
    reader = SealedReader(io.BytesIO(vector.sealed), vector.identities)
    reader.seek(0, io.SEEK_END)
    reader.seek(0)
    reader.read()


def test_the_committed_vectors_are_all_there() -> None:
    """The committed copy holds the 62 vectors that its README counts, of every verdict."""
    committed = read_folder(COMMITTED)
    assert len(committed) == len(list(COMMITTED.iterdir())) == 62
    assert {vector.expect for vector in committed} == {"success", *VERDICTS}
