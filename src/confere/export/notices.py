"""What must stand on every page and in every file that is not a signed and wholly verified transcript."""

from __future__ import annotations

from confere.export.values import ExportInput

DRAFT = "DRAFT: not verified against the recording, not signed"
SAMPLED = "SAMPLE: {} of {} segments are NOT VERIFIED; each is marked"
#: What marks a segment that nobody verified, in a signed transcript.
UNVERIFIED = "NOT VERIFIED"
PRACTICE = "PRACTICE: drafted by a practice model, not a transcript of a study"


def notices(given: ExportInput) -> list[str]:
    """Return the warnings that an export carries, the most important first; often none."""
    sampled = [SAMPLED.format(given.unverified, len(given.lines))] if given.unverified else []
    return [DRAFT] * given.draft + [PRACTICE] * given.practice + sampled
