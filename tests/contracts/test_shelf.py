"""What every shelf does, whoever implements it.

A new one adds its factory to ``FACTORIES``: given an empty folder, it returns a ``Shelved``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from confere.intake.note import OffloadNote
from confere.intake.port import BEGINNING_BYTES, Placement, SealedFacts, Twin
from doubles.notes import a_note
from doubles.shelf import Shelved, disk_shelf, memory_shelf
from doubles.vault_shelf import vault_shelf

Factory = Callable[[Path], Shelved]

FACTORIES: list[Factory] = [memory_shelf, disk_shelf, vault_shelf]

CHUNK = 65536  # bytes of plaintext in a chunk of the age format


@pytest.fixture(params=FACTORIES, ids=lambda factory: factory.__name__)
def shelved(request: pytest.FixtureRequest, tmp_path: Path) -> Shelved:
    """Each of the shelves, empty."""
    factory: Factory = request.param
    return factory(tmp_path)


def put(placement: Placement, plain: bytes, portion: int = 1 << 20) -> None:
    """Write a plaintext in portions, seal it and keep it."""
    for start in range(0, len(plain), portion):
        assert placement.write(plain[start : start + portion]) == len(
            plain[start : start + portion]
        )
    sealed = placement.seal()
    placement.keep(
        replace(
            a_note(),
            recording_id=placement.recording_id,
            size_bytes=len(plain),
            sha256=hashlib.sha256(plain).hexdigest(),
            sealed_size_bytes=sealed.size_bytes,
            sealed_sha256=sealed.sha256,
        )
    )


@pytest.mark.parametrize("portion", [1000, CHUNK, 1 << 20])
@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, (1 << 20) + 7])
def test_what_is_kept_is_what_was_written(shelved: Shelved, size: int, portion: int) -> None:
    """Any length, written in any portions, is kept whole and in order."""
    plain = bytes(range(251)) * (size // 251 + 1)
    plain = plain[:size]
    placement = shelved.shelf.begin()
    put(placement, plain, portion)
    assert shelved.kept()[placement.recording_id].plain == plain


def test_the_sealed_facts_are_those_of_the_object(shelved: Shelved) -> None:
    """Digest and length told by seal are those of the bytes that are kept."""
    placement = shelved.shelf.begin()
    put(placement, b"sound" * 5000)
    kept = shelved.kept()[placement.recording_id]
    assert kept.note.sealed_size_bytes == len(kept.sealed)
    assert kept.note.sealed_sha256 == hashlib.sha256(kept.sealed).hexdigest()
    assert b"sound" not in kept.sealed


def test_memoryviews_are_taken_too(shelved: Shelved) -> None:
    """A memoryview is copied: changing its buffer afterwards changes nothing."""
    buffer = bytearray(b"a" * 100)
    placement = shelved.shelf.begin()
    assert placement.write(memoryview(buffer)) == 100
    buffer[:] = b"b" * 100
    put(placement, b"")
    assert shelved.kept()[placement.recording_id].plain == b"a" * 100


def test_it_can_be_read_back_twice_and_anywhere(shelved: Shelved) -> None:
    """Before it is kept, the plaintext can be read back more than once and from any place."""
    plain = bytes(range(256)) * 1024
    placement = shelved.shelf.begin()
    placement.write(plain)
    placement.seal()
    for start in (0, CHUNK + 5, len(plain) - 1, len(plain)):
        with placement.read_back() as stream:
            stream.seek(start)
            assert stream.read() == plain[start:]
    placement.abandon()


def test_the_note_is_kept_as_it_is(shelved: Shelved) -> None:
    """The note comes back with every field as it was given."""
    placement = shelved.shelf.begin()
    placement.write(b"x")
    placement.seal()
    note = replace(a_note(), recording_id=placement.recording_id, name="ação – 1.wav")
    placement.keep(note)
    assert shelved.kept()[placement.recording_id].note == note


def test_nothing_is_visible_before_it_is_kept(shelved: Shelved) -> None:
    """Up to keep, the shelf shows nothing; afterwards it holds nothing half-done."""
    placement = shelved.shelf.begin()
    placement.write(b"x" * 100_000)
    assert not shelved.kept()
    placement.seal()
    assert not shelved.kept()
    put_aside = replace(a_note(), recording_id=placement.recording_id)
    placement.keep(put_aside)
    assert list(shelved.kept()) == [placement.recording_id]
    assert not shelved.traces()


@pytest.mark.parametrize("stage", ["begun", "written", "sealed", "read back"])
def test_abandoning_leaves_no_trace(shelved: Shelved, stage: str) -> None:
    """Whenever it is abandoned, and however often, nothing of a recording is left."""
    placement = shelved.shelf.begin()
    if stage != "begun":
        placement.write(b"x" * 100_000)
    if stage in ("sealed", "read back"):
        placement.seal()
    if stage == "read back":
        placement.read_back().close()
    placement.abandon()
    placement.abandon()
    assert not shelved.kept()
    assert not shelved.traces()


def test_abandoning_what_is_kept_does_nothing(shelved: Shelved) -> None:
    """A recording that is kept cannot be abandoned any more."""
    placement = shelved.shelf.begin()
    put(placement, b"x")
    placement.abandon()
    assert shelved.kept()[placement.recording_id].plain == b"x"


def test_two_recordings_on_their_way_do_not_meet(shelved: Shelved) -> None:
    """Two placements at a time have ids and contents of their own; one may be abandoned."""
    first, second, third = (shelved.shelf.begin() for _ in range(3))
    first.write(b"1")
    second.write(b"2")
    third.write(b"3")
    third.abandon()
    put(second, b"2")
    put(first, b"1")
    kept = {recording: item.plain for recording, item in shelved.kept().items()}
    assert kept == {first.recording_id: b"11", second.recording_id: b"22"}
    assert not shelved.traces()


def kept_note(shelved: Shelved, recording_id: str) -> OffloadNote:
    """The note a recording was kept with."""
    return shelved.kept()[recording_id].note


def found(shelved: Shelved, plain: bytes) -> Twin | None:
    """Look for a content as a transfer does."""
    if not shelved.shelf.may_hold(len(plain), plain[:BEGINNING_BYTES]):
        return None
    return shelved.shelf.find(hashlib.sha256(plain).hexdigest(), len(plain))


@pytest.mark.parametrize("size", [1, BEGINNING_BYTES - 1, BEGINNING_BYTES, BEGINNING_BYTES + 1])
@pytest.mark.parametrize("portion", [1000, 1 << 20])
def test_what_is_kept_is_found_by_its_content(shelved: Shelved, size: int, portion: int) -> None:
    """By all of it: one byte more, less or other, at either end, is another recording."""
    plain = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert found(shelved, plain) is None
    placement = shelved.shelf.begin()
    put(placement, plain, portion)
    twin = found(shelved, plain)
    assert twin is not None
    assert twin.recording_id == placement.recording_id
    kept = kept_note(shelved, twin.recording_id)
    assert twin.sealed == SealedFacts(kept.sealed_sha256, kept.sealed_size_bytes)
    turned = bytes([255 - plain[0]])
    for other in (turned + plain[1:], plain[:-1] + bytes([255 - plain[-1]]), plain + b"x"):
        assert found(shelved, other) is None


def test_what_is_on_its_way_or_abandoned_is_not_found(shelved: Shelved) -> None:
    """Only what is kept is there."""
    placement = shelved.shelf.begin()
    placement.write(b"x" * 1000)
    placement.seal()
    assert found(shelved, b"x" * 1000) is None
    placement.abandon()
    assert found(shelved, b"x" * 1000) is None


def test_what_is_found_again_is_noted_again(shelved: Shelved) -> None:
    """The second note is there beside the first, whole; the recording is as it was."""
    placement = shelved.shelf.begin()
    put(placement, b"x" * 1000)
    before = shelved.kept()[placement.recording_id]
    again = replace(before.note, name="other.wav", receipt_id="b" * 16)
    shelved.shelf.keep_again(again)
    shelved.shelf.keep_again(again)
    assert shelved.again() == [again, again]
    assert shelved.kept() == {placement.recording_id: before}
    assert not shelved.traces()


def test_calls_out_of_order_are_refused(shelved: Shelved) -> None:
    """Reading or keeping before the seal, and writing after it, are mistakes of the program."""
    placement = shelved.shelf.begin()
    with pytest.raises(RuntimeError):
        placement.read_back()
    with pytest.raises(RuntimeError):
        placement.keep(a_note())
    placement.write(b"x")
    placement.seal()
    with pytest.raises(RuntimeError):
        placement.write(b"y")
    placement.abandon()
    assert not shelved.kept()
