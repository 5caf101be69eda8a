"""Names of the identity key: people who must not be found in any text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from confere.review.checks.dictionary import is_word
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, cover, listed, tokens
from confere.review.checks.values import Context, Finding, Span

_PARTICLES = frozenset(listed("de da do das dos e del la van von san santo santa dona seu"))
SHORTEST_PART = 3  # letters of a first name or surname that counts alone
SHORTEST_NICKNAME = 2  # letters of a name of one word: Zé, Lu, Bá; such a one only with a capital


def can_be_found(name: str) -> bool:
    """Whether a name has a word that can be told from others; an initial or a particle cannot."""
    words = _words(name)
    return (len(words) > 1 and not set(words) <= _PARTICLES) or any(
        _counts(w, words) for w in words
    )


def names_in(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a text that name somebody of the key, as they stand there."""
    found = tokens(text)
    words = [_bare(token) for token in found]
    places = {span for name in names for span in _places(_words(name), found, words)}
    return tuple(dict.fromkeys(text[slice(*span)] for span in sorted(places)))


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a name of the key, whole or a part of it, in either text.

    What is told is the words of the text, never the name that the key has for them: those who correct
    do not read the key. Two names that the same words may be are one finding.
    """
    known = context.prepared(_by_word)
    source_words = [_bare(token) for token in pair.source_tokens]
    target_words = [_bare(token) for token in pair.target_tokens]
    said = {*source_words, *target_words} & known.keys()
    places = {
        (
            tuple(_places(name, pair.source_tokens, source_words)),
            tuple(_places(name, pair.target_tokens, target_words)),
        )
        for name in {name for word in said for name in known[word]}
    }
    for source, target in sorted(places):
        if source or target:
            one = "the source" if source else "the translation"
            side = "both texts" if source and target else one
            words = [pair.source[slice(*span)] for span in source]
            words += [pair.target[slice(*span)] for span in target]
            told = ", ".join(dict.fromkeys(words))
            yield finding(pair.segment, "identity.name", source, target, side=side, text=told)


def _by_word(context: Context) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """Return the names, as folded words, by each of their words."""
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in dict.fromkeys(map(_words, context.names)):
        for word in set(name) - _PARTICLES:
            found[word].append(name)
    return found


@lru_cache(maxsize=5_000)
def _words(name: str) -> tuple[str, ...]:
    """Return the folded words of a name; kept, as all that was unlocked, until the process ends."""
    return tuple(token.folded for token in tokens(name))


def _places(name: tuple[str, ...], found: Sequence[Token], words: Sequence[str]) -> list[Span]:
    places = []
    at = 0
    while at < len(found):
        if words[at] not in name:
            at += 1
        elif len(name) > 1 and tuple(words[at : at + len(name)]) == name:
            places.append(cover(found[at : at + len(name)]))
            at += len(name)
        else:
            if _is_part(found[at], words[at], name):
                places.append(found[at].span)
            at += 1
    return places


def _is_part(token: Token, word: str, name: Sequence[str]) -> bool:
    """Whether one word of the text is one word of the name. In small letters it counts unless it is
    a common word too: ``rosa``, ``luz``, ``vitória``; or very short."""
    if not _counts(word, name):
        return False
    return token.text[0].isupper() or (len(word) >= SHORTEST_PART and not is_word(word))


def _counts(word: str, name: Sequence[str]) -> bool:
    """Whether a word of a name tells somebody by itself."""
    shortest = SHORTEST_PART if len(name) > 1 else SHORTEST_NICKNAME
    return len(word) >= shortest and word not in _PARTICLES and not word[0].isdecimal()


def _bare(token: Token) -> str:
    return token.folded.removesuffix("'s").removesuffix("'")
