"""JSON: the signed envelope, byte for byte, or a draft that says it is one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from confere.crypto.canonical import canonical_json
from confere.export.values import ExportFile, ExportInput, Line

DRAFT_KIND = "confere/draft"
DRAFT_FORMAT = 1


def write(given: ExportInput) -> list[ExportFile]:
    """Return one file.

    A signed transcript is exported as the very bytes that are kept in the vault, so that anybody
    can check the signature (``docs/sign-off.md``). A draft is canonical JSON without a signature.
    """
    return [ExportFile(f"{given.stem}.json", given.envelope or _draft(given))]


def _draft(given: ExportInput) -> bytes:
    interview = given.interview
    return canonical_json(
        {
            "kind": DRAFT_KIND,
            "format": DRAFT_FORMAT,
            "draft": True,
            "practice": given.practice,
            "study": given.study,
            "interview": {
                "id": interview.id,
                "site": interview.site,
                "date": interview.date,
                "participants": list(interview.participants),
            },
            "recording": {
                "id": given.recording_id,
                "part": given.part,
                "duration_ms": given.duration_ms,
            },
            "version": given.version,
            "target_language": given.target_language,
            "models": list(given.models),
            "correctors": list(given.correctors),
            "segments": [_segment(line) for line in given.lines],
        }
    )


def _segment(line: Line) -> dict[str, Any]:
    """A draft names no verifier for any of its segments: there is nothing to mark."""
    return {name: value for name, value in asdict(line).items() if name != "unverified"}
