"""``backup.json``: one spelling, every mistake found, nothing else raised."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.backup.manifest import Entry, Manifest, parse_manifest
from confere.crypto.canonical import canonical_json
from confere.errors import DamagedCopy

SHA = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
WHOLE = Manifest(
    "study",
    "2026-11-22T18:04:05.250Z",
    "tree 7",
    (
        Entry("a/key.age", "vault/a/key.age.2c26b46b68ffc68f", 3, SHA),
        Entry("b", "vault/b", 0, SHA),
        Entry("ç", "vault/ç", 2**53 - 1, SHA),
    ),
)


def test_what_is_written_is_read() -> None:
    """Round trip, and the same bytes again; the order of the files is that of their names."""
    content = WHOLE.content()
    assert parse_manifest(content) == WHOLE
    mixed = Manifest(WHOLE.study, WHOLE.made_at, WHOLE.checkpoint, WHOLE.files[::-1])
    assert mixed.content() == content


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "confere/roster"},
        {"format": 2},
        {"format": True},
        {"format": "1"},
        {"study": 1},
        {"made_at": None},
        {"checkpoint": []},
        {"files": {}},
        {"files": [1]},
        {"files": [[]]},
        {"more": 1},
    ],
)
def test_a_manifest_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    """Each field has its one type, and there are no others."""
    value = {**json.loads(WHOLE.content()), **change}
    with pytest.raises(DamagedCopy, match=r"backup\.json"):
        parse_manifest(canonical_json(value))


@pytest.mark.parametrize("lacking", ["kind", "format", "study", "made_at", "checkpoint", "files"])
def test_a_manifest_that_lacks_a_field_is_refused(lacking: str) -> None:
    """Every field is there."""
    value = json.loads(WHOLE.content())
    del value[lacking]
    with pytest.raises(DamagedCopy):
        parse_manifest(canonical_json(value))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../x"},
        {"name": "/x"},
        {"name": "x//y"},
        {"name": "x\\y"},
        {"name": ".x"},
        {"name": "b/c"},  # and b is a file
        {"name": "b"},
        {"name": 1},
        {"stored": "backup.json"},
        {"stored": "vault/../backup.json"},
        {"stored": "vault/b"},
        {"stored": "vault/"},
        {"stored": None},
        {"sha256": SHA.upper()},
        {"sha256": SHA[:-1]},
        {"sha256": 1},
        {"size_bytes": -1},
        {"size_bytes": 1.5},
        {"size_bytes": True},
        {"size_bytes": "3"},
        {"more": 1},
    ],
)
def test_an_entry_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    """No name leads out, none comes twice, none is file and folder; digests and lengths are such."""
    value = json.loads(WHOLE.content())
    value["files"][0].update(change)
    with pytest.raises(DamagedCopy, match=r"backup\.json"):
        parse_manifest(canonical_json(value))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_damage(content: bytes) -> None:
    """Whatever lies there, nothing but DamagedCopy is raised."""
    with pytest.raises(DamagedCopy):
        parse_manifest(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "stored", "sha256", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(["kind", "format", "study", "made_at", "checkpoint", "files"]), JSON)
def test_any_field_of_any_value_is_a_manifest_or_damage(field: str, value: Any) -> None:
    """A manifest that is read says exactly what its bytes say."""
    content = canonical_json({**json.loads(WHOLE.content()), field: value})
    try:
        manifest = parse_manifest(content)
    except DamagedCopy:
        return
    assert manifest.content() == content


@given(st.data())
def test_any_entry_of_any_value_is_a_manifest_or_damage(data: st.DataObject) -> None:
    """The same for the fields of an entry."""
    value = json.loads(WHOLE.content())
    field = data.draw(st.sampled_from(["name", "stored", "sha256", "size_bytes"]))
    value["files"][0][field] = data.draw(JSON | st.text(alphabet="vault/.\\a", max_size=12))
    content = canonical_json(value)
    try:
        manifest = parse_manifest(content)
    except DamagedCopy:
        return
    assert len(manifest.files) == 3


@given(st.integers(0, len(WHOLE.content()) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_damage_or_another_manifest(place: int, turn: int) -> None:
    """Never an error of another kind, never the same manifest from other bytes."""
    content = bytearray(WHOLE.content())
    content[place] ^= turn
    with contextlib.suppress(DamagedCopy):
        assert parse_manifest(bytes(content)) != WHOLE
