"""Interviews made for measuring: what the truth beside them says is what is in them."""

from __future__ import annotations

import io
import itertools
import wave
from pathlib import Path

import numpy as np
import pytest

from doubles.interpreted import Sentence, make, write

pytestmark = pytest.mark.usefixtures("espeak")


def test_an_interpreted_interview_has_two_languages_and_three_people() -> None:
    """Everything asked and answered is said in both languages, at least a fifth of a second apart."""
    _, said = make(1, 3)
    assert {s.language for s in said} == {"pt", "en"}
    assert {s.speaker for s in said} == {"researcher", "interpreter", "participant"}
    assert {s.language for s in said if s.speaker == "interpreter"} == {"pt", "en"}
    # Bounds are whole milliseconds.
    assert all(b.start_ms - a.end_ms >= 199 for a, b in itertools.pairwise(said))


def test_it_is_as_long_as_was_asked_and_follows_from_its_seed() -> None:
    """The same seed gives the same bytes, another one others."""
    first, again, other = make(1, 0.5)[0], make(1, 0.5)[0], make(2, 0.5)[0]
    assert first == again != other
    with wave.open(io.BytesIO(first)) as file:
        assert file.getnframes() == 30 * 16_000


def test_what_is_held_out_is_never_said_in_development() -> None:
    """But for the words of who listens."""
    tuned = {s.text for seed in range(3) for s in make(seed, 3)[1]}
    held = {s.text for seed in range(3) for s in make(seed, 3, held_out=True)[1]}
    assert all(len(text.split()) <= 3 for text in tuned & held)


def test_a_longer_one_says_the_same_again_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that four hours are made in seconds."""
    monkeypatch.setattr("practice.interviews.FRESH_MINUTES", 1)
    _, said = make(1, 4, "portuguese")
    texts = [s.text for s in said]
    assert len(set(texts)) < 0.5 * len(texts)
    assert texts[: len(texts) // 4] != texts[len(texts) // 4 : len(texts) // 4 * 2]


@pytest.mark.parametrize("kind", ["stereo", "stereo-interpreted"])
def test_in_stereo_each_side_is_louder_on_its_own_channel(kind: str) -> None:
    """The other side is heard there as well, and nobody speaks over themselves."""
    wav, said = make(3, 1, kind)  # type: ignore[arg-type]
    with wave.open(io.BytesIO(wav)) as file:
        sound = np.frombuffer(file.readframes(-1), "<i2").reshape(-1, 2).astype(np.float32)
    ended: dict[str, int] = {}
    for each in said:
        assert each.start_ms >= ended.get(each.side, 0)
        ended[each.side] = each.end_ms
        if any(o.side != each.side and _overlap(o, each) for o in said):
            continue
        left, right = np.square(sound[each.start_ms * 16 : each.end_ms * 16]).mean(axis=0)
        assert (left > 4 * right) if each.side == "left" else (right > 4 * left)


def _overlap(one: Sentence, other: Sentence) -> bool:
    return one.start_ms < other.end_ms and other.start_ms < one.end_ms


def test_files_have_their_truth_beside_them(tmp_path: Path) -> None:
    """And the sound of an MP3 is what a WAV holds."""
    from practice.interviews import read_truth

    said = write(tmp_path / "a.mp3", 1, 0.5)
    assert read_truth(tmp_path / "a.mp3") == said == make(1, 0.5)[1]
