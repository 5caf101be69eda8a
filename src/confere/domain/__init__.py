"""The things a study speaks of, as plain values: standard library only, no input or output."""

from confere.domain.draft import Draft, EngineRecord, SpokenSegment, Transcription, Word
from confere.domain.identifiers import new_id
from confere.domain.interview import Interview, Recording
from confere.domain.judgement import ErrorKind, Judgement, Severity
from confere.domain.person import MachineKeys, Person, Role
from confere.domain.segment import Segment, State
from confere.domain.transcript import Coverage, Passage, Revision, Transcript
from confere.domain.units import clock
from confere.domain.words import WordEntry, WordStatus

__all__ = [
    "Coverage",
    "Draft",
    "EngineRecord",
    "ErrorKind",
    "Interview",
    "Judgement",
    "MachineKeys",
    "Passage",
    "Person",
    "Recording",
    "Revision",
    "Role",
    "Segment",
    "Severity",
    "SpokenSegment",
    "State",
    "Transcript",
    "Transcription",
    "Word",
    "WordEntry",
    "WordStatus",
    "clock",
    "new_id",
]
