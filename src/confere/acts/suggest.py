"""The translation memory: how this study translated the same before, and who verified it.

Suggestions are shown, and that is all: no act puts one into a segment. They come from segments that are
verified or signed at this very moment, of every recording.

A suggestion shows words of other recordings, and that is told as the reading it is: one `read` event
a recording and sitting. Not one a suggestion: an interview of a thousand segments would write some
thousands, which say nothing more than the first. At the command line every command is a sitting.
"""

from __future__ import annotations

from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.passage import open_passage
from confere.acts.reading import tell_read
from confere.domain import Role, Segment
from confere.translate.memory import MOST_SUGGESTIONS, best_matches, normalise
from confere.vault.memory_pairs import (
    Origin,
    Pair,
    PairIndex,
    list_pairs,
    origin_of,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A verified pair that is like what is to be translated.

    ``score`` is 75 to 100. ``exact`` is a repeat: the same words, and both ask or both do not. Only such
    a one may be offered for a single key.
    """

    score: int
    exact: bool
    pair: Pair
    origin: Origin


@dataclass(frozen=True, slots=True)
class Listed:
    """How many verified pairs the study has, and the newest of them."""

    count: int
    pairs: tuple[tuple[Pair, Origin], ...]


class TranslationMemory:
    """The memory of a study, as one person asks it in one sitting."""

    def __init__(self, desk: Desk) -> None:
        """Raises NotAllowed for somebody who reads nothing."""
        desk.require("ask the translation memory", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
        self._desk = desk
        self._index = PairIndex(desk.catalog)
        self._told: set[str] = set()

    def suggest(self, text: str) -> tuple[Suggestion, ...]:
        """Return what a text was translated to before: at most five pairs, best first."""
        found = self._suggestions(text)
        self._tell(*(suggestion.pair.recording_id for suggestion in found))
        return found

    def suggest_for(self, given: str, number: str) -> tuple[Segment, tuple[Suggestion, ...]]:
        """Return a segment, and suggestions for it that come from others in its language.

        For speech that is in the study's target language already there is nothing to suggest. Raises
        NoSuchThing, and whatever hinders opening the transcript.
        """
        _, segment = open_passage(self._desk, given, number)
        found: tuple[Suggestion, ...] = ()
        if segment.language != self._target:
            found = self._suggestions(segment.source, segment)
        self._tell(segment.recording_id, *(s.pair.recording_id for s in found))
        return segment, found

    def repeats_of(self, segment: Segment) -> tuple[Suggestion, ...]:
        """Return how exactly the words of a segment, as it is given, were translated elsewhere.

        As `suggest_for`, for a text that is perhaps only being typed; best first.
        """
        if segment.language == self._target:
            return ()
        found = tuple(s for s in self._suggestions(segment.source, segment) if s.exact)
        self._tell(*(s.pair.recording_id for s in found))
        return found

    def newest(self, limit: int) -> Listed:
        """Return how many pairs there are, and the newest."""
        count, pairs = list_pairs(self._desk.catalog, self._target, limit)
        self._tell(*(pair.recording_id for pair in pairs))
        origins = [origin_of(self._desk.catalog, pair) for pair in pairs]
        return Listed(count, tuple(zip(pairs, origins, strict=True)))

    @property
    def _target(self) -> str:
        return self._desk.vault.locked.settings.study.target

    def _suggestions(self, text: str, of: Segment | None = None) -> tuple[Suggestion, ...]:
        pairs = self._index.shortlist(normalise(text).body, self._target)
        if of is not None:
            pairs = [p for p in pairs if p.language == of.language and p.segment_id != of.id]
        matches = best_matches(text, [pair.source for pair in pairs])
        different: dict[tuple[str, str], Suggestion] = {}
        for match in matches:
            pair = pairs[match.index]
            key = normalise(pair.source).body, pair.target.strip()
            if key not in different:
                origin = origin_of(self._desk.catalog, pair)
                different[key] = Suggestion(match.score, match.exact, pair, origin)
            if len(different) == MOST_SUGGESTIONS:
                break
        return tuple(different.values())

    def _tell(self, *recording_ids: str) -> None:
        new = [r for r in dict.fromkeys(recording_ids) if r not in self._told]
        if new:
            tell_read(self._desk, *new)
            self._told.update(new)
