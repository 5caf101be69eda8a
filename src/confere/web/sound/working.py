"""The working sound: a WAV that does not exist, of which only the bytes that are asked for are made.

=====  ==============================================
bytes  what
=====  ==============================================
44     the header: RIFF, ``fmt``, ``data``
48     each millisecond: 24 samples, 16-bit, mono
=====  ==============================================
"""

from __future__ import annotations

import struct

RATE_HZ = 24_000
HEADER_BYTES = 44
BYTES_A_MS = 48  # so that every millisecond begins at a byte, and 24 kHz at a sample
SAMPLE_BYTES = 2


def header(duration_ms: int) -> bytes:
    """Return the header of a working sound so long."""
    size_bytes = duration_ms * BYTES_A_MS
    form = struct.pack("<HHIIHH", 1, 1, RATE_HZ, RATE_HZ * SAMPLE_BYTES, SAMPLE_BYTES, 16)
    return b"".join(
        (
            b"RIFF" + struct.pack("<I", HEADER_BYTES - 8 + size_bytes) + b"WAVE",
            b"fmt " + struct.pack("<I", len(form)) + form,
            b"data" + struct.pack("<I", size_bytes),
        )
    )


def size_bytes(duration_ms: int) -> int:
    """Return the length of a working sound, header included."""
    return HEADER_BYTES + duration_ms * BYTES_A_MS


def span_of(first_byte: int, end_byte: int) -> tuple[int, int]:
    """Return the milliseconds whose last byte is among these (``end_byte`` is not)."""
    begun, ended = (max(0, byte - HEADER_BYTES) // BYTES_A_MS for byte in (first_byte, end_byte))
    return begun, ended
