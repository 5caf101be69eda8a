"""What every translation engine does, whichever it is.

A new one adds its factory to ``ENGINES``. It must translate from Portuguese to English.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from confere.translate.port import TranslationEngine
from doubles.engines import FakeTranslationEngine
from doubles.practice import translation_engine

ENGINES: dict[str, Callable[[], TranslationEngine]] = {
    "fake": FakeTranslationEngine,
    "argos": translation_engine,
}

SENTENCES = [
    "Bom dia.",
    "Meu nome é Helena e eu sou enfermeira.",
    "",
    "O posto de saúde abre às sete e meia.",
    "Bom dia.",
]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> TranslationEngine:
    """Each of the engines."""
    return ENGINES[request.param]()


def test_one_sentence_in_is_one_sentence_out(engine: TranslationEngine) -> None:
    """As many come out as went in, in the same order, and the empty one stays empty."""
    targets = engine.translate(SENTENCES)
    assert len(targets) == len(SENTENCES)
    assert [bool(target) for target in targets] == [True, True, False, True, True]
    assert targets[0] == targets[4] != targets[1]


def test_a_sentence_does_not_depend_on_its_neighbours(engine: TranslationEngine) -> None:
    """Alone, a sentence becomes what it becomes in a batch."""
    together = engine.translate(SENTENCES)
    assert together == tuple(engine.translate([sentence])[0] for sentence in SENTENCES)


def test_what_looks_like_two_sentences_stays_one_text(engine: TranslationEngine) -> None:
    """A sentence that a splitter would cut comes back whole, with both its parts."""
    (target,) = engine.translate(["Bom dia. Meu nome é Helena e eu sou enfermeira."])
    assert "Helena" in target
    assert "\n" not in target


def test_nothing_to_translate_is_nothing(engine: TranslationEngine) -> None:
    """No sentences, and sentences of blanks only, are no work."""
    assert engine.translate([]) == ()
    assert engine.translate(["", "  "]) == ("", "")


def test_the_record_says_how_to_do_it_again(engine: TranslationEngine) -> None:
    """The record is complete, and the two languages are codes."""
    record = engine.record
    assert record.engine and record.engine_version and record.model
    assert len(record.model_digest) == 64
    assert json.loads(json.dumps(dict(record.parameters))) == record.parameters
    assert (engine.source, engine.target) == ("pt", "en")
