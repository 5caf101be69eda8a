"""Text made fit for documents: what a format cannot carry is replaced where everybody sees it."""

from __future__ import annotations

import re

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
#: Control characters but tab and line feed, halves of surrogate pairs, and the two code points of
#: the basic plane that XML 1.0 excludes (section 2.2 of the recommendation).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """Return ``text`` with plain line feeds, and with U+FFFD for what no document may hold.

    Dropping such characters silently would let an export differ from the transcript unseen.
    """
    return _UNPRINTABLE.sub(_REPLACEMENT, _LINE_BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """Return ``printable`` text on a single line."""
    return " ".join(printable(text).split())
