"""The demonstration does what it says, on real audio with the real engines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of one demonstration and everything it printed."""
    root = tmp_path_factory.mktemp("demo")
    environment = {
        **os.environ,
        "XDG_STATE_HOME": str(root / ".state"),
        "XDG_DATA_HOME": str(root / ".data"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "confere", "demo", "--folder", root / "demo"],
        env=environment,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return root / "demo", done.stdout


def test_every_recording_leaves_the_card(demo: tuple[Path, str]) -> None:
    """Five files are taken and deleted; what is no recording stays."""
    folder, printed = demo
    assert printed.count("on the recorder: deleted") == 5
    assert [p.name for p in (folder / "card").rglob("*") if p.is_file()] == ["H5_HPRJ.SYS"]
    assert len(list((folder / "vault" / "recordings").iterdir())) == 5


def test_it_shows_three_refusals(demo: tuple[Path, str]) -> None:
    """Own work, what was not played, and a change after the signature."""
    refusals = [line for line in demo[1].splitlines() if "REFUSED" in line]
    assert len(refusals) == 3
    assert "ivo worked on segment" in refusals[0]
    assert "was not played" in refusals[1]
    assert "is signed" in refusals[2]


def test_both_languages_are_heard_and_translated(demo: tuple[Path, str]) -> None:
    """The interpreted interview shows Portuguese with its English, and English as it is."""
    printed = demo[1]
    interview = printed[printed.index("INTERVIEW003.M4A, ") :]
    assert " pt  " in interview
    assert " en  How" in interview
    assert "Há quanto tempo a senhora trabalha no centro de assistência social?" in interview


def test_the_exports_are_there_and_marked(demo: tuple[Path, str]) -> None:
    """docx, both WebVTT files, JSON and the manifest; practice is written on them."""
    names = sorted(p.name.partition("-")[2] for p in (demo[0] / "exports").iterdir())
    assert names == ["", "v1.docx", "v1.en.vtt", "v1.json", "v1.pt.vtt"]
    captions = next((demo[0] / "exports").glob("*.en.vtt")).read_text("utf-8")
    assert "PRACTICE" in captions


def test_nothing_spoken_is_in_the_clear_in_the_vault(demo: tuple[Path, str]) -> None:
    """Neither the sound's beginning nor words nor file names of the card."""
    for file in (demo[0] / "vault").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        for canary in (b"RIFF", b"ftyp", b"INTERVIEW003", b"posto de sa", b"health post"):
            assert canary not in content, file
