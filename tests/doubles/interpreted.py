"""Made interviews in the practice language for tests: who said what, when and in which language."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
if str(SCRIPTS) not in sys.path:  # where the language and its voices are
    sys.path.insert(0, str(SCRIPTS))

from practice.interviews import Kind, Sentence, make, write  # noqa: E402

__all__ = ["Kind", "Sentence", "make", "need_espeak", "write"]


def need_espeak() -> None:
    """Skip the test where libespeak-ng, which speaks, is not installed."""
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        pytest.skip("libespeak-ng is not installed")
