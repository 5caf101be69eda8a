"""The study's word list: what the engines, the checks and the people are told of single words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WordStatus(StrEnum):
    """What the word list wants of an entry."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class WordEntry:
    """One line of the word list.

    ``target`` is the translation that ``source`` must have (required) or must not have (forbidden).
    A kept word stands in the translation as it was said; its ``target`` is empty.
    """

    source: str
    target: str
    status: WordStatus
    note: str = ""
