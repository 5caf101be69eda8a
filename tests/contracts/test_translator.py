"""What every translator must do, whichever it is.

A new one adds its factory to ``TRANSLATORS``. It must translate from Portuguese to English, not from Hindi.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from confere.domain.words import WordEntry, WordStatus
from confere.translate.port import Translator
from confere.translate.routes import Routes
from doubles.engines import FakeTranslationEngine
from doubles.practice import translation_engine

TRANSLATORS: dict[str, Callable[[], Translator]] = {
    "fake": FakeTranslationEngine,
    "argos": lambda: Routes([translation_engine()], "en"),
}

SENTENCES = [
    ("pt", "Bom dia."),
    ("pt", "Meu nome é Helena e eu sou enfermeira."),
    ("pt", ""),
    ("hi", "नमस्ते।"),
    ("pt", "O posto de saúde abre às sete e meia."),
    ("pt", "Bom dia."),
]
#: What a recogniser and a hand may make of nothing, of too much and of other scripts.
ODD = [
    *(
        "",
        "?",
        "...",
        "— —",
        "🙂🙂",
        "Sim 👩🏽\u200d⚕️!",
        "a\u0301\u200b\ufeff",
        "\t\r\n",
        "\x00\x07",
        "Bom\u2028dia.",
    ),
    *("नमस्ते।", "▁", "_", "<s> </s>", "a@b.example, www.example.org", "\ud83d"),
    *("x" * 4_000, "O posto abre às sete. " * 180),
]
NO_TERMS: tuple[WordEntry, ...] = ()
TERMS = (
    WordEntry("Helena", "", WordStatus.KEEP),
    WordEntry("posto de saúde", "health centre", WordStatus.REQUIRED),
    WordEntry("enfermeira", "sister", WordStatus.FORBIDDEN),
)


@pytest.fixture(params=TRANSLATORS)
def translator(request: pytest.FixtureRequest) -> Translator:
    """Each of the translators."""
    return TRANSLATORS[request.param]()


def test_one_sentence_in_is_one_sentence_out(translator: Translator) -> None:
    """As many come out as went in, in the same order; the empty and the unreadable one are empty."""
    targets = [each.text for each in translator.translate(SENTENCES)]
    assert [bool(target) for target in targets] == [True, True, False, False, True, True]
    assert targets[0] == targets[5] != targets[1]


@pytest.mark.parametrize("terms", [NO_TERMS, TERMS])
def test_a_sentence_does_not_depend_on_its_neighbours(
    translator: Translator, terms: tuple[WordEntry, ...]
) -> None:
    """Alone, a sentence becomes what it becomes among others; with a word list, too."""
    together = translator.translate(SENTENCES, terms)
    assert together == tuple(translator.translate([one], terms)[0] for one in SENTENCES)


def test_what_looks_like_two_sentences_stays_one_text(translator: Translator) -> None:
    """A sentence that a splitter would cut comes back whole, with both its parts."""
    sentence = "Bom dia. Meu nome é Helena e eu sou enfermeira."
    (target,) = translator.translate([("pt", sentence)])
    assert "Helena" in target.text
    assert "\n" not in target.text


def test_nothing_to_translate_is_nothing(translator: Translator) -> None:
    """No sentences, and sentences of blanks only, are no work."""
    assert translator.translate([]) == ()
    assert [each.text for each in translator.translate([("pt", ""), ("pt", "  ")])] == ["", ""]


@pytest.mark.parametrize("terms", [NO_TERMS, TERMS])
def test_no_text_stops_the_others(translator: Translator, terms: tuple[WordEntry, ...]) -> None:
    """Whatever stands in a window, its plain sentences become what they become."""
    plain = translator.translate(SENTENCES, terms)
    mixed = translator.translate([*(("pt", text) for text in ODD), *SENTENCES], terms)
    assert mixed[len(ODD) :] == plain


def test_a_word_list_leaves_other_sentences_alone(translator: Translator) -> None:
    """Where no entry is said, nothing changes and nothing is marked."""
    terms = (WordEntry("conselho tutelar", "child protection council", WordStatus.REQUIRED),)
    assert translator.translate(SENTENCES, terms) == translator.translate(SENTENCES)


def test_the_record_says_how_to_do_it_again(translator: Translator) -> None:
    """The record is complete, and of JSON scalars."""
    record = translator.record
    assert record.engine and record.engine_version and record.model
    assert len(record.model_digest) == 64
    assert json.loads(json.dumps(dict(record.parameters))) == record.parameters
    assert translator.target == "en"
    assert (translator.reads("pt"), translator.reads("hi")) == (True, False)
