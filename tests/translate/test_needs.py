"""What the word list wants of a sentence, and when a translation gives it."""

from __future__ import annotations

import pytest

from confere.domain import WordEntry, WordStatus
from confere.translate.needs import Need, WordList, put, standing

KEEP, REQUIRED, FORBIDDEN = WordStatus.KEEP, WordStatus.REQUIRED, WordStatus.FORBIDDEN


def need(sentence: str, *entries: WordEntry) -> Need:
    """The one need of a sentence."""
    (only,) = WordList(entries).needs(sentence)
    return only


@pytest.mark.parametrize(
    ("sentence", "target", "met"),
    [
        ("Fui ao CadÚnico.", "I went to the CadÚnico.", True),
        ("Fui ao CadÚnico.", "I went to the CadUnico.", False),
        ("Fui ao CadÚnico.", "I went to the cadúnico.", False),
        ("Moro na favela.", "Favela is where I live.", True),
        ("Favela não é comunidade.", "A favela is not a community.", True),
        ("São duas favelas.", "There are two favelas.", True),
        ("São duas favelas.", "There are two slums.", False),
        ("A favela.", "The favelado.", False),
    ],
)
def test_a_kept_word_stays_as_it_was_said(sentence: str, target: str, met: bool) -> None:
    """Letter by letter, but for a capital that only a beginning gave it."""
    entries = (WordEntry("CadÚnico", "", KEEP), WordEntry("favela", "", KEEP))
    assert need(sentence, *entries).is_met(target) is met


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ("The health centre is open.", True),
        ("Two health centres are open.", True),
        ("The health post is open.", False),
        ("The post is open.", False),
        ("The health centre, a health post, is open.", False),
    ],
)
def test_a_required_term_is_there_in_some_form_and_a_forbidden_one_is_not(
    target: str, met: bool
) -> None:
    """As the checks see it."""
    entries = (
        WordEntry("posto de saúde", "health centre", REQUIRED),
        WordEntry("posto de saúde", "health post", FORBIDDEN),
    )
    assert need("O posto de saúde abriu.", *entries).is_met(target) is met


def test_one_of_several_required_terms_is_enough() -> None:
    """The list may allow two."""
    entries = (
        WordEntry("colégio", "school", REQUIRED),
        WordEntry("colégio", "high school", REQUIRED),
    )
    assert need("O colégio fechou.", *entries).wanted == ("school", "high school")


def test_a_plural_wants_a_plural_first() -> None:
    """Where it is regular."""
    entries = (
        WordEntry("prefeitura", "city hall", REQUIRED),
        WordEntry("cidade", "city", REQUIRED),
    )
    assert need("As prefeituras.", entries[0]).wanted == ("city halls", "city hall")
    assert need("As cidades.", entries[1]).wanted == ("cities", "city")
    assert need("A prefeitura.", entries[0]).wanted == ("city hall",)


def test_a_sentence_without_the_list_s_words_wants_nothing() -> None:
    """Nor does a word that only begins alike."""
    words = WordList([WordEntry("UPA", "", KEEP)])
    assert words.needs("O upanema.") == ()
    assert words.needs("") == ()


@pytest.mark.parametrize(
    ("text", "old", "word", "made"),
    [
        ("The health post is open.", "health post", "health centre", "The health centre is open."),
        ("Health posts are open.", "health post", "health centres", "Health centres are open."),
        ("It is a slum.", "slum", "UBS", "It is a UBS."),
        ("It is a shed.", "shed", "extension", "It is an extension."),
        ("An extension.", "extension", "puxadinho", "A puxadinho."),
    ],
)
def test_a_word_is_put_in_with_its_capital_and_article(
    text: str, old: str, word: str, made: str
) -> None:
    """So that the sentence is still one."""
    (span,) = standing(old, text)
    assert put(text, span, word) == made


def test_articles_and_plurals_are_english_only() -> None:
    """In Portuguese, "a" is another word."""
    (span,) = standing("escola", "Ela viu a escola.")
    assert put("Ela viu a escola.", span, "igreja", english=False) == "Ela viu a igreja."
    words = WordList([WordEntry("prefeitura", "ayuntamiento", REQUIRED)], "es")
    assert words.needs("As prefeituras.")[0].wanted == ("ayuntamiento",)


def test_an_entry_without_a_target_wants_nothing() -> None:
    """However it came into the list."""
    assert need("O colégio.", WordEntry("colégio", "", REQUIRED)).is_met("The school.")
