"""Canonical JSON, against the examples of RFC 8785."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.crypto.canonical import canonical_json, parse_canonical
from confere.errors import BadValue, DamagedObject

# RFC 8785, section 3.2.2: the value as it is given, and the bytes of section 3.2.4.
RFC_VALUE = r"""{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
RFC_BYTES = bytes.fromhex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b"
    "3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22"
    "737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
)
# RFC 8785, section 3.2.3: keys are sorted by their UTF-16 code units.
RFC_KEYS = ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
# RFC 8785, appendix B: doubles by their bits, and how they are written.
RFC_NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_example_of_the_rfc() -> None:
    """The example of sections 3.2.2 to 3.2.4 gives the bytes printed there."""
    assert canonical_json(json.loads(RFC_VALUE)) == RFC_BYTES


def test_order_of_keys() -> None:
    """Keys stand in the order of section 3.2.3, whatever order they came in."""
    written = canonical_json(dict.fromkeys(sorted(RFC_KEYS, reverse=True), 0))
    assert list(json.loads(written)) == RFC_KEYS


@pytest.mark.parametrize(("bits", "text"), RFC_NUMBERS)
def test_numbers(bits: str, text: str) -> None:
    """Doubles are written as in appendix B."""
    [number] = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number) == text.encode()


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"\udc00": 1}, {1: 2}, b"x", {1, 2}],
)
def test_what_has_no_canonical_form(value: Any) -> None:
    """What no two readers would read alike is refused."""
    with pytest.raises(BadValue):
        canonical_json(value)


@settings(deadline=None)
@given(VALUES)
def test_there_and_back(value: Any) -> None:
    """What was written is read back as the same value, and has no other spelling."""
    written = canonical_json(value)
    assert parse_canonical(written) == value
    assert canonical_json(parse_canonical(written)) == written


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"{} ",
        b" {}",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"1.0",
        b"1e1",
        b"-0",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b"NaN",
        b"9007199254740993",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"1" * 5_000,
    ],
)
def test_other_spellings(data: bytes) -> None:
    """Anything but the one canonical spelling of a value is refused."""
    with pytest.raises(DamagedObject):
        parse_canonical(data, "a receipt")
