"""The names a copy may have: relative, with ``/``, and never a way out of the place they stand for."""

from __future__ import annotations

from confere.errors import BadValue

MAX_NAME_BYTES = 900  # S3 allows 1,024 for prefix and name together
MAX_PART_BYTES = 255  # what file systems allow between two slashes


def is_safe(name: str) -> bool:
    """Whether a name can be handed to any store.

    Parts between single ``/``; none empty, hidden (``.``, ``..``, ``.x``) or too long; no backslash and
    no control character. Hidden names are work in progress, in a vault as in a store.
    """
    try:
        parts = [part.encode() for part in name.split("/")]
    except UnicodeEncodeError:  # half a character, as file systems in another encoding give it
        return False
    return (
        all(part and part[0] != ord(".") and len(part) <= MAX_PART_BYTES for part in parts)
        and sum(map(len, parts)) + len(parts) <= MAX_NAME_BYTES
        and "\\" not in name
        and all(ord(each) >= 0x20 and ord(each) != 0x7F for each in name)
    )


def require_safe(name: str) -> None:
    """Raise BadValue for a name that is not safe."""
    if not is_safe(name):
        raise BadValue(f"{name!r} is not a name for a file of a backup")
