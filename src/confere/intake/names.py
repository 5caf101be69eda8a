"""Names from a recorder may hold any bytes; this makes them safe to show, to sign and to keep.

A hostile card can name a file with line breaks (a forged line on a receipt), with escape codes (a
command to the terminal), or with marks that turn the direction of writing (``cod.wav`` shown for
``vaw.doc``). Everything Unicode does not call printable is therefore written as an escape.
"""

from __future__ import annotations


def printable(name: str) -> str:
    """Return the name with every unprintable character, undecodable byte and backslash escaped.

    Takes a name as ``os.listdir`` gives it (undecodable bytes as surrogates). Different names stay
    different, because the backslash itself is escaped.
    """
    return "".join(c if c.isprintable() and c != "\\" else _escape(c) for c in name)


def _escape(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape's way to carry one undecodable byte
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
