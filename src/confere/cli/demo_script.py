"""What is spoken in a bundled recording, as the text beside it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from confere.domain import Segment

#: The texts name parts; a transcript has codes.
_CODES = {"researcher": "I1", "interviewer": "I1", "interpreter": "IP"}
PARTICIPANT = "P01"


@dataclass(frozen=True, slots=True)
class Truth:
    """One sentence that is spoken, with its translation."""

    start_ms: int
    end_ms: int
    speaker: str
    language: str
    source: str
    target: str

    def overlaps(self, segment: Segment) -> bool:
        """Whether a segment is about this sentence: they share most of the longer one's time."""
        shared = min(self.end_ms, segment.end_ms) - max(self.start_ms, segment.start_ms)
        return shared * 2 > max(self.end_ms - self.start_ms, segment.end_ms - segment.start_ms)


def read_script(file: Path) -> list[Truth]:
    """Read the text beside a recording: tab-separated lines, ``#`` begins a comment."""
    lines = file.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Truth(
            round(float(start) * 1000),
            round(float(end) * 1000),
            _CODES.get(part, PARTICIPANT),
            language,
            source,
            target,
        )
        for start, end, part, language, source, target in rows
    ]
