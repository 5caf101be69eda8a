"""Denials that got lost, or that nobody made: the worst silent error.

Counts denials of each text. Portuguese doubles them (``não vi ninguém``, ``fui não``), which counts once;
the tag ``né?`` and the polite ``pois não`` are none. What denies without a word of denial (``falta``,
``unless``, ``unable``) does not count, but may stand for one that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, listed
from confere.review.checks.values import Context, Finding, Span

#: Denies nothing: tags, politeness, comparisons.
_NOT_TAGS = re.compile(
    r"\b(?:né|num é|não é(?: mesmo| verdade)?|não foi|não era|não (?:tá|está)|não acha)\s*(?=[?,.!…]|$)"
    r"|\bpois não\b|\bque nem\b|\bnem te conto\b|\bde nada\b|\bse não me engano\b",
    re.IGNORECASE,
)
#: May be told with a denial or without one.
_SOFT = re.compile(
    r"\b(?:a )?não ser\b|\bse não (?:fosse|for)m?\b|\bnão sei (?:o )?(?:quê|que lá|quem|quantos|onde)\b"
    r"|\bsem (?:querer|parar|dúvida|graça|falta|fim|mais nem menos)\b|\bsem-(?:terra|teto)\b|\bdo nada\b"
    r"|\bnão (?:tem problema|faz mal|importa|raro|demorou)\b|\b(?:que|como) nunca\b"
    r"|\b(?:mais|melhor|pior|do) (?:do )?que ninguém\b|\bque nada\b",
    re.IGNORECASE,
)
_ENGLISH_TAGS = re.compile(
    r",\s*(?:\w+n['’]t (?:i|you|he|she|it|we|they|there)|no|is it not)\s*(?=\?)"
    r"|\b(?:isn['’]t (?:it|that) (?:so|right|true)|don['’]t you (?:think|agree))(?=\?)"
    r"|\bif I['’]m not mistaken\b|\bno longer than\b|\bnever mind\b|\bnext to nothing\b|\bno wonder\b"
    r"|\bcan(?:['’]t|not) help\b|\byou have no idea\b",
    re.IGNORECASE,
)
_ENGLISH_SOFT = re.compile(
    r"\bif (?:it|they) (?:weren|hadn)['’]t\b|\bno doubt\b|\bno problem\b|\bno matter\b|\bout of\b|\bfree of\b"
    r"|\bnot at all\b|\bno way\b",
    re.IGNORECASE,
)
_COLLOQUIAL_NOT_BEFORE = frozenset(
    listed(
        "sei e tem tinha quero quer posso pode da vou vai foi era queria podia sabia gosto "
        "precisa tava to"
    )
)
_CONCORD_PT = frozenset(listed("nada ninguem nenhum nenhuma nunca jamais nem tampouco"))
_NOT_PT = frozenset(("nao",))
_WITHOUT_PT = frozenset(("sem",))
_CONCORD_EN = frozenset(listed("nothing nobody none no nowhere never neither nor"))
_NOT_EN = frozenset(("not", "cannot", "ain't", "nope"))
_WITHOUT_EN = frozenset(("without",))
#: Verbs that already deny: ``não faltava`` is "there was always".
_UNDENIED = re.compile(
    r"(?:falt|duvid)\w+|(?:deix|par|pass)(?:o|a|ei|ou|ava|avam|am|aram|amos|e) de|perd(?:o|e|i|eu|ia)"
)
_ENDS = re.compile(r"[.?!;:…,—–]")
_BREAKS_PT = frozenset(listed("que e mas porque se quem quando onde como ou entao"))
_BREAKS_EN = frozenset(listed("that and but because if who when where how why so which"))


@dataclass(frozen=True, slots=True)
class _Denials:
    """What a text denies: the words that say so, and how many denials others may stand for."""

    firm: tuple[Token, ...]
    loose: int


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a text that denies more often than the other can account for.

    Sentence by sentence if both have as many, so that a loose word far away explains nothing.
    """
    said, told = _sentences(pair.source_tokens), _sentences(pair.target_tokens)
    if len(said) != len(told):
        said, told = [pair.source_tokens], [pair.target_tokens]
    for left, right in zip(said, told, strict=True):
        source, target = _portuguese(left, pair.source), _english(right, pair.target)
        spans = _spans(source), _spans(target)
        if len(source.firm) > len(target.firm) + target.loose:
            yield finding(pair.segment, "negation.lost", *spans, source=_told(source))
        elif len(target.firm) > len(source.firm) + source.loose:
            yield finding(pair.segment, "negation.added", *spans, target=_told(target))


def _sentences(found: Sequence[Token]) -> list[Sequence[Token]]:
    starts = [place for place, t in enumerate(found) if not place or re.search(r"[.?!…]", t.gap)]
    return [found[start:end] for start, end in pairwise([*starts, len(found)])]


def _portuguese(sentence: Sequence[Token], text: str) -> _Denials:
    found = _outside(_outside(sentence, _NOT_TAGS, text), _SOFT, text)
    firm: list[Token] = []
    loose = _soft(_SOFT, sentence, text)
    open_ = False  # whether this clause denies already
    for place, token in enumerate(found):
        if _ENDS.search(token.gap) and not _list_goes_on(found, place, _CONCORD_PT):
            open_ = _answer_goes_on(found, place, firm)
        word = token.folded
        if word == "num" and _word(found, place + 1) in _COLLOQUIAL_NOT_BEFORE:
            word = "nao"
        if word in _BREAKS_PT and _word(found, place + 1) not in _CONCORD_PT:
            open_ = open_ and word == "se" and _word(found, place - 1) in _NOT_PT  # não se sabe
        elif word in _NOT_PT:
            last = place + 1 == len(found) or _ENDS.search(found[place + 1].gap)
            before = _word(found, place - 1) in _CONCORD_PT
            again = _again(found, place, firm)
            if _UNDENIED.fullmatch(_words(found, place + 1)):
                loose += 1
            elif not (again or (open_ and (last or before or _answer_goes_on(found, place, firm)))):
                firm.append(token)
            open_ = True
        elif word in _CONCORD_PT or word in _WITHOUT_PT:
            if not open_ or (word in _WITHOUT_PT and "," not in token.gap):
                firm.append(token)
            elif word == "nem":
                loose += 1
            open_ = True
    loose += sum(token.folded in word_set("loose-pt") for token in sentence)
    return _Denials(tuple(firm), loose)


def _english(sentence: Sequence[Token], text: str) -> _Denials:
    found = _outside(_outside(sentence, _ENGLISH_TAGS, text), _ENGLISH_SOFT, text)
    firm: list[Token] = []
    open_ = False
    for place, token in enumerate(found):
        if _ENDS.search(token.gap) and not _list_goes_on(found, place, _CONCORD_EN):
            open_ = _answer_goes_on(found, place, firm)
        word = token.folded
        if word in _BREAKS_EN and _word(found, place + 1) not in _CONCORD_EN:
            open_ = False
        elif word in _NOT_EN or word.endswith("n't"):
            again = _again(found, place, firm)
            if not (again or (open_ and _answer_goes_on_here(found, place, firm))):
                firm.append(token)
            open_ = True
        elif word in _CONCORD_EN or word in _WITHOUT_EN:
            again = word == "no" and _again(found, place, firm)
            if not (open_ or again) or (word in _WITHOUT_EN and "," not in token.gap):
                firm.append(token)
            open_ = word not in _WITHOUT_EN or open_
    loose = _soft(_ENGLISH_SOFT, sentence, text)
    loose += sum(_denies_loosely(token.folded) for token in sentence)
    loose += sum(
        before.folded == "too" and after.gap == " " for before, after in pairwise(sentence)
    )
    return _Denials(tuple(firm), loose)


def _answer_goes_on(found: Sequence[Token], place: int, firm: Sequence[Token]) -> bool:
    """Whether the word before is the bare answer ``não`` or ``no``: what follows only repeats it."""
    before = found[place - 1] if place else None
    return bool(before and firm and firm[-1] is before and "," in found[place].gap and before.opens)


def _answer_goes_on_here(found: Sequence[Token], place: int, firm: Sequence[Token]) -> bool:
    """Whether the clause began right after the bare answer ``no``."""
    if not firm:
        return False
    answer = found.index(firm[-1])
    between = found[answer + 1 : place + 1]
    return (
        firm[-1].opens
        and "," in between[0].gap
        and not any(_ENDS.search(token.gap) for token in between[1:])
    )


def _list_goes_on(found: Sequence[Token], place: int, words: frozenset[str]) -> bool:
    """Whether a comma only parts one denied thing from the next: ``sem aviso, sem nada``."""
    return (
        found[place].gap.strip() == "," and found[place].folded in words | _WITHOUT_PT | _WITHOUT_EN
    )


def _again(found: Sequence[Token], place: int, firm: Sequence[Token]) -> bool:
    """Whether the last denial is said once more of something else: não tinha luz, não tinha água."""
    if not firm:
        return False
    last = found.index(firm[-1])
    here, there = found[place].folded, firm[-1].folded
    if here != there or any(
        mark in token.gap for token in found[last + 1 : place + 1] for mark in ".?!"
    ):
        return False
    side = -1 if here in _CONCORD_EN else 1
    return bool(_word(found, place + side)) and _word(found, place + side) == _word(
        found, last + side
    )


def _outside(found: Sequence[Token], pattern: re.Pattern[str], text: str) -> list[Token]:
    spans = [match.span() for match in pattern.finditer(text)]
    return [t for t in found if not any(start <= t.start < end for start, end in spans)]


def _soft(pattern: re.Pattern[str], sentence: Sequence[Token], text: str) -> int:
    """Return how many of the soft denials of ``text`` lie in ``sentence``."""
    return len(pattern.findall(text, sentence[0].start, sentence[-1].end)) if sentence else 0


def _denies_loosely(word: str) -> bool:
    if word in word_set("loose-en"):
        return True
    if len(word) < 6 or word in word_set("not-loose-en"):
        return False
    return word.startswith(("un", "dis")) or word.endswith("less")


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].folded if 0 <= place < len(found) else ""


def _words(found: Sequence[Token], place: int) -> str:
    """Return the verb at ``place``, with the "de" that changes its meaning."""
    after = _word(found, place + 1)
    return _word(found, place) + (f" {after}" if after == "de" else "")


def _spans(denials: _Denials) -> list[Span]:
    return [token.span for token in denials.firm]


def _told(denials: _Denials) -> str:
    return ", ".join(token.text for token in denials.firm)
