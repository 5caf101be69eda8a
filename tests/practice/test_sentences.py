"""What trains and what is kept apart."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from practice.dialogues import spoken_sentences
from practice.patterns import FIXED

from practice import bundled, sentences


def rows(path: Path) -> list[list[str]]:
    """The rows of a text beside a recording, without its header."""
    lines = path.read_text().splitlines()
    assert lines[0] == bundled.HEADER.strip()
    return [line.split("\t") for line in lines[1:]]


@pytest.fixture
def texts(shipped: Path) -> list[Path]:
    """The text files beside the bundled recordings."""
    return sorted((shipped / "recordings").glob("*.txt"))


def test_no_sentence_of_a_bundled_recording_is_in_the_training_sets(texts: list[Path]) -> None:
    """What the demonstration speaks was never heard or translated in training."""
    spoken = {text for path in texts for row in rows(path) for text in row[4:6]}
    assert len(spoken) > 80
    assert spoken <= spoken_sentences()
    assert spoken.isdisjoint(sentences.speech_training_texts())
    assert spoken.isdisjoint(sentences.translation_training_texts())


def test_what_chooses_a_checkpoint_does_not_train_it() -> None:
    """The development set is apart from both training sets and from the recordings."""
    development = {text for pair in sentences.development() for text in pair}
    assert development.isdisjoint(sentences.speech_training_texts())
    assert development.isdisjoint(sentences.translation_training_texts())
    assert development.isdisjoint(spoken_sentences())


def test_what_benchmarks_speak_is_in_no_other_set() -> None:
    """Fresh sentences are neither trained on nor chosen by."""
    trained = sentences.speech_training_texts()
    fresh = {text for pair in sentences.fresh(4_000, 100, trained) for text in pair}
    assert fresh.isdisjoint(trained | sentences.kept_apart())
    held_out = {text for pair in sentences.held_out(4_000, 100, trained) for text in pair}
    assert held_out.isdisjoint(trained)
    assert any(text.endswith("?") for text in held_out)


def test_the_few_short_sentences_are_trained_often() -> None:
    """Each fixed sentence is heard in several voices and translated many times."""
    portuguese, english = sentences.short_for_speech()
    pairs = sentences.for_translation()
    for source, target in FIXED:
        assert portuguese.count(source) >= 5
        assert english.count(target) >= 5
        assert pairs.count((source, target)) >= 5


def test_every_bundled_recording_has_its_text(shipped: Path, texts: list[Path]) -> None:
    """Recordings and texts come in pairs, as the plans name them."""
    folder = shipped / "recordings"
    names = sorted(plan.name for plan in bundled.PLANS)
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".txt") == names
    assert [path.stem for path in texts] == [Path(name).stem for name in names]


@pytest.mark.parametrize("plan", bundled.PLANS, ids=lambda plan: plan.name)
def test_a_text_tells_who_says_what_when(shipped: Path, plan: bundled.Plan) -> None:
    """Times go up, with a pause between any two sentences; speakers and words are the plan's."""
    found = rows((shipped / "recordings" / plan.name).with_suffix(".txt"))
    lines = bundled.lines_of(plan)
    assert [tuple(row[2:]) for row in found] == [
        (line.speaker, line.language, line.text, line.english) for line in lines
    ]
    times = [(float(row[0]), float(row[1])) for row in found]
    assert all(start < end for start, end in times)
    assert all(before[1] + 0.4 < after[0] for before, after in pairwise(times))


def test_one_interview_alternates_between_two_languages(shipped: Path) -> None:
    """The interpreted interview has three people and both languages."""
    found = rows(shipped / "recordings" / "INTERVIEW003.txt")
    assert {row[2] for row in found} == {"researcher", "interpreter", "participant"}
    assert {row[3] for row in found} == {"pt", "en"}
