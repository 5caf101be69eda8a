"""The word lists of the checks: text files beside this module, read when first needed."""

from __future__ import annotations

from functools import cache
from importlib import resources

from confere.review.checks.text import fold


@cache
def word_set(name: str) -> frozenset[str]:
    """Return the folded words of ``data/NAME.txt``."""
    return frozenset(fold(word) for line in lines(name) for word in line.split())


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of ``data/NAME.txt`` without comments and empty ones."""
    folder = resources.files("confere.review.checks") / "data"
    read = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in read if line.strip() and not line.startswith("#"))
