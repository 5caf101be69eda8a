"""The words of a text, in any script, and which language they read like.

A language is known by its small words: they are half of all that is said, and hardly ever names. Scripts
decide before words do. It tells languages apart that a study is likely to mix; it recognises none for
certain, and short sentences not at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache

Tokens = tuple[str, ...]

LEAST_WORDS = 4  # shorter sentences may be names and interjections in any language
LEAST_FOREIGN_SHARE = 0.25  # of the words that must be another language's small words
LEAST_FOREIGN = 2  # small words that only the other language has ...
FOREIGN_PER_OWN = 2  # ... and so many more for each that only its own has: titles are quoted
LEAST_LETTERS = 4  # in another script
FOREIGN_SCRIPT = 0.6  # of the letters

_SCRIPTS = {
    "hi": "DEVANAGARI", "mr": "DEVANAGARI", "ne": "DEVANAGARI", "bn": "BENGALI", "as": "BENGALI",
    "pa": "GURMUKHI", "gu": "GUJARATI", "ta": "TAMIL", "te": "TELUGU", "kn": "KANNADA", "ml": "MALAYALAM",
    "si": "SINHALA", "ur": "ARABIC", "ar": "ARABIC", "fa": "ARABIC", "ru": "CYRILLIC", "uk": "CYRILLIC",
    "bg": "CYRILLIC", "el": "GREEK", "he": "HEBREW", "th": "THAI", "my": "MYANMAR", "km": "KHMER",
    "am": "ETHIOPIC", "ko": "HANGUL",
}  # fmt: skip
_LATIN = "LATIN"
_MANY_SCRIPTS = frozenset(["zh", "ja", "yue"])  # several at once: not judged

# Folded, the commonest first. Filipino speech is full of English, and Portuguese is near to Spanish: a word
# that two languages share decides nothing between them.
_SMALL_WORDS = {
    "pt": """
        a o e de que nao um uma os as do da em para com por se no na mas eu ele ela eles elas nos voce voces
        me meu minha meus minhas seu sua seus suas dele dela nosso nossa isso isto esse essa este esta aquele
        aquela tem tinha teve ter tenho temos era foi ser sou sao estava estou estao estamos esta fui foram
        vai vou vamos ia muito muita mais menos ja ainda tambem so quando como onde quem porque pra pro ao aos
        pelo pela dos das nas num numa ai la aqui entao depois antes ate sem sobre cada todo toda todos todas
        nada nunca sempre agora hoje ontem bem assim gente coisa fazer faz fez dia ou nem sim qual quanto
        quantos quantas ha lhe te minha senhora senhor outra outro outras outros tudo
        pros pras deles delas nosso nossos nossas daqui dali dai deu dar ver vem veio era eram tao tanto tanta
        mesmo mesma casa anos ano vez vezes pagar ganhar falar falou disse dizer sei sabe acho aquilo enquanto
        desde entre contra qualquer alguem algum alguma ninguem duas dois tres quatro cinco seis sete oito dez
        """,
    "en": """
        the and of to a in that is was it i you he she we they this these those there here not for on with as
        at by from or but if so what when where who why how which my your his her its our their me him us
        them be been are were am have has had do does did don t didn s m re ve ll will would can could should
        about into than then too very just some any all no yes out up down over after before because also
        only more most other an every each many much one get got go went know think people never always still
        said say says told tell came come take took see saw make made work worked day days year years time
        home house back again around through until while without off between both few same own such
        two three four five six seven eight nine ten first last shall may might must let
        """,
    "es": """
        el la los las y de que no un una en con por para se lo le les del al pero mas yo tu usted ustedes ella
        ellos ellas nosotros mi mis su sus es son era fue ser estar esta estaba estoy estan hay habia tengo
        tiene tenia tenemos muy mucho mucha tambien cuando como donde quien porque si ya todavia aqui alli
        entonces despues antes hasta sin sobre cada todo toda todos todas nada nunca siempre ahora hoy ayer
        bien asi cosa hacer hace hizo dia o ni cual eso esto ese esa este aquel voy va vamos fui me te nos
        """,
    "tl": """
        ang ng sa na ay at mga si ni kay ko mo niya namin natin nila ako ikaw ka siya kami tayo kayo sila
        ito iyan iyon dito diyan doon hindi oo wala may mayroon po opo ho pa ba rin din lang naman nga daw raw
        kasi pero kung kapag dahil para ano sino saan kailan paano bakit yung yun nung noong lahat bawat isa
        dapat gusto ayaw pwede puwede akin amin atin kanila niyo kanya sabi
        """,
}  # fmt: skip


# Letters beside a to z that the language writes, and those of a to z that only its loanwords have.
_LETTERS = {
    "pt": ("áéíóúâêôàãõçü", "kwy"),
    "en": ("", ""),
    "es": ("áéíóúüñ", "kw"),
    "tl": ("ñ", ""),
}
_WORD = re.compile(r"[^\W\d_]+")  # the languages above are written in Latin letters


def tokens(text: str) -> Tokens:
    """Return the words of a text: small letters without accents, in any script, marks left out."""
    return _tokens(text)


@lru_cache(maxsize=4_000)
def _tokens(text: str) -> Tokens:
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        ""
        if "\u0300" <= character <= "\u036f"  # accents; the vowel signs of other scripts stay
        else character
        if unicodedata.category(character)[0] in "LMN"
        else " "
        for character in folded
    )
    return tuple(unicodedata.normalize("NFC", "".join(kept)).split())


def letters(text: str) -> int:
    """Return how many letters and digits a text has; vowel signs are part of their letter."""
    return sum(map(str.isalnum, text))


def reads_as_another(text: str, language: str) -> bool:
    """Whether a text is in another language (ISO 639-1) than ``language``.

    False for what is too short, for names and interjections, and for languages without small words here.
    """
    foreign = _foreign_script(text, language)
    if foreign is not None:
        return foreign
    if language not in _SMALL_WORDS:
        return False
    words = [(word, _alphabets(word)) for word in _WORD.findall(text)]
    if len(words) < LEAST_WORDS:
        return False
    return any(_reads_as(words, language, other) for other in _SMALL_WORDS if other != language)


def _reads_as(words: list[tuple[str, frozenset[str]]], own: str, other: str) -> bool:
    small = _small_words()
    only_own = only_other = 0
    for word, alphabets in words:
        folded = "".join(tokens(word))
        is_own = folded in small[own] or other not in alphabets
        is_other = folded in small[other] or own not in alphabets
        only_own += is_own and not is_other
        only_other += is_other and not is_own
    return only_other >= max(
        LEAST_FOREIGN + FOREIGN_PER_OWN * only_own, LEAST_FOREIGN_SHARE * len(words)
    )


@lru_cache(maxsize=4_000)
def _alphabets(word: str) -> frozenset[str]:
    """The languages that may write such a word; names are written in any."""
    if word[0].isupper():
        return frozenset(_SMALL_WORDS)
    return frozenset(
        language
        for language, (more, without) in _LETTERS.items()
        if all(c in more or (c.isascii() and c not in without) for c in word)
    )


def _foreign_script(text: str, language: str) -> bool | None:
    """Whether most of a text is in a script that is not the language's; None if its own is there."""
    if language in _MANY_SCRIPTS:
        return False
    scripts = Counter(_script(character) for character in text if character.isalpha())
    own = _SCRIPTS.get(language, _LATIN)
    foreign = scripts.total() - scripts[own]
    if foreign < LEAST_LETTERS or foreign < FOREIGN_SCRIPT * scripts.total():
        return None
    # English words stand in Latin letters in Hindi and Bengali speech; a sentence of them does not.
    borrowed = own != _LATIN and scripts[_LATIN] == foreign and len(tokens(text)) < LEAST_WORDS
    return not borrowed


@cache
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0].split("-")[0]


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
