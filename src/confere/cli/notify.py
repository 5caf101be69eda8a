"""A notification of the desktop, for who has walked away. Without a sound, and never a reason to fail.

It says how many recordings are safe, and no name of a file: notifications are kept by desktops, and shown
on locked screens.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

_PATIENCE_S = 5
_APPLE = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


def notify(title: str, text: str) -> bool:
    """Show a notification; return whether there was something that takes it."""
    command = _command(title, text)
    if command is None:
        return False
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - fixed arguments, and what is said is one of them
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
        )
        return done.returncode == 0
    return False


def language() -> str:
    """Return the language of this account's desktop, as far as we speak it: ``pt`` or ``en``."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):  # as POSIX orders them
        if value := os.environ.get(name):
            return "pt" if value.lower().startswith("pt") else "en"
    return "en"


def _command(title: str, text: str) -> Sequence[str] | None:
    if sys.platform == "darwin":
        lines = [part for line in _APPLE for part in ("-e", line)]
        return ["osascript", *lines, title, text]
    program = shutil.which("notify-send")
    if program is None:
        return None
    quiet = "--hint=boolean:suppress-sound:true"
    return [program, "--app-name=Confere", "--category=device", quiet, "--", title, text]
