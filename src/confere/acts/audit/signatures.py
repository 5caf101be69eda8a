"""Very many signatures: on one processor, or on all of them when it takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from confere.crypto import VerifyKey
from confere.errors import BadKeyText, BadSignature

#: A public key, what was signed, the signature.
Signed = tuple[str, bytes, bytes]
_STEP = 2_000  # signatures between two words about progress: about 0.3 s


def bad_signatures(signed: Sequence[Signed], progress: Callable[[int, int], None]) -> set[int]:
    """Return the places of those that do not hold. ``progress`` is told how many are done, and of all."""
    bad: set[int] = set()
    for start in range(0, len(signed), _STEP):
        progress(start, len(signed))
        bad |= {start + place for place in _bad(signed[start : start + _STEP])}
    return bad


def _bad(signed: Sequence[Signed]) -> list[int]:
    keys: dict[str, VerifyKey] = {}
    bad = []
    for place, (key, body, signature) in enumerate(signed):
        try:
            if key not in keys:
                keys[key] = VerifyKey.parse(key)
            keys[key].verify(body, signature)
        except (BadSignature, BadKeyText, ValueError):
            bad.append(place)
    return bad
