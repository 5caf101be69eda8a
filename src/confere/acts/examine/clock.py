"""Whether the machine's clock can be believed: it dates every event in the custody log."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from confere.acts.examine.finding import Finding, shown

#: No clock that is right shows a time before this version was written. Moved with each release.
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
_LENIENT_S = 60.0  # clocks of two machines that wrote to one vault
# The kernel's bound on the error grows to this when no server was heard, and stays there. (So
# systemd decides it too; the flag STA_UNSYNC says rather who keeps the hardware clock.)
_MAX_ERROR_US = 16_000_000


def clock(vault: Path, now: datetime, synchronised: bool | None) -> Finding:
    """Compare the clock with what it cannot be before. The vault is locked: times of files are used."""
    wrong = "times in the custody log will be wrong. Set the clock before anything else"
    if now < WRITTEN:
        text = f"shows {_said(now)}, before this version of Confere was written: {wrong}"
        return Finding("problem", "clock", text)
    newest = _newest(vault)
    if newest and newest[0] > now.timestamp() + _LENIENT_S:
        then = _said(datetime.fromtimestamp(newest[0], UTC))
        text = (
            f"shows {_said(now)}, but {shown(newest[1])} was written at {then}: {wrong} "
            "(unless it was the other clock that was wrong)"
        )
        return Finding("problem", "clock", text)
    if synchronised is False:
        text = f"shows {_said(now)}; no time server was heard: compare it with a telephone's"
        return Finding("warning", "clock", text)
    unknown = "; whether a time server was heard cannot be told here"
    return Finding("ok", "clock", f"shows {_said(now)}" + (unknown if synchronised is None else ""))


def hears_time_server() -> bool | None:
    """Whether the clock is kept by a time server; None where it cannot be told."""
    if sys.platform != "linux":
        return None
    import ctypes

    class Timex(ctypes.Structure):  # adjtimex(2)
        _fields_ = (
            ("modes", ctypes.c_uint),
            ("offset", ctypes.c_long),
            ("freq", ctypes.c_long),
            ("maxerror", ctypes.c_long),
            ("rest", ctypes.c_char * 256),
        )

    timex = Timex()  # modes 0: only asks
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else bool(timex.maxerror < _MAX_ERROR_US)


def _newest(vault: Path) -> tuple[float, Path] | None:
    """Return when the newest file of the vault was written (seconds since 1970), and which it is."""
    found = []
    try:
        for path in vault.rglob("*"):
            if not path.is_dir():
                found.append((path.lstat().st_mtime, path.relative_to(vault)))
    except OSError:  # one that goes away meanwhile; the others will do
        pass
    return max(found, default=None)


def _said(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
