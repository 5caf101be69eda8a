"""Names from a recorder, made safe to show."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.intake.names import printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"ZOOM0001.WAV", "ZOOM0001.WAV"),
        ("entrevista nº 3 – São Paulo.m4a".encode(), "entrevista nº 3 – São Paulo.m4a"),
        (b"caf\xe9.wav", "caf\\xe9.wav"),
        (b"a\nDELETED: 99.wav", "a\\u000aDELETED: 99.wav"),
        (b"\x1b[2J.wav", "\\u001b[2J.wav"),
        ("\u202egnp.wav".encode(), "\\u202egnp.wav"),
        (b"back\\slash.wav", "back\\\\slash.wav"),
    ],
)
def test_what_cannot_be_shown_is_escaped(raw: bytes, shown: str) -> None:
    """Line breaks, escape codes, direction marks and foreign bytes become escapes."""
    assert printable(os.fsdecode(raw)) == shown


@given(st.binary(max_size=40))
def test_any_bytes_become_one_printable_line(raw: bytes) -> None:
    """Whatever a name holds, what is shown is printable and can be written as UTF-8."""
    shown = printable(os.fsdecode(raw))
    assert shown.isprintable()
    shown.encode()


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_different_names_are_shown_differently(one: bytes, other: bytes) -> None:
    """No two names look the same on a receipt because of the escaping."""
    assert (printable(os.fsdecode(one)) == printable(os.fsdecode(other))) == (one == other)
