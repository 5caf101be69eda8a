"""Crude stems, so that one line of a word list stands for all inflections of its words.

Suffix stripping on folded words, for comparing only: ``falou``, ``falando`` and ``falar`` are ``fal``. Two words may
share a stem; the checks that use stems point at things and decide nothing.
"""

from __future__ import annotations

from functools import lru_cache

LEAST_STEM = 3  # letters that stay

_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ns", "m"), ("res", "r"),
            ("zes", "z"), ("ses", "s"))  # fmt: skip
_PORTUGUESE = sorted(
    (
        "zinhos zinhas zinho zinha inhos inhas inho inha mente ariamos eriamos iriamos assemos essemos "
        "issemos aramos eramos iramos avamos ariam eriam iriam aremos eremos iremos assem essem issem aria "
        "eria iria ando endo indo aram eram iram avam arei erei irei arao erao irao asse esse isse amos emos "
        "imos aste este iste ava avas ado ada ido ida ados adas idos idas ara era ira ar er ir ou ei eu iu am "
        "em iam ia as es os a e o i ao acao imento amento"
    ).split(),
    key=len,
    reverse=True,
)
_ENGLISH_IRREGULAR = {
    form: word
    for line in (
        "go went gone goes|say said|tell told|see saw seen|know knew known|get got gotten|come came|"
        "take took taken|give gave given|find found|think thought|leave left|feel felt|bring brought|"
        "keep kept|hold held|stand stood|hear heard|mean meant|meet met|run ran|pay paid|sit sat|"
        "speak spoke spoken|lie lay lain|lead led|grow grew grown|lose lost|fall fell fallen|send sent|"
        "build built|understand understood|draw drew drawn|break broke broken|spend spent|cut|rise rose "
        "risen|drive drove driven|buy bought|wear wore worn|choose chose chosen|eat ate eaten|sleep slept|"
        "fight fought|throw threw thrown|catch caught|deal dealt|win won|forget forgot forgotten|sell sold|"
        "shoot shot|teach taught|sing sang sung|swim swam swum|drink drank drunk|wake woke woken|"
        "hide hid hidden|steal stole stolen|tear tore torn|burn burnt|dream dreamt|learn learnt|"
        "beat beaten|bite bit bitten|blow blew blown|dig dug|feed fed|flee fled|fly flew flown|"
        "forgive forgave forgiven|freeze froze frozen|hang hung|light lit|ride rode ridden|shake shook "
        "shaken|strike struck|swear swore sworn|sweep swept|weep wept|write wrote written|make made|"
        "child children|man men|woman women|person people|foot feet|tooth teeth|wife wives|life lives|"
        "knife knives|leaf leaves|thief thieves|mouse mice|ox oxen|begin began begun|become became|"
        "lend lent|sew sewn|bleed bled|stick stuck|spread|bear bore borne|die dying died|lie lying"
    ).split("|")
    for word in [line.split()[0]]
    for form in line.split()
}


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
    if word in _ENGLISH_IRREGULAR:
        word = _ENGLISH_IRREGULAR[word]
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
