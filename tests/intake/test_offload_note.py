"""The note of an offload as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.errors import DamagedVault
from confere.intake.names import printable
from confere.intake.note import OffloadNote
from doubles.notes import a_note

_texts = st.text(max_size=20).map(printable)
_numbers = st.integers(0, 2**63)
_digests = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
_notes = st.builds(
    OffloadNote,
    **dict.fromkeys(("recording_id", "receipt_id", "group", "name", "path", "source"), _texts),
    **dict.fromkeys(("recorded_at", "offloaded_at", "container", "codec"), _texts),
    **dict.fromkeys(("part", "size_bytes", "sealed_size_bytes", "duration_ms"), _numbers),
    **dict.fromkeys(("channels", "sample_rate"), _numbers),
    sha256=_digests,
    sealed_sha256=_digests,
    recorded_at_ns=st.integers(-(2**63), 2**63),
    **dict.fromkeys(("profile", "track", "named_at"), _texts),
    **dict.fromkeys(("device_label", "device_uuid", "device_serial"), _texts),
    **dict.fromkeys(("truncated", "encrypted"), st.booleans()),
)


@given(_notes)
def test_a_note_comes_back_as_it_was(note: OffloadNote) -> None:
    """Writing and reading gives the same note, from text and from bytes; the same bytes again."""
    text = note.to_json()
    assert OffloadNote.from_json(text) == note
    assert OffloadNote.from_json(text.encode()).to_json() == text
    assert "\n" not in text


@pytest.mark.parametrize(
    "wrong", [{"codec": "a\nb"}, {"size_bytes": -1}, {"sha256": "none"}, {"duration_ms": 1.5}]
)
def test_a_note_that_could_not_be_read_is_not_written(wrong: dict[str, Any]) -> None:
    """A mistake of the program shows before the source is deleted."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(a_note(), **wrong).to_json()


@pytest.mark.parametrize("name", sorted(asdict(a_note())))
def test_a_missing_field_is_refused(name: str) -> None:
    """No field has a default; the error names it."""
    values = asdict(a_note())
    del values[name]
    with pytest.raises(DamagedVault, match=name):
        OffloadNote.from_json(json.dumps(values))


@pytest.mark.parametrize("name", sorted(asdict(a_note())))
def test_a_field_of_another_kind_is_refused(name: str) -> None:
    """Numbers for texts, texts for numbers, numbers for yes and no, and nothing at all."""
    wrong: list[object] = [None, [], 1.5, {}, 7 if name in ("truncated", "encrypted") else True]
    if not isinstance(asdict(a_note())[name], str):
        wrong.append("7")
    for value in wrong:
        values = asdict(a_note()) | {name: value}
        with pytest.raises(DamagedVault, match=name):
            OffloadNote.from_json(json.dumps(values))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps(asdict(a_note()) | {"more": 1}).encode(),
        json.dumps(asdict(a_note()) | {"size_bytes": -1}).encode(),
        json.dumps(asdict(a_note()) | {"sha256": "0" * 63}).encode(),
        json.dumps(asdict(a_note()) | {"sha256": "G" * 64}).encode(),
        json.dumps(asdict(a_note()) | {"name": "a\nb"}).encode(),
        json.dumps(asdict(a_note()) | {"name": "\ud800"}).encode(),
    ],
    ids=range(13),
)
def test_what_is_no_note_is_refused(text: bytes) -> None:
    """Whoever can seal to the study can make a note; a malformed one is a clear error."""
    with pytest.raises(DamagedVault):
        OffloadNote.from_json(text)


SINCE_2 = [
    *("version", "profile", "track", "named_at", "encrypted"),
    *("device_label", "device_uuid", "device_serial"),
]


def test_a_note_of_version_1_is_read_and_stays_one() -> None:
    """Its digest is in a signed event: what is written again is the same to the byte."""
    values = {name: value for name, value in asdict(a_note()).items() if name not in SINCE_2}
    old = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    note = OffloadNote.from_json(old)
    assert (note.version, note.profile, note.device_uuid, note.encrypted) == (1, "", "", False)
    assert note.to_json() == old


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_note_of_an_unknown_version_is_refused(version: int) -> None:
    """A version 1 that has later fields, too, is none."""
    values = asdict(a_note()) | {"version": version}
    with pytest.raises(DamagedVault, match="version"):
        OffloadNote.from_json(json.dumps(values))
