"""Names of the identity key: people who must not be found in any text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from confere.review.checks.dictionary import is_word
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, cover, listed, tokens
from confere.review.checks.values import Context, Finding, Span

_PARTICLES = frozenset(listed("de da do das dos e del la van von san santo santa dona seu"))
SHORTEST_PART = 3  # letters of a first name or surname that counts alone


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a name of the key, whole or a part of it, in either text."""
    said = {_bare(token) for token in (*pair.source_tokens, *pair.target_tokens)}
    for name in context.names:
        words = _words(name)
        if said.isdisjoint(set(words) - _PARTICLES):
            continue
        source = _places(words, pair.source_tokens)
        target = _places(words, pair.target_tokens)
        if source or target:
            side = "both texts" if source and target else "source" if source else "translation"
            yield finding(pair.segment, "identity.name", source, target, side=side, name=name)


@lru_cache(maxsize=2_000)
def _words(name: str) -> tuple[str, ...]:
    """Return the folded words of a name; kept, as all that was unlocked, until the process ends."""
    return tuple(token.folded for token in tokens(name))


def _places(name: Sequence[str], found: Sequence[Token]) -> list[Span]:
    places = []
    at = 0
    while at < len(found):
        whole = [_bare(token) for token in found[at : at + len(name)]]
        if name and whole == list(name) and (len(name) > 1 or _is_part(found[at], name)):
            places.append(cover(found[at : at + len(name)]))
            at += len(name)
        else:
            if _is_part(found[at], name):
                places.append(found[at].span)
            at += 1
    return places


def _is_part(token: Token, name: Sequence[str]) -> bool:
    """Whether one word of the text is one word of the name. In small letters it counts unless it is
    a common word too: ``rosa``, ``luz``, ``vitória``."""
    bare = _bare(token)
    if bare not in name or bare in _PARTICLES or len(bare) < SHORTEST_PART:
        return False
    return token.text[0].isupper() or not is_word(bare)


def _bare(token: Token) -> str:
    return token.folded.removesuffix("'s").removesuffix("'")
