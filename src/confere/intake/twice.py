"""The same content once more: found by all of its bytes, never by its name, size or time.

Cards count from 1 and their clocks stand still, so only content says what is the same. Nothing is
concluded from a part of it either: the beginning decides whether the rest is worth reading.
"""

from __future__ import annotations

from confere.intake.port import BEGINNING_BYTES, Shelf, Twin
from confere.intake.proof import Digest, digest_of, on_shelf
from confere.intake.source import OpenedSource


def find_twin(source: OpenedSource, shelf: Shelf) -> tuple[Twin, Digest] | None:
    """Return the kept recording that holds what the source holds, checked again, and what that is.

    Nothing if there is none, or none that can be vouched for now.

    Raises SourceVanished or SourceChanged when the source cannot be read to its end as it was.
    """
    beginning = source.beginning(BEGINNING_BYTES)
    with on_shelf():
        if not shelf.may_hold(source.identity.size_bytes, beginning):
            return None
    content = digest_of(source.blocks())
    with on_shelf():
        twin = shelf.find(content.sha256, content.size_bytes)
    return None if twin is None else (twin, content)
