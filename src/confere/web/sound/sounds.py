"""What the keeper's second thread is asked about sound.

It never touches the catalog. Which recordings are open, and how long they are, it is told by the main
thread when a transcript is opened; whether one is still kept, the disk tells: destroying a recording
takes its key away.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from functools import partial
from typing import Any

from confere.acts.desk import Desk
from confere.acts.playback import Playback
from confere.errors import BadValue, NoSuchThing
from confere.vault.objects import key_file
from confere.web.sitting import Sitting
from confere.web.sound.listening import SECOND_BYTES, Listening
from confere.web.sound.working import HEADER_BYTES, header, size_bytes, span_of

#: So much is decoded before whatever else is waiting gets its turn.
TURN_S = 0.02
LONGEST_PEAKS_MS = 30 * 60_000
MOST_COLUMNS = 4_000
MOST_BYTES = 256 << 10  # of one answer
_LISTENED_TO = 3  # recordings at a time


class Sounds:
    """The recordings that this sitting may hear, and those that it is hearing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told = threading.Lock()
        self._durations_ms: dict[str, int] = {}
        self._listening: OrderedDict[str, Listening] = OrderedDict()

    def admit(self, recording_id: str, duration_ms: int) -> None:
        """Take note, in the main thread, that somebody opened the transcript of a recording."""
        with self._told:
            self._durations_ms[recording_id] = duration_ms

    def duration_ms(self, recording_id: str) -> int:
        """Return how long a recording is; raises NoSuchThing when it is not open, or no longer kept."""
        with self._told:
            duration_ms = self._durations_ms.get(recording_id)
        if duration_ms is None or not self._is_kept(recording_id):
            self._forget(recording_id)
            raise NoSuchThing("sound", recording_id)
        return duration_ms

    def listen(self, recording_id: str) -> Listening:
        """Return the seconds of a recording; raises NoSuchThing, and what opening it raises."""
        duration_ms = self.duration_ms(recording_id)
        if recording_id not in self._listening:
            open_audio = partial(self._desk.vault.open_audio, recording_id)
            self._listening[recording_id] = Listening(open_audio, duration_ms)
            while len(self._listening) > _LISTENED_TO:
                self._listening.popitem(last=False)[1].close()
        self._listening.move_to_end(recording_id)
        return self._listening[recording_id]

    def _is_kept(self, recording_id: str) -> bool:
        return self._desk.vault.locked.storage.exists(key_file(recording_id))

    def _forget(self, recording_id: str) -> None:
        with self._told:
            self._durations_ms.pop(recording_id, None)
        listening = self._listening.pop(recording_id, None)
        if listening is not None:
            listening.close()


def sound_length(sitting: Sitting, recording_id: str) -> int:
    """Return how many bytes a working sound has."""
    return size_bytes(sitting.part(Sounds).duration_ms(recording_id))


def sound(sitting: Sitting, recording_id: str, first_byte: int, last_byte: int) -> bytes:
    """Return bytes of a working sound, the last one included, and take note that they were served."""
    sounds = sitting.part(Sounds)
    duration_ms = sounds.duration_ms(recording_id)
    end_byte = last_byte + 1
    fits = 0 <= first_byte < end_byte <= size_bytes(duration_ms)
    if not fits or end_byte - first_byte > MOST_BYTES:
        raise BadValue("there are no such bytes of the working sound")
    made = header(duration_ms)[first_byte:end_byte]
    begun, ended = (max(0, byte - HEADER_BYTES) for byte in (first_byte, end_byte))
    if begun < ended:
        listening = sounds.listen(recording_id)
        numbers = range(begun // SECOND_BYTES, (ended - 1) // SECOND_BYTES + 1)
        seconds = b"".join(listening.second(number) for number in numbers)
        offset = numbers[0] * SECOND_BYTES
        made += seconds[begun - offset : ended - offset]
    start_ms, end_ms = span_of(first_byte, end_byte)
    if start_ms < end_ms:
        sitting.part(Playback).sent(recording_id, start_ms, end_ms)
    return made


def sound_ahead(sitting: Sitting, recording_id: str) -> bool:
    """Find out for a turn where in its bytes the times of a recording lie; whether all is known."""
    return sitting.part(Sounds).listen(recording_id).look_ahead(TURN_S)


def peaks(
    sitting: Sitting, recording_id: str, start_ms: int, end_ms: int, columns: int
) -> dict[str, Any]:
    """Return ``{peaks}``: the loudest of each column, 0 to 127; null when it has to be asked again."""
    listening = sitting.part(Sounds).listen(recording_id)
    if (
        not 0 <= start_ms < end_ms <= start_ms + LONGEST_PEAKS_MS
        or not 1 <= columns <= MOST_COLUMNS
    ):
        raise BadValue(
            f"peaks are of up to {LONGEST_PEAKS_MS // 60_000} minutes in up to {MOST_COLUMNS} columns"
        )
    until = time.monotonic() + TURN_S
    for number in range(start_ms // 1000, (end_ms - 1) // 1000 + 1):
        if listening.has_peaks(number):
            continue
        if time.monotonic() > until:
            return {"peaks": None}
        listening.make_peaks(number)
    return {"peaks": listening.columns(start_ms, end_ms, columns)}
