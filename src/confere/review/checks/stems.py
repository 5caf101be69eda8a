"""Crude stems, so that one line of a word list stands for all inflections of its words.

Suffix stripping on folded words, for comparing only: ``falou``, ``falando`` and ``falar`` are ``fal``.
Two words may share a stem; the checks that use stems point at things and decide nothing.
"""

from __future__ import annotations

from functools import cache, lru_cache

from confere.review.checks.lists import lines
from confere.review.checks.text import listed

LEAST_STEM = 3  # letters that stay

_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ns", "m"), ("res", "r"),
            ("zes", "z"), ("ses", "s"))  # fmt: skip
_PORTUGUESE = sorted(
    listed(
        "zinhos zinhas zinho zinha inhos inhas inho inha mente ariamos eriamos iriamos "
        "assemos essemos issemos aramos eramos iramos avamos ariam eriam iriam aremos eremos "
        "iremos assem essem issem aria eria iria ando endo indo aram eram iram avam arei erei "
        "irei arao erao irao asse esse isse amos emos imos aste este iste ava avas ado ada "
        "ido ida ados adas idos idas ara era ira ar er ir ou ei eu iu am em iam ia as es os a "
        "e o i ao acao imento amento"
    ),
    key=len,
    reverse=True,
)


@cache
def _irregular() -> dict[str, str]:
    """Return the plain English word by each of its irregular forms."""
    groups = (group.split() for group in " ".join(lines("irregular-en")).split("|"))
    return {form: group[0] for group in groups for form in group}


@lru_cache(maxsize=20_000)
def portuguese(folded: str) -> str:
    """Return the stem of a folded Portuguese word."""
    word = folded
    for plural, singular in _PLURALS:
        if word.endswith(plural) and len(word) - len(plural) >= LEAST_STEM - 1:
            word = word.removesuffix(plural) + singular
            break
    else:
        if word.endswith("s") and len(word) > LEAST_STEM:
            word = word[:-1]
    for suffix in _PORTUGUESE:
        if word.endswith(suffix) and len(word) - len(suffix) >= LEAST_STEM:
            word = word.removesuffix(suffix)
            break
    if word.endswith(("qu", "gu")) and len(word) > LEAST_STEM:  # fiquei, paguei
        word = word[:-2] + {"qu": "c", "gu": "g"}[word[-2:]]
    return word


@lru_cache(maxsize=20_000)
def english(folded: str) -> str:
    """Return the stem of a folded English word."""
    word = folded.split("'")[0] or folded
    if word in _irregular():
        word = _irregular()[word]
    elif word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "y"
    else:
        for suffix in ("ing", "ed", "es", "s", "ly", "er"):
            if word.endswith(suffix) and len(word) - len(suffix) >= LEAST_STEM:
                word = word.removesuffix(suffix)
                break
    if len(word) > LEAST_STEM and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > LEAST_STEM else word
