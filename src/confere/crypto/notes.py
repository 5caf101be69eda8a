"""Signed notes: a text that people can read, with signatures under it (C2SP ``signed-note``).

::

    any text, ending with a newline
                                        an empty line
    — name base64(key id ‖ signature)   one line for every signer

The signature is Ed25519 over the text with its last newline. The key id is the first four bytes of
SHA-256(name ‖ newline ‖ 0x01 ‖ public key). The text may hold empty lines: the last one counts.

As with every signature, a key signs one kind of note only; what that kind is, the text does not say.

Source: https://c2sp.org/signed-note
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from confere.crypto.signing import SigningKey, VerifyKey
from confere.errors import BadSignature

MAX_CHARACTERS = 16 << 20  # a receipt of tens of thousands of files; no bomb
MAX_SIGNATURES = 100  # the specification asks for 16 at least

_DASH = "— "  # U+2014 and a space
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_NO_TEXT = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")  # control characters, half characters


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A text whose signatures were checked, and the names of the known keys that signed it."""

    text: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A signature line, unchecked."""

    name: str
    key_id: bytes
    signature: bytes


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """Return the note of a text with one signature.

    ``text`` ends with a newline and holds no other control character; ``name`` has no space and no
    plus. Anything else is a mistake of the program and raises ValueError.
    """
    if not _is_text(text):
        raise ValueError("a note's text ends with a newline and has no other control character")
    return f"{text}\n{_signature_line(text, name, key)}"


def add_signature(note: str, name: str, key: SigningKey) -> str:
    """Return the note with one more signature under it; checks none of those that are there.

    Raises BadSignature when the note is malformed, ValueError for a bad name.
    """
    text, _ = _parse(note)
    return note + _signature_line(text, name, key)


def open_note(note: str, keys: Mapping[str, VerifyKey]) -> OpenedNote:
    """Return the text, if a known key signed it and every signature of a known key holds.

    ``keys`` maps a signer's name to their key. Signatures of unknown keys are ignored, also those
    that share the name, but not the key, with a known one. Raises BadSignature otherwise, and for
    a malformed note.
    """
    text, lines = _parse(note)
    message = text.encode()
    signers: dict[str, None] = {}  # a set that keeps the order
    for line in lines:
        key = keys.get(line.name)
        if key is not None and key_id(line.name, key) == line.key_id:
            _verify(key, message, line.signature)
            signers[line.name] = None
    if not signers:
        raise BadSignature("this note, which no known key signed,")
    return OpenedNote(text, tuple(signers))


def key_id(name: str, key: VerifyKey) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    digest = hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()
    return digest[:_KEY_ID_BYTES]


def _verify(key: VerifyKey, message: bytes, signature: bytes) -> None:
    try:
        key.verify(message, signature)
    except BadSignature:
        raise BadSignature("this note") from None


def _signature_line(text: str, name: str, key: SigningKey) -> str:
    if not _is_name(name):
        raise ValueError("a signer's name is not empty and has no space, plus or control character")
    blob = key_id(name, key.verify_key) + key.sign(text.encode())
    return f"{_DASH}{name} {base64.b64encode(blob).decode('ascii')}\n"


def _parse(note: str) -> tuple[str, list[_Line]]:
    """Take a note apart: its text, and its signature lines unchecked."""
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    well_formed = (
        len(note) <= MAX_CHARACTERS
        and bool(separator)
        and _is_text(text)
        and signatures.endswith("\n")
        and signatures.count("\n") <= MAX_SIGNATURES
    )
    if not well_formed:
        raise _malformed()
    return text, [_parse_line(line) for line in signatures[:-1].split("\n")]


def _parse_line(line: str) -> _Line:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _is_name(name):
        raise _malformed()
    try:
        blob = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _malformed() from None
    if len(blob) <= _KEY_ID_BYTES or base64.b64encode(blob).decode("ascii") != encoded:
        raise _malformed()  # base64 has one spelling only, or a note would have several
    return _Line(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


def _is_text(text: str) -> bool:
    """Whether this can be a note's text: UTF-8, a newline at its end, no other control character."""
    return text.endswith("\n") and not _NO_TEXT.search(text)


def _is_name(name: str) -> bool:
    """Whether this can be a signer's name."""
    return name != "" and not any(
        c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name
    )


def _malformed() -> BadSignature:
    return BadSignature("this text, which is no signed note,")
