"""What is asked of a worker, and what it answers: bytes, so that any executor can carry them.

An order is one window of one recording, with all that is needed for it: where the sealed object lies, the
one key that opens it, the study's languages and words, which models, and what the window before left. It
holds no other secret. An answer holds the sentences of the window in both languages, or why there are none.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from confere import errors
from confere.domain import EngineRecord, SpokenSegment, Word
from confere.domain.settings import Drafting
from confere.domain.words import WordEntry, WordStatus
from confere.errors import ConfereError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Engines:
    """By which engines a window was made."""

    speech: EngineRecord
    translation: EngineRecord


@dataclass(frozen=True, slots=True)
class Order:
    """One window to draft.

    ``sealed`` is where the object lies below the worker's folder of objects, ``sealed_sha256`` its
    digest, ``key`` its identity as text. ``word_list`` is the version of the study's list that ``words``
    are, 0 without one. ``number`` is the window's, from 1; ``state`` what the one
    before left, ``engines`` those that made it; None for the first.
    """

    recording_id: str
    sealed: str
    sealed_sha256: str
    key: str = dataclasses.field(repr=False)
    practice: bool
    languages: tuple[str, ...]
    target: str
    words: tuple[WordEntry, ...] = dataclasses.field(repr=False)
    word_list: int
    drafting: Drafting
    number: int
    state: str | None = dataclasses.field(repr=False)
    engines: Engines | None

    def to_bytes(self) -> bytes:
        """Return the order as JSON."""
        return _written(asdict(self))

    def in_common(self) -> dict[str, Any]:
        """Return what every window of this draft is asked with, but for the key; JSON.

        Without how many processors and processes work, which does not change what they make.
        """
        value = asdict(self)
        for name in ("key", "number", "state", "engines"):
            del value[name]
        for name in ("threads", "workers"):
            del value["drafting"][name]
        return dict(json.loads(json.dumps(value)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Order:
        """Read an order; raises ValueError, KeyError or TypeError for what is none."""
        value = _read(data)
        return cls(
            **{
                **value,
                "languages": tuple(value["languages"]),
                "words": tuple(
                    WordEntry(**{**word, "status": WordStatus(word["status"])})
                    for word in value["words"]
                ),
                "drafting": Drafting(**_tuples(value["drafting"])),
                "engines": _engines(value["engines"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One drafted window: ``targets[i]`` belongs to ``segments[i]``.

    ``done_ms`` is the end of the window in the recording, ``state`` what the next begins with, and
    ``duration_ms`` the recording's length, in its last window. ``took_ms`` is how long it took.
    """

    number: int
    segments: tuple[SpokenSegment, ...]
    targets: tuple[str, ...]
    done_ms: int
    state: str
    duration_ms: int | None
    engines: Engines
    took_ms: int

    def to_bytes(self) -> bytes:
        """Return the answer as JSON."""
        return _written(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> Answer:
        """Read an answer; raises the ConfereError that a worker answered instead, if it did.

        Raises ValueError, KeyError or TypeError for what is no answer.
        """
        value = _read(data)
        if "error" in value:
            raise _error(value["error"])
        engines = _engines(value["engines"])
        assert engines is not None
        return cls(
            **{
                **value,
                "segments": tuple(map(_spoken, value["segments"])),
                "targets": tuple(value["targets"]),
                "engines": engines,
            }
        )


class OtherEngines(ConfereError):
    """The worker's engines are not those that made the windows before: the draft begins anew."""

    def __init__(self) -> None:
        super().__init__("the engines are not those that the draft was begun with")


def refusal(error: ConfereError) -> bytes:
    """Return the answer that there is no window, and why."""
    told = {"is": type(error).__name__, "message": error.message, "hint": error.hint}
    return _written({"error": told})


def _error(told: Mapping[str, str]) -> ConfereError:
    kind = (
        OtherEngines if told["is"] == OtherEngines.__name__ else getattr(errors, told["is"], None)
    )
    if not (isinstance(kind, type) and issubclass(kind, ConfereError)):
        kind = ConfereError
    # Leaf classes write their own message from data that is not here; what they wrote is.
    error = kind.__new__(kind)
    ConfereError.__init__(error, str(told["message"]), str(told["hint"]))
    return error


def _written(value: Mapping[str, Any]) -> bytes:
    return json.dumps({"format": FORMAT, **value}, ensure_ascii=False).encode()


def _read(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(data)
    if value.pop("format") != FORMAT:
        raise ValueError("made by another version of Confere")
    return value


def _spoken(value: dict[str, Any]) -> SpokenSegment:
    words = tuple(Word(**word) for word in value["words"])
    return SpokenSegment(**{**value, "words": words, "marks": tuple(value["marks"])})


def _engines(value: Mapping[str, Any] | None) -> Engines | None:
    if value is None:
        return None
    return Engines(EngineRecord(**value["speech"]), EngineRecord(**value["translation"]))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
