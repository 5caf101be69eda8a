"""What an examination tells: one finding a subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; what is not ``ok`` says what to do."""

    level: Level
    about: str
    text: str


def read(file: Path) -> str:
    """Return what a file of ``/proc`` or ``/sys`` says, stripped; nothing when it cannot be read."""
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def shown(path: Path | str) -> str:
    """Return a path for the eye: a name somebody planted cannot steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(path))
