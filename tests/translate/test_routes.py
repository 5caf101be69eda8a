"""The ways from language to language, over real packages: the practice one, and one that copies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from confere.domain import EngineRecord, WordEntry, WordStatus
from confere.translate.argos import ArgosEngine
from confere.translate.port import CUT, Translated
from confere.translate.routes import Routes, without_route
from doubles.copying_package import copying_package
from doubles.practice import translation_engine

SENTENCES = [
    "Bom dia.",
    "Meu nome é Helena e eu sou enfermeira.",
    "O posto de saúde abre às sete e meia. Eu moro em Recife.",
    "",
]


@pytest.fixture(scope="module")
def galician(tmp_path_factory: pytest.TempPathFactory) -> ArgosEngine:
    """A package from Galician to Portuguese that copies."""
    folder = copying_package(tmp_path_factory.mktemp("packages") / "copying", "gl", "pt")
    return ArgosEngine(folder, name="copying-gl_pt", digest="1" * 64, practice=True, parallel=2)


@dataclass
class Step:
    """An engine that writes what it did."""

    source: str
    target: str
    name: str

    @property
    def record(self) -> EngineRecord:
        """Its name."""
        return EngineRecord("step", "1", self.name, "2" * 64, False, {"source": self.source})

    def translate(self, sentences: Sequence[str]) -> tuple[Translated, ...]:
        """Put its name around each; what is long gets a mark."""
        return tuple(
            Translated(f"{self.name}({text})" if text else "", (CUT,) if len(text) > 20 else ())
            for text in sentences
        )

    def alternatives(self, sentences: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """There is one."""
        return tuple((f"{self.name}'({text})",) for text in sentences)


def said(translator: Routes, language: str, text: str = "a") -> str:
    """What becomes of a text."""
    return translator.translate([(language, text)])[0].text


def test_a_pivot_says_what_its_second_package_says_of_the_first(galician: ArgosEngine) -> None:
    """Galician goes through Portuguese; Portuguese goes straight on."""
    translator = Routes([galician, translation_engine()], "en")
    plain = translation_engine().translate(SENTENCES)
    assert translator.translate([("gl", text) for text in SENTENCES]) == plain
    mixed = [(language, text) for text in SENTENCES for language in ("pt", "gl")]
    assert translator.translate(mixed) == tuple(each for each in plain for _ in "12")


def test_the_word_list_is_followed_through_a_pivot(galician: ArgosEngine) -> None:
    """What is kept comes through both packages."""
    translator = Routes([galician, translation_engine()], "en")
    terms = [WordEntry("Raimunda", "", WordStatus.KEEP)]
    (made,) = translator.translate([("gl", "Raimunda mora em Recife.")], terms)
    assert made == Translated("Raimunda lives in Recife.", ("word-list",))


def test_direct_comes_before_a_pivot_and_first_named_before_later() -> None:
    """Which packages are taken follows from the order of the settings alone."""
    pivot = [Step("hi", "pt", "A"), Step("pt", "en", "B")]
    assert said(Routes(pivot, "en"), "hi") == "B(A(a))"
    assert said(Routes([*pivot, Step("hi", "en", "C")], "en"), "hi") == "C(a)"
    assert said(Routes([*pivot, Step("pt", "en", "D")], "en"), "pt") == "B(a)"
    others = [Step("hi", "es", "E"), Step("es", "en", "F")]
    assert said(Routes([*others, *pivot], "en"), "hi") == "F(E(a))"
    assert said(Routes([*pivot, *others], "en"), "hi") == "B(A(a))"


def test_no_way_has_three_steps_or_leads_back() -> None:
    """Each step loses something; and the target is not translated into itself."""
    chain = [
        Step("tl", "hi", "A"),
        Step("hi", "pt", "B"),
        Step("pt", "en", "C"),
        Step("en", "pt", "D"),
    ]
    translator = Routes(chain, "en")
    assert translator.translate([("tl", "a"), ("en", "a")]) == (Translated(""), Translated(""))
    assert [translator.reads(code) for code in ("tl", "hi", "pt", "en")] == [
        False,
        True,
        True,
        False,
    ]


def test_which_languages_have_no_route_is_known_without_loading_anything() -> None:
    """From the languages of the packages; the target itself needs none."""
    pairs = [("pt", "en"), ("hi", "pt"), ("tl", "hi")]
    assert without_route(pairs, "en", ["en", "tl", "pt", "hi", "bn"]) == ("tl", "bn")
    assert without_route([], "en", ["en", "pt"]) == ("pt",)


def test_the_marks_of_both_steps_are_told() -> None:
    """What was cut short on the way is cut short."""
    translator = Routes([Step("hi", "pt", "A"), Step("pt", "en", "B")], "en")
    (made,) = translator.translate([("hi", "x" * 30)])
    assert made.marks == (CUT,)


def test_the_record_of_one_package_is_its_engine_s() -> None:
    """So vaults with one model say what they always said."""
    assert Routes([translation_engine()], "en").record == translation_engine().record


def test_the_record_names_every_package_and_route(galician: ArgosEngine) -> None:
    """With their digests, as JSON scalars; in another order it is another record."""
    record = Routes([translation_engine(), galician], "en").record
    parameters = dict(record.parameters)
    assert record.model == "practice-pt_en + copying-gl_pt"
    assert len(record.model_digest) == 64
    assert parameters["copying-gl_pt digest"] == "1" * 64
    assert parameters["practice-pt_en digest"] == translation_engine().record.model_digest
    assert parameters["route gl"] == "copying-gl_pt, practice-pt_en"
    assert parameters["route pt"] == "practice-pt_en"
    assert parameters["practice-pt_en beam"] == 4
    assert json.loads(json.dumps(parameters)) == parameters
    other = Routes([galician, translation_engine()], "en").record
    assert other.model_digest != record.model_digest


def test_one_practice_package_makes_practice_of_all(galician: ArgosEngine) -> None:
    """Whatever it has a hand in says so."""
    assert Routes([Step("pt", "en", "A")], "en").record.practice is False
    assert Routes([Step("pt", "en", "A"), galician], "en").record.practice is True


def test_a_package_that_leads_elsewhere_reads_nothing() -> None:
    """It is no error: the study's segments stay untranslated, and the record names it all the same."""
    translator = Routes([translation_engine()], "es")
    assert not translator.reads("pt")
    assert translator.target == "es"
    assert translator.record.model == "practice-pt_en"
    assert translator.record.parameters["target"] == "es"


def test_there_must_be_something_to_translate_with() -> None:
    """No engines are a mistake of whoever builds them."""
    with pytest.raises(ValueError, match="nothing to translate with"):
        Routes([], "en")
