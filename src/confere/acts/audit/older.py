"""Older states of the log that somebody kept: on a receipt, in a backup, in an export, on paper."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from confere.crypto.checkpoint import Checkpoint
from confere.errors import BadInput, BadProof, BadValue, StorageProblem
from confere.vault.log import log_origin

_LARGEST = 64 << 20  # bytes; a receipt has thousands of lines, not millions
#: A checkpoint's three lines, wherever they stand, indented or not.
_LINES = re.compile(
    r"^[ \t]*(confere/[0-9a-z]+)[ \t]*\r?\n[ \t]*([0-9]+)[ \t]*\r?\n[ \t]*([A-Za-z0-9+/]{43}=)[ \t]*\r?$",
    re.MULTILINE,
)
_TYPED = re.compile(r"\s*([0-9]+)\s+([A-Za-z0-9+/]{43}=)\s*")
_HINT = (
    "Give a receipt, a checkpoint, an export's manifest.json, "
    "or the two values from paper: 'SIZE ROOT'."
)


@dataclass(frozen=True, slots=True)
class OlderState:
    """The log as it was once: its size and root; ``name`` is what it was read from."""

    name: str
    size: int
    root: bytes


def read_older(given: str, study_id: str) -> list[OlderState]:
    """Return the states that a file, or a typed text, tells of; at least one.

    Raises BadInput when it tells of none, or of another study's log.
    """
    path = Path(given)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    text = _read(path) if is_file else given
    name = path.name if is_file else "what was typed"
    found = [_state(name, size, root) for size, root in _found(text, study_id, given)]
    if not found:
        raise BadInput(f"'{given}' tells of no state of the custody log", _HINT)
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise StorageProblem(str(path), error.strerror or str(error)) from None


def _found(text: str, study_id: str, given: str) -> Iterator[tuple[str, str]]:
    if typed := _TYPED.fullmatch(text):
        yield typed[1], typed[2]
        return
    for origin, size, root in _LINES.findall(_inside(text)):
        if origin != log_origin(study_id):
            raise BadInput(f"'{given}' is of another study ({origin})", _HINT)
        yield size, root


def _inside(text: str) -> str:
    """Return what a manifest's ``checkpoint`` says, or the text itself."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    checkpoint = value.get("checkpoint") if isinstance(value, dict) else None
    return checkpoint if isinstance(checkpoint, str) else ""


def _state(name: str, size: str, root: str) -> OlderState:
    try:
        raw = base64.b64decode(root, validate=True)
        if base64.b64encode(raw).decode() != root or int(size) == 0:
            raise BadValue("")
        Checkpoint("confere/any", int(size), raw)
    except (binascii.Error, ValueError, BadValue, BadProof):
        raise BadInput(f"{name} tells of a state that no log can have", _HINT) from None
    return OlderState(name, int(size), raw)
