"""What a verifier says of an error that they found: its kind, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """What was wrong. The values stand in revisions, in the log and in signed documents."""

    TRANSCRIPTION = "transcription"  # the source text is not what was said, and no kind below fits
    OMISSION = "omission"
    ADDITION = "addition"
    MISTRANSLATION = "mistranslation"
    NUMBER = "number"
    NEGATION = "negation"
    NAME = "name or term"
    SPEAKER = "speaker"
    TIME = "time"
    MARK = "mark"
    DE_IDENTIFICATION = "de-identification"


class Severity(StrEnum):
    """How much an error weighs."""

    MINOR = "minor"
    MAJOR = "major"
    MEANING = "changes the meaning"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An error as a verifier judges it: always both."""

    kind: ErrorKind
    severity: Severity
