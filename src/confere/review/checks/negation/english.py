"""How English denies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from confere.review.checks.lists import word_set
from confere.review.checks.negation.denials import Language
from confere.review.checks.text import Token, listed

LEAST_PREFIXED = 6  # letters of a word in un- or dis- that denies: unable, not under


def _denies(found: Sequence[Token], place: int) -> bool:
    word = found[place].folded
    return word in ("not", "cannot", "ain't", "nope") or word.endswith("n't")


def _loose(found: Sequence[Token], place: int) -> bool:
    word = found[place].folded
    if word == "too":  # too old for that
        return place + 1 < len(found) and found[place + 1].gap == " "
    if word in word_set("loose-en"):
        return True
    if len(word) < LEAST_PREFIXED or word in word_set("not-loose-en"):
        return False
    return word.startswith(("un", "dis")) or word.endswith("less")


ENGLISH = Language(
    denies=_denies,
    loose=_loose,
    only=frozenset(("only", "just")),
    concord=frozenset(listed("nothing nobody none no nowhere never neither nor")),
    lists=frozenset(("no",)),
    without=frozenset(("without",)),
    without_agrees=False,
    breaks=frozenset(listed("that and but because if who when where how why so which")),
    undenied=re.compile(r"\b\B"),  # no English verb
    tags=re.compile(
        r",\s*(?:\w+n['’]t (?:i|you|he|she|it|we|they|there)|no|is it not)\s*(?=\?)"
        r"|\b(?:isn['’]t (?:it|that) (?:so|right|true)|don['’]t you (?:think|agree))(?=\?)"
        r"|\bor not\b(?=\s*[?.,;!]|\s*$)"
        r"|\bif I['’]m not mistaken\b|\bno longer than\b|\bnever mind\b|\bnext to nothing\b"
        r"|\bno wonder\b|\bcan(?:['’]t|not) help\b|\byou have no idea\b",
        re.IGNORECASE,
    ),
    soft=re.compile(
        r"\bif (?:it|they) (?:weren|hadn)['’]t\b|\bno doubt\b|\bno problem\b|\bno matter\b|\bout of\b"
        r"|\bfree of\b|\bdon['’]t (?:worry|mention it|mind)\b|\bnot at all\b|\bno way\b",
        re.IGNORECASE,
    ),
)
