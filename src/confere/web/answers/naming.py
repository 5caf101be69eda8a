"""What people call recordings: site, day and part of the interview."""

from __future__ import annotations

from confere.domain import Interview, Recording
from confere.errors import Destroyed
from confere.vault import register
from confere.web.sitting import Sitting


class Names:
    """What people call recordings, looked up once each."""

    def __init__(self, sitting: Sitting) -> None:
        self._catalog = sitting.desk.catalog
        self._found: dict[str, str] = {}

    def of(self, recording_id: str) -> str:
        """Return it; raises NoSuchThing, Destroyed."""
        if recording_id not in self._found:
            recording = register.get_recording(self._catalog, recording_id)
            interview = register.get_interview(self._catalog, recording.interview_id)
            self._found[recording_id] = recording_name(recording, interview)
        return self._found[recording_id]

    def of_any(self, recording_id: str) -> str:
        """Return it, of one that was destroyed the beginning of its id."""
        try:
            return self.of(recording_id)
        except Destroyed:
            return recording_id[:4]


def recording_name(recording: Recording, interview: Interview) -> str:
    """Return what people call a recording: site, day and part; never its name on the recorder."""
    named = [part for part in (interview.site, interview.date) if part]
    if not named:
        named = [recording.id[:4], recording.offloaded_at[:10]]
    return " · ".join((*named, str(recording.part)) if recording.part > 1 else named)
