"""How Portuguese denies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from confere.review.checks.lists import word_set
from confere.review.checks.negation.denials import Language, word
from confere.review.checks.text import Token, listed

#: ``num`` is ``não`` before these, and ``em um`` before anything else.
_AFTER_NUM = frozenset(
    listed(
        "sei e tem tinha quero quer posso pode da vou vai foi era queria podia sabia gosto "
        "precisa tava to"
    )
)


def _denies(found: Sequence[Token], place: int) -> bool:
    if found[place].folded == "num":
        return word(found, place + 1) in _AFTER_NUM
    return found[place].folded == "nao"


def _loose(found: Sequence[Token], place: int) -> bool:
    return found[place].folded in word_set("loose-pt")


PORTUGUESE = Language(
    denies=_denies,
    loose=_loose,
    only=frozenset(("so", "somente", "apenas")),
    concord=frozenset(listed("nada ninguem nenhum nenhuma nunca jamais nem tampouco")),
    lists=frozenset(),
    without=frozenset(("sem",)),
    without_agrees=True,
    breaks=frozenset(listed("que e mas porque se quem quando onde como ou entao")),
    # Verbs that already deny: "não faltava" is "there was always".
    undenied=re.compile(
        r"(?:falt|duvid)\w+|(?:deix|par|pass)(?:o|a|ei|ou|ava|avam|am|aram|amos|e) de|perd(?:o|e|i|eu|ia)"
    ),
    tags=re.compile(
        r"\b(?:né|num é|não é(?: mesmo| verdade)?|não foi|não era|não (?:tá|está)|não acha)\s*(?=[?,.!…]|$)"
        r"|\bpois não\b|\bque nem\b(?! (?:sempre|tod[oa]s?|eu|ele|ela|isso|tudo)\b)"
        r"|\b(?:ou|quer) não\b(?=\s*[?.,;!]|\s*$)|\bnem te conto\b|\bde nada\b|\bse não me engano\b",
        re.IGNORECASE,
    ),
    soft=re.compile(
        r"\b(?:a )?não ser\b|\bse não (?:fosse|for)m?\b|\bnão fosse\b"
        r"|\bnão sei (?:o )?(?:quê|que lá|quem|quantos|onde)\b"
        r"|\bsem (?:querer|parar|dúvida|graça|falta|fim|mais nem menos)\b|\bsem-(?:terra|teto)\b"
        r"|\bdo nada\b|\bnão (?:tem problema|faz mal|importa|raro|demorou)\b|\b(?:que|como) nunca\b"
        r"|\b(?:mais|melhor|pior|do) (?:do )?que ninguém\b|\bque nada\b|\bdia sim,? dia não\b",
        re.IGNORECASE,
    ),
)
