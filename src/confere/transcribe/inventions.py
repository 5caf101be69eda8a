"""What speech models invent where nobody speaks: sentences known by heart, in ``config/inventions.toml``.

Whisper learned from subtitled videos, and over silence or noise it writes what such videos end with. The
list is data, and grows without a change of code.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from confere.domain.settings import line_of
from confere.errors import BadValue
from confere.transcribe.wording import Tokens, tokens

FORMAT = 1
FILE = "inventions.toml"
_KEYS = ("anywhere", "sentences", "courtesies")

LONG_WORDS = 5  # from here on a sentence may differ in a word ...
EXTRA_WORDS = 1  # ... and any may have one more before or behind
SHORT_WORDS = 3  # a shorter one must be exactly it: with another word it is another sentence


class Likeness(Enum):
    """How a sentence is like an invention: it is one, or it is said by people too."""

    INVENTION = "invention"
    COURTESY = "courtesy"


@dataclass(frozen=True, slots=True)
class Inventions:
    """The stock inventions of all languages, as words."""

    anywhere: Mapping[str, tuple[Tokens, ...]]  # by their first word
    sentences: frozenset[Tokens]
    courtesies: frozenset[Tokens]

    def likeness(self, text: str) -> Likeness | None:
        """Return how a sentence is like an invention; None for ordinary speech."""
        words = tokens(text)
        once = _once(words)
        if self._names_one(words) or once in self.sentences or self._nearly(once):
            return Likeness.INVENTION
        return Likeness.COURTESY if once in self.courtesies else None

    def _names_one(self, words: Tokens) -> bool:
        return any(
            words[at : at + len(phrase)] == phrase
            for at, word in enumerate(words)
            for phrase in self.anywhere.get(word, ())
        )

    def _nearly(self, words: Tokens) -> bool:
        """Whether it is a known sentence with a word more at an end, or a long one with another word."""
        if len(words) > SHORT_WORDS and (
            words[EXTRA_WORDS:] in self.sentences or words[:-EXTRA_WORDS] in self.sentences
        ):
            return True
        return len(words) >= LONG_WORDS and any(
            len(known) == len(words) and sum(map(str.__ne__, known, words)) == 1
            for known in self.sentences
        )


@functools.cache
def shipped() -> Inventions:
    """Return the inventions that Confere knows: in the package, or beside its source.

    Raises BadValue, naming file and line.
    """
    package = Path(__file__).parents[1]
    inside = package / FILE
    return read(inside if inside.is_file() else package.parents[1] / "config" / FILE)


def read(file: Path) -> Inventions:
    """Read a file of inventions. Raises BadValue, naming file and line."""
    try:
        text = file.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(file, 1, f"the file cannot be read ({error})") from None
    if data.pop("format", None) != FORMAT:
        raise _wrong(file, line_of(text, "", "format"), f"format must be {FORMAT}")
    found: dict[str, set[Tokens]] = {key: set() for key in _KEYS}
    for language, table in data.items():
        for key, phrases in (table if isinstance(table, dict) else {"": table}).items():
            if key not in _KEYS or not isinstance(phrases, list) or not all(map(_words, phrases)):
                why = f"[{language}] may hold {', '.join(_KEYS)}: lists of texts"
                raise _wrong(file, line_of(text, language, key), why)
            found[key] |= set(map(_words, phrases))
    return Inventions(
        _by_first(found["anywhere"]), frozenset(found["sentences"]), frozenset(found["courtesies"])
    )


def _wrong(file: Path, line: int, why: str) -> BadValue:
    return BadValue(f"{file}, line {line}: {why}", "The comments at its top say what it may hold.")


def _words(phrase: object) -> Tokens:
    return tokens(phrase) if isinstance(phrase, str) else ()


def _by_first(phrases: Iterable[Tokens]) -> dict[str, tuple[Tokens, ...]]:
    found: dict[str, tuple[Tokens, ...]] = {}
    for phrase in sorted(phrases):
        found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


def _once(words: Tokens) -> Tokens:
    """The words of a sentence that is said several times over, once."""
    for length in range(1, len(words) // 2 + 1):
        if len(words) % length == 0 and words[:length] * (len(words) // length) == words:
            return words[:length]
    return words
