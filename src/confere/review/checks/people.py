"""Persons and genders that Portuguese leaves open and English must choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, listed
from confere.review.checks.values import Context, Finding

_WE = frozenset(
    listed("we us our ours ourselves we're we've we'll we'd let's you your people you'd you'll")
)
_I = frozenset(listed("i me my mine myself i'm i've i'll i'd we us our"))
_HE = frozenset(listed("he him his himself he's he'd he'll"))
_SHE = frozenset(listed("she her hers herself she's she'd she'll"))
_ELE = frozenset(listed("ele dele nele eles deles"))
_ELA = frozenset(listed("ela dela nela elas delas"))
_YOURS = frozenset(["seu", "sua", "seus", "suas"])
_HIS = frozenset(["his", "her", "hers"])
#: Forms of the first person that are no other word.
_FIRST = frozenset(
    listed(
        "eu meu minha meus minhas comigo mim sou estou tenho vou sei posso quero fui fiz tive "
        "estive pude quis soube vim dei falei fiquei cheguei morei trabalhei nasci perdi vivi "
        "ganhei comecei voltei casei saí vi ouvi"
    )
)


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a “we”, an “I”, a “your” or a gender that the translation may have got wrong."""
    source = [token.folded for token in pair.source_tokens]
    said, told = set(source), {token.folded for token in pair.target_tokens}
    if not told:
        return
    if _a_gente(source) and not told & _WE:
        yield finding(pair.segment, "person.we")
    first = _tokens(pair.source_tokens, _FIRST)
    if first and not told & _I:
        yield finding(pair.segment, "person.first", [t.span for t in first], source=first[0].text)
    yield from _yours(pair, said, told)
    yield from _gender(pair, said, told)


def _yours(pair: Pair, said: set[str], told: set[str]) -> Iterator[Finding]:
    """``seu`` is “your” of ``você``, unless somebody else is spoken of."""
    owners = _ELE | _ELA | word_set("men-and-women")
    named = any(t.text[0].isupper() and not t.opens for t in pair.source_tokens)
    if said & _YOURS and told & _HIS and not said & owners and not named:
        source = _tokens(pair.source_tokens, _YOURS)
        target = _tokens(pair.target_tokens, _HIS)
        yield finding(
            pair.segment, "person.yours", [t.span for t in source], [t.span for t in target],
            source=source[0].text, target=target[0].text,
        )  # fmt: skip


def _gender(pair: Pair, said: set[str], told: set[str]) -> Iterator[Finding]:
    for one, other, own in ((_ELE, _ELA, _SHE), (_ELA, _ELE, _HE)):
        pronouns = _tokens(pair.source_tokens, one)
        wrong = _tokens(pair.target_tokens, own)
        right = told & (_HE if own is _SHE else _SHE)
        if pronouns and wrong and not said & other and not right:
            spans = [t.span for t in pronouns], [t.span for t in wrong]
            yield finding(
                pair.segment, "gender.other", *spans, source=pronouns[0].text, target=wrong[0].text
            )
            return
    chosen = _tokens(pair.target_tokens, _HE | _SHE)
    told_of = said & (_ELE | _ELA | _YOURS | word_set("men-and-women"))
    named = any(t.text[0].isupper() and not t.opens for t in pair.source_tokens)
    if chosen and not told_of and not named:
        spans_ = [t.span for t in chosen]
        yield finding(pair.segment, "gender.open", [], spans_, target=chosen[0].text)


def _a_gente(words: Sequence[str]) -> bool:
    return any(pair == ("a", "gente") for pair in pairwise(words))


def _tokens(found: Sequence[Token], words: frozenset[str]) -> list[Token]:
    return [token for token in found if token.folded in words]
