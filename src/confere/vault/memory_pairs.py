"""The verified pairs of a study: which of them might be like a text, and where each comes from.

A pair is the two texts of a segment that is verified or locked. Nothing is kept twice: the index
(``migrations/0002.sql``) knows which three letters stand in which segment, and the texts are read from the
segment itself, in the state it is in at that moment.

This is only the shortlist. How alike two texts are is for ``confere.translate.memory`` to say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from confere.vault.catalog import Catalog
from confere.vault.transcripts import NUMBER

#: A text shorter than this is looked for by its length: it has hardly any three letters.
_SHORT = 8
#: Below this, by both: one wrong character may leave it none that are not everywhere.
_SHORTISH = 12
_LONGEST_SHORT = (
    15  # in `short_pairs`: what is 75 % like 7 characters has at most 11, and its marks
)
_GRAM = 3
_MOST_GRAMS = 64  # of a long text, evenly spread; each costs up to 0.3 ms
#: Three letters that stand in more pairs than this tell little, and reading where takes long.
_COMMON = 1000
_MOST_TWOS = 8
_PLENTY = 16  # uncommon grams
_ENOUGH = 6  # uncommon grams; with fewer, common ones are asked for two by two
_MOST_CANDIDATES = 200
_VERIFIED = "state IN ('verified', 'locked')"
_PAIRS = "SELECT number, recording_id, id AS segment_id, language, source, target FROM segments"
_USABLE = f"{_VERIFIED} AND target_stale = 0 AND target <> ''"


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pair:
    """The two texts of a verified segment, as they stand, and which segment it is."""

    number: int
    recording_id: str
    segment_id: str
    language: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The number that people see of a pair's segment, who verified it, and when (as it is written)."""

    number: int
    by: str
    at: str


class PairIndex:
    """What the catalog knows of its verified pairs; remembers which letters are too common to ask for.

    What it remembers may grow old without harm: it makes a shortlist, not a decision.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._common: set[str] = set()

    def shortlist(self, text: str, target_language: str) -> list[Pair]:
        """Return pairs, at most 400, among which those most like a normalised text are.

        Of pairs with the same two texts only the newest. Speech that was in the target language
        already is nobody's translation, and left out.
        """
        plain = text.encode("utf-8", "replace").decode().replace("\0", " ")
        numbers = self._short(plain) if len(plain) < _SHORTISH else []
        if len(plain) >= _SHORT:
            counts = self._counted(_spread(_grams(plain), _MOST_GRAMS))
            numbers += [number for number, _ in counts.most_common(_MOST_CANDIDATES)]
        return self._read(numbers, target_language)

    def _short(self, text: str) -> list[int]:
        """Return short pairs of about that length, each two texts once, by what they share with it."""
        least, most = len(text) - 3, min(len(text) + 5, _LONGEST_SHORT)  # marks at the end count
        rows = self._catalog.rows(
            f"SELECT max(number) AS number, source FROM segments WHERE {_VERIFIED}"  # noqa: S608
            f" AND length(source) <= {_LONGEST_SHORT} AND length(source) BETWEEN ? AND ?"
            " GROUP BY length(source), source, target, language",
            (least, most),
        )
        width = 1 if len(text) <= _GRAM else 2
        grams = [text[i : i + width] for i in range(len(text) - width + 1)]
        shared: Counter[int] = Counter()
        for number, source in rows:
            shared[number] = sum(map(source.lower().__contains__, grams))
        return [number for number, _ in shared.most_common(_MOST_CANDIDATES)]

    def _counted(self, grams: list[str]) -> Counter[int]:
        """Count in how many of the grams each pair shares."""
        counts: Counter[int] = Counter()
        uncommon = 0
        for gram in _by_turns(grams):
            if gram in self._common or uncommon == _PLENTY:
                continue
            numbers = self._where(_quoted(gram), _COMMON + 1)
            if len(numbers) > _COMMON:
                self._common.add(gram)
            elif numbers:
                uncommon += 1
                counts.update(numbers)
        if uncommon < _ENOUGH:
            for first, second in _spread(_twos(grams), _MOST_TWOS):
                both = f"{_quoted(first)} AND {_quoted(second)}"
                counts.update(self._where(both, _COMMON))
        return counts

    def _where(self, query: str, limit: int) -> list[int]:
        """Return the pairs that a query of the index finds, the newest first."""
        found = self._catalog.value(
            "SELECT json_group_array(rowid) FROM (SELECT rowid FROM pair_index"
            " WHERE pair_index MATCH ? ORDER BY rowid DESC LIMIT ?)",
            (query, limit),
        )
        numbers: list[int] = json.loads(found)
        return numbers

    def _read(self, numbers: Iterable[int], target_language: str) -> list[Pair]:
        rows = self._catalog.rows(
            f"{_PAIRS} WHERE number IN (SELECT value FROM json_each(?))"  # noqa: S608
            f" AND language <> ? AND {_USABLE} ORDER BY number DESC",
            (json.dumps(list(numbers)), target_language),
        )
        newest: dict[tuple[str, str], Any] = {}
        for row in rows:
            newest.setdefault((row["source"], row["target"]), row)
        return [Pair(*row) for row in newest.values()]


def list_pairs(catalog: Catalog, target_language: str, limit: int) -> tuple[int, list[Pair]]:
    """Return how many verified pairs there are, and the newest of them, the newest first."""
    where = f"language <> ? AND {_USABLE}"
    count = catalog.value(f"SELECT count(*) FROM segments WHERE {where}", (target_language,))  # noqa: S608
    rows = catalog.rows(
        f"{_PAIRS} WHERE {where} ORDER BY number DESC LIMIT ?",
        (target_language, limit),
    )
    return int(count), [Pair(**dict(row)) for row in rows]


def origin_of(catalog: Catalog, pair: Pair) -> Origin:
    """Return where a pair comes from: looked up for the few that are shown, not for all that might be."""
    row = catalog.row(
        f"SELECT {NUMBER} AS shown, coalesce(r.by, '') AS by, coalesce(r.at, '') AS at"  # noqa: S608
        " FROM segments s LEFT JOIN revisions r ON r.segment_id = s.id AND r.decision = 'verify'"
        " WHERE s.id = ? ORDER BY r.version DESC LIMIT 1",
        (pair.segment_id,),
    )
    return Origin(row["shown"], row["by"], row["at"]) if row else Origin(0, "", "")


def _grams(text: str) -> list[str]:
    """Return every three letters of a text, each once, in their order."""
    return list(dict.fromkeys(text[i : i + _GRAM] for i in range(len(text) - _GRAM + 1)))


def _spread(items: list[T], most: int) -> list[T]:
    """Return so many of them as may be asked for, evenly spread."""
    step = max(1, len(items) / most)
    return [items[int(n * step)] for n in range(min(len(items), most))]


def _by_turns(grams: list[str]) -> list[str]:
    """Return them so that those at the beginning come from everywhere in the text."""
    return [gram for start in range(4) for gram in grams[start::4]]


def _twos(grams: list[str]) -> list[tuple[str, str]]:
    """Return grams with the next one that shares no letter with it: six letters together."""
    return list(zip(grams[::2], grams[_GRAM::2], strict=False))


def _quoted(gram: str) -> str:
    return '"' + gram.replace('"', '""') + '"'
