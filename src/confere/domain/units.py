"""Time on the recording is a whole number of milliseconds; this is how people see it."""

from __future__ import annotations


def clock(milliseconds: int) -> str:
    """Return ``hh:mm:ss.mmm``, as WebVTT and people write it."""
    seconds, ms = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
