"""What can be wrong with an age file: finer classes of ``DamagedObject``.

Callers catch ``DamagedObject`` or its family. The tests tell these classes apart, so that a
parser's mistake cannot hide behind a MAC that would have failed anyway.
"""

from __future__ import annotations

from confere.errors import DamagedObject


class HeaderDamaged(DamagedObject):
    """The header is not the text of an age v1 header, or a stanza in it is malformed."""


class HeaderMacWrong(DamagedObject):
    """A key was unwrapped, and the header is not the one that was written with it."""

    def __init__(self) -> None:
        super().__init__("the header was changed after it was written")


class PayloadDamaged(DamagedObject):
    """A chunk does not verify, or the file is cut off, or something follows its last chunk."""
