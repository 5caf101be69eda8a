"""The trainers' modules lie beside their scripts, outside of the package."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

SHIPPED = ROOT / "src" / "confere" / "models" / "practice"


@pytest.fixture
def shipped() -> Path:
    """The folder of the practice models and the bundled recordings."""
    return SHIPPED


@pytest.fixture
def espeak() -> None:
    """Skips where libespeak-ng is not installed."""
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        pytest.skip("libespeak-ng is not installed")


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Keeps torch to two threads, whatever the machine has."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
