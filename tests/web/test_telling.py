"""What errors, findings and reasons say on the page: all of it in both languages, and nothing to type."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from confere import errors
from confere.acts.queue import queue
from confere.web.language import FOLDER, LANGUAGES, Messages
from confere.web.telling import FILE, Telling
from doubles.serving import front
from doubles.studies import Study
from web.sentences import sentences

TABLE: dict[str, dict[str, str]] = json.loads((FOLDER / FILE).read_text("utf-8"))
HOLES = re.compile(r"\{(\d+)~?\}")
#: A command or an option: nothing that somebody before a page could do.
COMMAND = re.compile(r"\bconfere [a-z]+|(?<![\w-])--[a-z]|CONFERE_")
#: What only the command line does, is said to be done there.
THERE = re.compile(r"at the command line: confere|na linha de comando: confere")


def to_be_typed(text: str) -> bool:
    """Whether a text names a command as if somebody could type it into the page."""
    first, there = COMMAND.search(text), THERE.search(text)
    return first is not None and (there is None or there.end() < first.start())


@pytest.fixture(scope="module")
def telling() -> Telling:
    """The page's own."""
    return Telling(Messages())


def test_every_sentence_of_the_source_is_said_in_both_languages() -> None:
    """Whoever writes a new error or finding writes here, too, how the page says it."""
    found = sentences()
    missing = {text: name for text, name in found.items() if "pt" not in TABLE.get(text, {})}
    assert missing == {}, f"messages/{FILE} lacks these (or src says them otherwise now)"
    assert TABLE.keys() - found.keys() == set(), "nothing in the source says these any more"


def test_nothing_is_to_be_typed_but_at_the_command_line() -> None:
    """On the page, a sentence names a command only where it says that the command line is meant."""
    for text, said in TABLE.items():
        for language in LANGUAGES:
            assert not to_be_typed(said.get(language, text)), (language, text)


def test_no_sentence_has_a_hole_that_nothing_fills() -> None:
    """What is put in is in what was written; a reader's language loses nothing of it by mistake."""
    for text, said in TABLE.items():
        for shown in said.values():
            assert set(HOLES.findall(shown)) <= set(HOLES.findall(text)), shown


#: Of these the page leaves out a file's name, or an act's in English.
SAYS_LESS = (errors.NotApproved, errors.WrongPassphrase)


def leaves() -> Iterator[type[errors.ConfereError]]:
    """Every error class that writes its own message."""
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, errors.ConfereError) and is_leaf(each):
            yield each


def is_leaf(kind: type[errors.ConfereError]) -> bool:
    """Whether it writes its own message."""
    return "__init__" in vars(kind) and kind is not errors.ConfereError


def made(kind: type[errors.ConfereError]) -> errors.ConfereError:
    """Return one with data that no sentence has."""
    samples = {"str": "Zz9", "int": 7, "tuple[str, ...]": ("Zz9", "Zz8")}
    given: list[Any] = [
        [("line 7", "line 8", True)] if "pairs" in name else samples[str(each.annotation)]
        for name, each in list(inspect.signature(kind.__init__).parameters.items())[1:]
    ]
    return kind(*given)


@pytest.mark.parametrize("kind", list(leaves()), ids=lambda kind: kind.__name__)
def test_every_class_of_errors_is_found_by_what_it_says(
    kind: type[errors.ConfereError], telling: Telling
) -> None:
    """With its data in place, message and hint are Portuguese, and the data still stand there."""
    error = made(kind)
    for text in (error.message, error.hint):
        said = telling.say("pt", text)
        has_words = re.search("[a-z]", text.replace("Zz9", ""))
        assert not has_words or said != text
        assert "Zz9" in said or "Zz9" not in text or kind in SAYS_LESS
        assert not to_be_typed(said)
        assert not to_be_typed(telling.say("en", text))


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        (
            errors.DamagedVault("the roster", "is missing").message,
            "a lista de pessoas, no cofre: falta",
        ),
        (
            errors.NotAllowed("ivo", "sign", ("verifier", "lead")).hint,
            "Isto pede um destes papéis: verificador, líder. Quem dá papéis é o líder.",
        ),
        (
            errors.Pointless(
                "vera", "vera worked on segment 1, 3, and whoever signs has worked on none"
            ).message,
            "não adiantaria atribuir isto a vera: vera trabalhou no segmento 1, 3,"
            " e quem assina não pode ter trabalhado em nenhum",
        ),
        (
            errors.WordsClash(
                [("line 7", "line 9", True), ("line 2", "line 3", False)], ""
            ).message,
            "linha 7 e linha 9 se contradizem; linha 2 e linha 3 são iguais",
        ),
        ("2 segments are not verified: 4, 7", "2 segmentos ainda não foram conferidos: 4, 7"),
        ("something nobody ever wrote", "something nobody ever wrote"),
    ],
)
def test_data_and_words_of_ours_are_told_apart(
    telling: Telling, english: str, portuguese: str
) -> None:
    """Names and numbers stay; what a sentence holds of our own words is said, too."""
    assert telling.say("pt", english) == portuguese


def test_a_name_that_is_a_word_of_ours_stays_a_name(telling: Telling) -> None:
    """Somebody who is called 'lead' is not translated."""
    said = telling.say("pt", errors.OwnWork("lead", "3").message)
    assert said == "lead trabalhou no segmento 3, e por isso não pode conferi-lo"


def test_the_page_is_refused_in_its_own_language(study: Study) -> None:
    """By the guard, by an act, and in what home says; English where the browser wants that."""
    portuguese, english = ({"Accept_Language": each} for each in ("pt-BR,pt", "en"))
    with front(study.root) as served, served.browser() as vera:
        unknown = vera.get("/api/home", **portuguese)
        assert unknown.json()["message"] == "a sessão terminou"
        vera.sign_in("vera")
        for headers, message in (
            (portuguese, "não há gravação “nope”"),
            (english, "there is no recording 'nope'"),
        ):
            assert vera.get("/api/recordings/nope", **headers).json()["message"] == message
        refused = vera.post("/api/audit", {"passphrase": "x", "objects": False}, **portuguese)
        assert refused.json()["message"] == "os papéis de vera não permitem isto"
    assert queue(study.desk("vera")) == []
