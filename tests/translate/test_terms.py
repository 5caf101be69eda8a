"""The word list in translation: each way by a scripted model, and all of them on the practice model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from confere.domain import WordEntry, WordStatus
from confere.translate.needs import WordList
from confere.translate.port import CUT, FAILED, Translated
from confere.translate.routes import Routes
from confere.translate.terms import FOLLOWED, MISSED, NAMES, THINGS, follow
from doubles.practice import translation_engine

KEEP, REQUIRED, FORBIDDEN = WordStatus.KEEP, WordStatus.REQUIRED, WordStatus.FORBIDDEN
POST = [
    WordEntry("posto de saúde", "health centre", REQUIRED),
    WordEntry("posto de saúde", "health post", FORBIDDEN),
]
DALVA = [WordEntry("Dalva", "", KEEP)]


@dataclass
class Scripted:
    """Knows some translations by heart, and says "Nothing." of the rest; ``asked`` is all it was asked."""

    known: dict[str, str]
    others: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def translate(self, sentences: Sequence[str]) -> list[Translated]:
        """Return what it knows."""
        self.asked += sentences
        return [Translated(self.known.get(text, "Nothing."), self.marks) for text in sentences]

    def alternatives(self, sentences: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the same for all."""
        return [self.others for _ in sentences]


def with_names(source: str, target: str) -> dict[str, str]:
    """A model that copies the stand-ins into one pattern."""
    return {source.format(name): target.format(name) for name in (*NAMES, *THINGS)}


def one(way: Scripted, sentence: str, entries: Sequence[WordEntry]) -> Translated:
    """What becomes of one sentence."""
    return follow(way, [sentence], WordList(entries))[0]


def test_what_complies_is_left_alone() -> None:
    """The plain translation, unmarked, and nothing more is asked of the model."""
    way = Scripted({"Dalva chegou.": "Dalva arrived.", "Ela chegou.": "She arrived."})
    made = follow(way, ["Dalva chegou.", "Ela chegou."], WordList([*POST, *DALVA]))
    assert made == [Translated("Dalva arrived."), Translated("She arrived.")]
    assert way.asked == ["Dalva chegou.", "Ela chegou."]


def test_a_forbidden_term_is_replaced_where_it_stands() -> None:
    """Nothing else of the sentence changes."""
    way = Scripted({"O posto de saúde abriu às 7.": "The health post opened at 7."})
    made = one(way, "O posto de saúde abriu às 7.", POST)
    assert made == Translated("The health centre opened at 7.", (FOLLOWED,))


def test_the_model_s_own_word_is_found_and_replaced() -> None:
    """It is asked for the term alone; article and full stop are not looked for."""
    known = {"O vereador veio.": "The alderman came.", "Vereador.": "The alderman."}
    made = one(
        Scripted(known), "O vereador veio.", [WordEntry("vereador", "city councillor", REQUIRED)]
    )
    assert made == Translated("The city councillor came.", (FOLLOWED,))


def test_a_name_is_said_by_a_stand_in() -> None:
    """What most stand-ins agree on is taken."""
    known = {
        **with_names("{} mora aqui.", "{} lives here."),
        "Dalva mora aqui.": "Soap lives here.",
    }
    known["Helena mora aqui."] = "Helena sleeps here."
    assert one(Scripted(known), "Dalva mora aqui.", DALVA).text == "Dalva lives here."


def test_with_an_article_a_thing_stands_in() -> None:
    """So the article stays in the translation."""
    known = {f"Fui ao {name}.": f"I went to {name}." for name in NAMES}
    known |= {f"Fui ao {thing}.": f"I went to the {thing}." for thing in THINGS}
    made = one(Scripted(known), "Fui ao CRAS.", [WordEntry("CRAS", "", KEEP)])
    assert made == Translated("I went to the CRAS.", (FOLLOWED,))


def test_two_terms_are_said_by_two_stand_ins() -> None:
    """Each comes back in its own place, in whatever order."""
    known = {f"{a} viu {b}.": f"{b} was seen by {a}." for a in NAMES for b in NAMES}
    entries = [*DALVA, WordEntry("Neusa", "", KEEP)]
    made = one(Scripted(known), "Dalva viu Neusa.", entries)
    assert made == Translated("Neusa was seen by Dalva.", (FOLLOWED,))


def test_a_stand_in_that_is_lost_or_doubled_is_not_believed() -> None:
    """Then the plain translation stands, and is marked."""
    known = {**with_names("{} saiu.", "{0} and {0} left."), "Dalva saiu.": "Soap left."}
    assert one(Scripted(known), "Dalva saiu.", DALVA) == Translated("Soap left.", (MISSED,))


def test_a_name_that_is_said_anyway_is_no_stand_in() -> None:
    """Or two people would become one."""
    way = Scripted({"Dalva e Helena saíram.": "Soap and Helena left."})
    one(way, "Dalva e Helena saíram.", DALVA)
    assert "Helena e Helena saíram." not in way.asked
    assert "Recife e Helena saíram." in way.asked


def test_another_hypothesis_comes_last() -> None:
    """It is taken when nothing else helps, but not with other numbers."""
    known = {"O parente tem 8 anos.": "The parent is 8 years old."}
    entries = [WordEntry("parente", "parent", FORBIDDEN)]
    way = Scripted(known, ("The relative is 80 years old.", "The relative is 8 years old."))
    made = one(way, "O parente tem 8 anos.", entries)
    assert made == Translated("The relative is 8 years old.", (FOLLOWED,))


def test_what_is_only_half_reached_says_both() -> None:
    """The text that follows the list further is taken, and people are told that it is not enough."""
    known = {"Dalva foi ao posto de saúde.": "Soap went to the health post."}
    made = one(Scripted(known), "Dalva foi ao posto de saúde.", [*POST, *DALVA])
    assert made == Translated("Soap went to the health centre.", (FOLLOWED, MISSED))


def test_other_marks_stay_and_a_failure_is_not_worked_on() -> None:
    """What could not be translated is not put together out of the word list."""
    way = Scripted({"O posto de saúde.": "The health post."}, marks=(CUT,))
    assert one(way, "O posto de saúde.", POST).marks == (CUT, FOLLOWED)
    failed = Scripted({"O posto de saúde.": ""}, marks=(FAILED,))
    assert one(failed, "O posto de saúde.", POST) == Translated("", (FAILED,))
    assert failed.asked == ["O posto de saúde."]


def test_private_characters_in_a_text_open_no_holes() -> None:
    """They are what the places of stand-ins are kept by."""
    known = {
        **with_names("{} \ue0009; saiu.", "{} \ue0009; left."),
        "Dalva \ue0009; saiu.": "Soap \ue0009;",
    }
    assert one(Scripted(known), "Dalva \ue0009; saiu.", DALVA).marks == (MISSED,)


@pytest.mark.parametrize(
    ("sentence", "target"),
    [
        ("Meu nome é Raimunda e eu sou enfermeira.", "My name is Raimunda and I am a nurse."),
        ("O posto de saúde abre às sete e meia.", "The health centre opens at half past seven."),
        ("Helena mora em Recife.", "Helena lives in Recife."),
    ],
)
def test_the_practice_model_follows(sentence: str, target: str) -> None:
    """A name that it never read, a term that it knows otherwise, and a name that it knows."""
    terms = [*POST, *(WordEntry(name, "", KEEP) for name in ("Raimunda", "Helena"))]
    translator = Routes([translation_engine()], "en")
    (plain,), (made,) = (
        translator.translate([("pt", sentence)]),
        translator.translate([("pt", sentence)], terms),
    )
    assert made.text == target
    assert made.marks == ((FOLLOWED,) if plain.text != target else ())
