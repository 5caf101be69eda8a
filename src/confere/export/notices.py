"""What must stand on every page and in every file that is not a signed transcript of a real study."""

from __future__ import annotations

from confere.export.values import ExportInput

DRAFT = "DRAFT: not verified against the recording, not signed"
PRACTICE = "PRACTICE: drafted by a practice model, not a transcript of a study"


def notices(given: ExportInput) -> list[str]:
    """Return the warnings that an export carries, the most important first; often none."""
    return [DRAFT] * given.draft + [PRACTICE] * given.practice
