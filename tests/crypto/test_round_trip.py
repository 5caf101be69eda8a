"""What was sealed opens again, in any pieces and at any place; what was damaged does not."""

from __future__ import annotations

import io
import itertools
import os
import random
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.crypto import (
    HeaderDamaged,
    HeaderMacWrong,
    PayloadDamaged,
    SealedReader,
    SealedStream,
    SealedWriter,
    X25519Identity,
    decrypt,
    encrypt,
)
from confere.crypto.chunks import CHUNK_BYTES, RUN_CHUNKS, SEALED_CHUNK_BYTES
from confere.errors import ConfereError, DamagedObject, WrongKey

IDENTITY = X25519Identity.generate()
RECIPIENTS = [IDENTITY.recipient]
IDENTITIES = [IDENTITY]
BORDERS = [
    around + more
    for around in (0, CHUNK_BYTES, 2 * CHUNK_BYTES, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES)
    for more in (-1, 0, 1)
    if around + more >= 0
]
WRITES = [1_000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1 << 20]

NOISE = random.Random(20).randbytes(6 * CHUNK_BYTES)
THREE_CHUNKS = NOISE[: 2 * CHUNK_BYTES + 1000]
SEALED_THREE = encrypt(THREE_CHUNKS, RECIPIENTS)
PAYLOAD_START = len(SEALED_THREE) - 2 * SEALED_CHUNK_BYTES - 1016
PAYLOAD = SEALED_THREE[PAYLOAD_START:]


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    """``data`` in pieces of ``length`` bytes."""
    return (data[at : at + length] for at in range(0, len(data), length))


class Raw(io.RawIOBase):
    """A source and sink that reads and writes short, as pipes do."""

    def __init__(self, data: bytes = b"", at_most: int = 1000) -> None:
        self.inner = io.BytesIO(data)
        self.at_most = at_most

    def readable(self) -> bool:
        """True."""
        return True

    def writable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read a part of what was asked for."""
        return self.inner.readinto(memoryview(buffer)[: self.at_most])

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]
        """Take a part of what was given."""
        return self.inner.write(data[: self.at_most])


@pytest.mark.parametrize(("size", "step"), list(itertools.product(BORDERS, WRITES)))
def test_sealed_in_pieces_opens_whole(size: int, step: int) -> None:
    """A file of any length around the chunk borders, written in any pieces, opens to what it was."""
    sink = io.BytesIO()
    with SealedWriter(sink, RECIPIENTS) as sealed:
        assert sum(sealed.write(piece) for piece in pieces(NOISE[:size], step)) == size
    assert decrypt(sink.getvalue(), IDENTITIES) == NOISE[:size]
    sink.seek(0)
    assert SealedReader(sink, IDENTITIES).size == size


@pytest.mark.parametrize("size", BORDERS)
def test_length_on_disk(size: int) -> None:
    """A sealed file is header, nonce, and 16 bytes a chunk longer; only an empty one has an empty chunk."""
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert len(encrypt(NOISE[:size], RECIPIENTS)) == 168 + 16 + size + 16 * chunks


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
@pytest.mark.parametrize("step", [1, 999, CHUNK_BYTES, CHUNK_BYTES + 1, 1 << 20])
def test_read_in_pieces(reader: type[SealedStream | SealedReader], step: int) -> None:
    """Reads of any length give the plaintext, each one full until the end, which stays the end."""
    size = 3 if step == 1 else 2 * CHUNK_BYTES + 7
    opened = reader(io.BytesIO(encrypt(NOISE[:size], RECIPIENTS)), IDENTITIES)
    assert [opened.read(len(piece)) for piece in pieces(NOISE[:size], step)] == list(
        pieces(NOISE[:size], step)
    )
    assert opened.read(step) == opened.read(step) == b""


def test_short_reads_and_writes_are_made_whole() -> None:
    """A sink that takes little and a source that gives little lose nothing."""
    sink = Raw()
    with SealedWriter(sink, RECIPIENTS) as sealed:  # type: ignore[arg-type]
        sealed.write(THREE_CHUNKS)
    source: BinaryIO = Raw(sink.inner.getvalue())  # type: ignore[assignment]
    assert SealedStream(source, IDENTITIES).read() == THREE_CHUNKS


def test_views_are_sealed_as_the_bytes_they_show() -> None:
    """A caller's buffer, used again after each write, seals what it held at the time."""
    sink, buffer = io.BytesIO(), bytearray(100_000)
    with SealedWriter(sink, RECIPIENTS) as sealed:
        for number in range(5):
            buffer[:] = bytes([number]) * len(buffer)
            sealed.write(memoryview(buffer))
    assert decrypt(sink.getvalue(), IDENTITIES) == b"".join(bytes([n]) * 100_000 for n in range(5))


SEEKS = st.lists(
    st.tuples(
        st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]),
        st.one_of(
            st.integers(-len(THREE_CHUNKS), 2 * len(THREE_CHUNKS)),
            st.sampled_from(BORDERS),
            st.just(0),
        ),
        st.one_of(st.integers(-1, 200), st.sampled_from(BORDERS)),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(SEEKS)
def test_seeking_is_as_in_a_plain_file(steps: list[tuple[int, int, int]]) -> None:
    """Any seeks and reads give what they give on the plaintext itself."""
    sealed = SealedReader(io.BytesIO(SEALED_THREE), IDENTITIES)
    plain = io.BytesIO(THREE_CHUNKS)
    for whence, offset, length in steps:
        base = (0, plain.tell(), len(THREE_CHUNKS))[whence]
        if base + offset < 0:
            with pytest.raises(ValueError, match="before the beginning"):
                sealed.seek(offset, whence)
            continue
        assert sealed.seek(offset, whence) == plain.seek(base + offset)
        assert sealed.read(length) == plain.read(length)
        assert sealed.tell() == plain.tell()


def test_a_buffered_reader_works_on_top() -> None:
    """io.BufferedReader takes a SealedReader for a file."""
    buffered = io.BufferedReader(SealedReader(io.BytesIO(SEALED_THREE), IDENTITIES))
    buffered.seek(CHUNK_BYTES - 5)
    assert buffered.read(10) == THREE_CHUNKS[CHUNK_BYTES - 5 : CHUNK_BYTES + 5]
    assert buffered.seek(-3, io.SEEK_END) and buffered.read() == THREE_CHUNKS[-3:]


def test_only_what_is_asked_for_is_opened() -> None:
    """A damaged chunk hinders nobody who does not read it."""
    spoilt = bytearray(SEALED_THREE)
    spoilt[PAYLOAD_START + SEALED_CHUNK_BYTES + 5] ^= 1
    reader = SealedReader(io.BytesIO(spoilt), IDENTITIES)
    assert reader.size == len(THREE_CHUNKS)
    assert reader.read(CHUNK_BYTES) == THREE_CHUNKS[:CHUNK_BYTES]
    with pytest.raises(PayloadDamaged):
        reader.read(1)
    reader.seek(2 * CHUNK_BYTES)
    assert reader.read() == THREE_CHUNKS[2 * CHUNK_BYTES :]


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
def test_the_good_part_is_given_before_the_damage(
    reader: type[SealedStream | SealedReader],
) -> None:
    """A read across a damage gives what is whole, then raises, and goes on raising."""
    spoilt = bytearray(SEALED_THREE)
    spoilt[-1] ^= 1
    opened = reader(io.BytesIO(spoilt), IDENTITIES)
    assert opened.read(1 << 20) == THREE_CHUNKS[: 2 * CHUNK_BYTES]
    for _ in range(2):
        with pytest.raises(PayloadDamaged):
            opened.read(1 << 20)


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
def test_reading_everything_gives_everything_or_raises(
    reader: type[SealedStream | SealedReader],
) -> None:
    """read() without a length never passes off a beginning as the whole."""
    opened = reader(io.BytesIO(SEALED_THREE[:-1]), IDENTITIES)
    with pytest.raises(PayloadDamaged):
        opened.read()


def test_every_flipped_bit_is_found() -> None:
    """No byte of a small file can be changed, whichever bit of it."""
    sealed = encrypt(b"a word said in confidence", RECIPIENTS)
    for at, bit in itertools.product(range(len(sealed)), range(8)):
        spoilt = bytearray(sealed)
        spoilt[at] ^= 1 << bit
        for reader in (SealedStream, SealedReader):
            with pytest.raises(ConfereError) as caught:
                reader(io.BytesIO(spoilt), IDENTITIES).read()
            assert isinstance(caught.value, DamagedObject | WrongKey)


def test_every_length_it_can_be_cut_to_is_found() -> None:
    """No end of a small file can be missing, in whatever way it is read."""
    sealed = encrypt(b"a word said in confidence", RECIPIENTS)
    for length in range(len(sealed)):
        with pytest.raises(DamagedObject):
            decrypt(sealed[:length], IDENTITIES)
        with pytest.raises(DamagedObject):
            _ = SealedReader(io.BytesIO(sealed[:length]), IDENTITIES).size


FIRST, SECOND, THIRD = pieces(PAYLOAD, SEALED_CHUNK_BYTES)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(FIRST + SECOND, id="without the last"),
        pytest.param(FIRST, id="the first alone"),
        pytest.param(b"", id="none"),
        pytest.param(FIRST + THIRD, id="without the middle"),
        pytest.param(SECOND + FIRST + THIRD, id="in another order"),
        pytest.param(FIRST + FIRST + THIRD, id="one twice"),
        pytest.param(FIRST + SECOND + THIRD + b"x", id="one byte more"),
        pytest.param(FIRST + SECOND + THIRD + THIRD, id="the last twice"),
        pytest.param(FIRST + SECOND + THIRD + bytes(SEALED_CHUNK_BYTES), id="zeros after"),
    ],
)
def test_chunks_stay_where_they_are(payload: bytes) -> None:
    """Chunks cannot be left out, moved, repeated or added to, whichever end one begins at."""
    sealed = SEALED_THREE[:PAYLOAD_START] + payload
    with pytest.raises(PayloadDamaged):
        decrypt(sealed, IDENTITIES)
    reader = SealedReader(io.BytesIO(sealed), IDENTITIES)
    with pytest.raises(PayloadDamaged):
        reader.seek(-reader.size, io.SEEK_END)
        reader.read()


def test_the_nonce_belongs_to_the_header() -> None:
    """A file that ends within its nonce has no whole beginning."""
    with pytest.raises(HeaderDamaged, match="nonce"):
        decrypt(SEALED_THREE[: PAYLOAD_START - 1], IDENTITIES)


def test_a_header_of_another_file_does_not_fit() -> None:
    """A stanza moved to another file's header is found by the MAC."""
    other = encrypt(b"", RECIPIENTS)
    mixed = SEALED_THREE[:120] + other[120:168] + SEALED_THREE[168:]
    with pytest.raises((HeaderMacWrong, WrongKey)):
        decrypt(mixed, IDENTITIES)


def test_any_recipient_opens_and_nobody_else() -> None:
    """Each of several recipients opens a file, a stranger does not."""
    others = [X25519Identity.generate() for _ in range(3)]
    sealed = encrypt(b"to three", [other.recipient for other in others])
    assert [decrypt(sealed, [other]) for other in others] == [b"to three"] * 3
    assert decrypt(sealed, [IDENTITY, others[2]]) == b"to three"
    with pytest.raises(WrongKey):
        decrypt(sealed, IDENTITIES)
    with pytest.raises(WrongKey):
        decrypt(sealed, [])


def test_no_two_files_are_alike() -> None:
    """The same words sealed twice share nothing but the frame of the header."""
    one, two = encrypt(NOISE[:1000], RECIPIENTS), encrypt(NOISE[:1000], RECIPIENTS)
    assert one[168:] != two[168:]
    assert one[168:184] != two[168:184]


def test_leaving_through_an_exception_leaves_no_whole_file() -> None:
    """A sealing that was broken off can never pass for a finished one."""
    sink = io.BytesIO()
    with pytest.raises(KeyError), SealedWriter(sink, RECIPIENTS) as sealed:
        sealed.write(THREE_CHUNKS)
        raise KeyError
    with pytest.raises(PayloadDamaged):
        decrypt(sink.getvalue(), IDENTITIES)
    with pytest.raises(ValueError, match="closed"):
        sealed.write(b"more")


def test_a_forgotten_writer_writes_no_last_chunk() -> None:
    """Only close() ends a file; the garbage collector does not."""
    sink = io.BytesIO()
    sealed = SealedWriter(sink, RECIPIENTS)
    sealed.write(b"half a sentence")
    del sealed
    with pytest.raises(PayloadDamaged):
        decrypt(sink.getvalue(), IDENTITIES)


class FullDisk(io.BytesIO):
    """A sink with little room."""

    room = 100_000

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]
        """Take the data while there is room."""
        if self.tell() + len(data) > self.room:
            raise OSError(28, os.strerror(28))
        return super().write(data)


def test_a_failed_write_cannot_be_closed_over() -> None:
    """After the sink failed once, neither write nor close makes the file look whole."""
    sealed = SealedWriter(FullDisk(), RECIPIENTS)
    with pytest.raises(OSError, match="No space"):
        sealed.write(NOISE)
    with pytest.raises(ValueError, match="not complete"):
        sealed.write(b"more")
    with pytest.raises(ValueError, match="not complete"):
        sealed.close()


def test_a_sink_that_takes_nothing_is_an_error() -> None:
    """A sink that answers 0 does not hang the writer."""
    with pytest.raises(OSError, match="took no bytes"):
        SealedWriter(Raw(at_most=0), RECIPIENTS)  # type: ignore[arg-type]


def test_closing_twice_is_closing_once() -> None:
    """A second close adds nothing, and the sink stays open."""
    sink = io.BytesIO()
    with SealedWriter(sink, RECIPIENTS) as sealed:
        sealed.write(b"words")
        sealed.close()
        length = len(sink.getvalue())
    assert sealed.closed and not sink.closed
    assert len(sink.getvalue()) == length


class FailsOnce(io.BytesIO):
    """A source with one read error in it, at a byte."""

    fails_at = 100_000  # in the second chunk

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read up to the place, and there fail the first time."""
        if self.tell() == self.fails_at:
            self.fails_at = 1 << 60
            raise OSError(5, os.strerror(5))
        return super().readinto(memoryview(buffer)[: max(0, self.fails_at - self.tell())])


class FailsAlways(FailsOnce):
    """A source that cannot be read from a byte on."""

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read up to the place, and there fail every time."""
        self.fails_at = FailsOnce.fails_at
        return super().readinto(buffer)


def test_a_stream_does_not_read_over_a_gap() -> None:
    """After a read error the stream keeps raising it, even if the source has recovered."""
    stream = SealedStream(FailsOnce(SEALED_THREE), IDENTITIES)
    assert stream.read(1 << 20) == THREE_CHUNKS[:CHUNK_BYTES]
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output"):
            stream.read(1 << 20)


def test_a_seekable_reader_tries_again() -> None:
    """A reader knows where it stands, so a source that has recovered is read on."""
    reader = SealedReader(FailsOnce(SEALED_THREE), IDENTITIES)
    assert reader.read(1 << 20) == THREE_CHUNKS


def test_a_seekable_reader_gives_what_lies_before_a_read_error() -> None:
    """A source that does not recover costs what lies at the error, not the chunks before it."""
    reader = SealedReader(FailsAlways(SEALED_THREE), IDENTITIES)
    assert reader.read(1 << 20) == THREE_CHUNKS[:CHUNK_BYTES]
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output"):
            reader.read(1 << 20)


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
@pytest.mark.parametrize("step", [CHUNK_BYTES, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_long_files_open_in_reads_of_any_length(
    reader: type[SealedStream | SealedReader], step: int
) -> None:
    """A file of more chunks than are opened at once reads the same, and its damage is found."""
    words = random.Random(21).randbytes((2 * RUN_CHUNKS + 3) * CHUNK_BYTES + 5)
    sealed = bytearray(encrypt(words, RECIPIENTS))
    opened = reader(io.BytesIO(sealed), IDENTITIES)
    assert list(iter(lambda: opened.read(step), b"")) == list(pieces(words, step))

    spoilt_chunk = RUN_CHUNKS + 5
    sealed[PAYLOAD_START + spoilt_chunk * SEALED_CHUNK_BYTES + 9] ^= 1
    opened, released = reader(io.BytesIO(sealed), IDENTITIES), b""
    with pytest.raises(PayloadDamaged, match=f"chunk {spoilt_chunk} "):
        while True:
            released += opened.read(step)
    assert released == words[: spoilt_chunk * CHUNK_BYTES]


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
def test_what_did_not_verify_is_not_left_in_the_buffer(
    reader: type[SealedStream | SealedReader],
) -> None:
    """Behind the verified bytes a caller's buffer holds nothing of a damaged chunk."""
    spoilt = bytearray(SEALED_THREE)
    spoilt[PAYLOAD_START + 2 * SEALED_CHUNK_BYTES - 1] ^= 1  # the second chunk's tag
    buffer = bytearray(1 << 20)
    assert reader(io.BytesIO(spoilt), IDENTITIES).readinto(buffer) == CHUNK_BYTES
    assert buffer == THREE_CHUNKS[:CHUNK_BYTES] + bytes(len(buffer) - CHUNK_BYTES)


@pytest.mark.parametrize("reader", [SealedStream, SealedReader])
def test_a_closed_reader_gives_nothing(reader: type[SealedStream | SealedReader]) -> None:
    """After close() nothing is read, and the source is still the caller's."""
    source = io.BytesIO(SEALED_THREE)
    with reader(source, IDENTITIES) as opened:
        opened.read(10)
    with pytest.raises(ValueError, match="closed"):
        opened.read(10)
    assert not source.closed


def test_an_age_file_may_begin_within_another() -> None:
    """A reader takes the file to begin where the source stands."""
    source = io.BytesIO(b"something else" + SEALED_THREE)
    source.seek(14)
    reader = SealedReader(source, IDENTITIES)
    assert reader.size == len(THREE_CHUNKS)
    assert reader.read() == THREE_CHUNKS


def test_a_file_for_nobody_is_not_written() -> None:
    """Without a recipient nothing is sealed, and nothing is written."""
    sink = io.BytesIO()
    with pytest.raises(ValueError, match="recipient"):
        SealedWriter(sink, [])
    assert sink.getvalue() == b""
