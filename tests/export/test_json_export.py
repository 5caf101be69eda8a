"""JSON: the signed envelope as it is, and a draft that says it is one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from confere.crypto.canonical import parse_canonical
from confere.errors import BadValue
from confere.export.json_export import write
from export.samples import ORDINARY, draft, envelope, signed


def test_signed() -> None:
    """A signed transcript is exported byte for byte."""
    [file] = write(signed())
    assert file.content == envelope(ORDINARY)
    assert file.sha256 == signed().digest


def test_draft() -> None:
    """A draft says so, carries no signature, and is canonical too."""
    [file] = write(draft(practice=True))
    content = parse_canonical(file.content)
    assert isinstance(content, dict)
    assert content["kind"] == "confere/draft"
    assert content["draft"] is True and content["practice"] is True
    assert "signature" not in json.dumps(content)
    assert [s["source"] for s in content["segments"]] == [row[2] for row in ORDINARY]
    assert [s["marks"] for s in content["segments"]] == [[]] * len(ORDINARY)


def test_a_draft_tells_what_the_machine_distrusts() -> None:
    """The marks of each segment stand beside its texts."""
    given = draft()
    lines = (replace(given.lines[0], marks=("invention", "no-speech")), *given.lines[1:])
    [file] = write(replace(given, lines=lines))
    assert json.loads(file.content)["segments"][0]["marks"] == ["invention", "no-speech"]


def test_half_a_character() -> None:
    """What is not Unicode cannot be exported as JSON, and the error does not quote it."""
    with pytest.raises(BadValue) as refusal:
        write(draft([("pt", "P01", "secret \ud800", "x")]))
    assert "secret" not in str(refusal.value)
