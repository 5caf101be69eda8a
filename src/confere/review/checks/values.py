"""What the checks are given and what they answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias, TypeVar

from confere.domain import WordEntry as WordEntry
from confere.domain import WordStatus as WordStatus

T = TypeVar("T")


class Level(StrEnum):
    """How much a finding weighs; only people decide what becomes of it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of one text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SegmentTexts:
    """What a segment holds for the checks.

    ``language`` is that of the speech (ISO 639-1), ``marks`` are those of the speech engine
    (``transcribe/marks.py``). ``duration_ms`` None leaves out the checks against time.
    """

    id: str
    source: str
    target: str
    language: str = "pt"
    speaker: str = ""
    marks: tuple[str, ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for the whole transcript.

    ``names`` are the real names and nicknames of the identity key, which no text may hold.
    """

    words: tuple[WordEntry, ...] = ()
    names: tuple[str, ...] = field(default=(), repr=False)
    target_language: str = "en"
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def prepared(self, make: Callable[[Context], T]) -> T:
        """Return what a check makes of all this before it looks at the first segment, made once."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made


Parameters: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check saw.

    ``check`` is a stable name; ``message_id`` and ``parameters`` make ``message`` in any language.
    ``key`` is the same as long as the language, both texts and what was seen are the same: what was
    dismissed under it is open again when the text changes. It is a digest of short texts, which
    can be guessed: it belongs where the texts belong.
    """

    check: str
    level: Level
    message_id: str
    parameters: Parameters
    message: str
    source_spans: tuple[Span, ...]
    target_spans: tuple[Span, ...]
    key: str


def key_of(message_id: str, parameters: Parameters, segment: SegmentTexts) -> str:
    """Return the identity of a finding: SHA-256 in hex over what was seen, and in which texts."""
    texts = [segment.language, segment.source, segment.target]
    seen = [message_id, sorted(parameters.items()), *texts]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


Spans: TypeAlias = Sequence[Span]
