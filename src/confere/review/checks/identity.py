"""Names of the identity key: people who must not be found in any text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

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


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a name of the key, whole or a part of it, in either text.

    What is told is the words of the text, never the name that the key has for them: those who correct
    do not read the key. Two names that the same words may be are one finding.
    """
    known = context.prepared(_by_word)
    said = {_bare(token) for token in (*pair.source_tokens, *pair.target_tokens)}
    names = {name: None for word in sorted(said) for name in known.get(word, ())}
    places = {
        (tuple(_places(name, pair.source_tokens)), tuple(_places(name, pair.target_tokens)))
        for name in names
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


def _words(name: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens(name))


def _places(name: Sequence[str], found: Sequence[Token]) -> list[Span]:
    places = []
    at = 0
    while at < len(found):
        whole = [_bare(token) for token in found[at : at + len(name)]]
        if len(name) > 1 and whole == list(name):
            places.append(cover(found[at : at + len(name)]))
            at += len(name)
        else:
            if _is_part(found[at], name):
                places.append(found[at].span)
            at += 1
    return places


def _is_part(token: Token, name: Sequence[str]) -> bool:
    """Whether one word of the text is one word of the name. In small letters it counts unless it is
    a common word too: ``rosa``, ``luz``, ``vitória``; or very short."""
    bare = _bare(token)
    if bare not in name or not _counts(bare, name):
        return False
    return token.text[0].isupper() or (len(bare) >= SHORTEST_PART and not is_word(bare))


def _counts(word: str, name: Sequence[str]) -> bool:
    """Whether a word of a name tells somebody by itself."""
    shortest = SHORTEST_PART if len(name) > 1 else SHORTEST_NICKNAME
    return len(word) >= shortest and word not in _PARTICLES and not word[0].isdecimal()


def _bare(token: Token) -> str:
    return token.folded.removesuffix("'s").removesuffix("'")
