"""The machine's marks are told to people, in words, wherever a segment is shown."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from confere.acts.draft import UNTRANSLATED
from confere.cli.show import MARKS, print_segment
from confere.domain import Segment, State
from confere.transcribe import marks

ALL = {
    value
    for name, value in vars(marks).items()
    if name.isupper() and isinstance(value, str) and name.replace("_", "-").lower() == value
} | {UNTRANSLATED}


@pytest.mark.parametrize("language", ["en", "pt"])
def test_the_page_says_every_mark(language: str) -> None:
    """Every mark has its words in both languages, and no words stand there without a mark."""
    file = resources.files("confere.web") / "messages" / f"{language}.json"
    said = {key for key in json.loads(file.read_text("utf-8")) if key.startswith("mark.")}
    assert {key.removeprefix("mark.") for key in said} >= ALL


def test_the_command_line_says_every_mark() -> None:
    """So does ``confere show``."""
    assert set(MARKS) >= ALL > {"loop", "invention", "missed-speech"}


def test_a_segment_without_words_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """What was missed has a line of its own, and what its mark means."""
    print_segment(
        Segment(
            "a", "r", 7, 1_000, 4_000, "UNK", "pt", "", "", State.DRAFT, 0, marks=("missed-speech",)
        )
    )
    shown = capsys.readouterr().out
    assert "(no words)" in shown and "! missed-speech: somebody speaks here" in shown
