"""Canonical JSON (RFC 8785): one value, one sequence of bytes, so that it can be signed."""

from __future__ import annotations

import json

import rfc8785

from confere.errors import BadValue, DamagedObject


def canonical_json(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of ``value``.

    ``value`` is made of dicts with string keys, lists, tuples, strings, integers up to 2**53 - 1,
    floats, booleans and None. Raises BadValue for anything else, and for text that is not Unicode.
    """
    try:
        # Of plain values, Python's own writer makes the same bytes, ten times as fast.
        return _write(value).encode() if _is_plain(value) else rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        # The error's own text may quote the value, so it is neither told nor chained.
        kind = type(error).__name__
    raise BadValue(f"this value has no canonical form ({kind})")


def _is_plain(value: object) -> bool:
    """Whether there is nothing in it that two writers could write differently.

    No floats; no keys beyond ASCII, which are sorted by other units; no numbers beyond 2**53; no
    subclasses.
    """
    kind = type(value)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(it)
            for key, it in value.items()  # type: ignore[attr-defined]
        )
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    if kind is int:
        return abs(value) < 1 << 53  # type: ignore[arg-type]
    return kind is str or kind is bool or value is None


_write = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def parse_canonical(data: bytes, what: str = "a signed file") -> object:
    """Return the value of bytes that are canonical JSON; ``what`` names the file in the error.

    Only the one canonical spelling is accepted: a repeated key, a space, an escape that need not be
    there would let two files say the same and differ, or one file say two things to two readers.
    Raises DamagedObject.
    """
    try:
        value: object = json.loads(data)
        canonical = canonical_json(value)
    except (ValueError, RecursionError):  # also bytes that are not UTF-8
        raise DamagedObject("it is not JSON", what) from None
    except BadValue:
        raise DamagedObject("it is not canonical JSON", what) from None
    if canonical != data:
        raise DamagedObject("it is not canonical JSON", what)
    return value
