"""Play to somebody who sits at a page: what is sent to them, and what their player says it played.

``review/playback.py`` says what of that is believed. It is kept as `acts/verify.play` keeps what was
played at the command line, and told by the same event. Spans that touch are one: they are written
every half minute of playing, before somebody decides, and at the end of the sitting.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from confere.acts.desk import Desk
from confere.acts.verify import keep_played
from confere.domain import Coverage, Recording, Role
from confere.errors import BadValue, Destroyed
from confere.review.playback import Ledger
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.span import decode_span
from confere.vault import register, transcripts
from confere.vault.destruction import require_kept

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

KEPT_EVERY_MS: Final = 30_000
SHORTEST_MS: Final = 200  # what is shorter and touches nothing is a slip of the hand


def monotonic_ms() -> int:
    """Real time that no setting of the clock turns back."""
    return time.monotonic_ns() // 1_000_000


class Playback:
    """One person's sitting at the player. Close it: only then is everything kept.

    `sent` may be called from a thread that makes the sound; all else belongs to the catalog's.
    """

    def __init__(self, desk: Desk, now_ms: Callable[[], int] = monotonic_ms) -> None:
        """Begin; raises NotAllowed for who may not play."""
        desk.require("play", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
        self._desk = desk
        self._now_ms = now_ms
        self._ledger = Ledger()
        self._asking = threading.Lock()  # the ledger
        #: Grows whenever something more is believed to have been played.
        self.changes = 0
        self._recordings: dict[str, Recording] = {}
        self._pending: dict[str, Coverage] = {}
        self._pending_since_ms = 0

    def serve(self, given: str, start_ms: int, end_ms: int) -> Iterator[Samples]:
        """Yield the samples of a span (mono, `SAMPLE_RATE`), each piece counted as it is handed out.

        Raises NoSuchThing, Destroyed, NotReady, BadValue for a span that is none, NotAudio.
        """
        recording = self._recording(given)
        end_ms = min(end_ms, recording.duration_ms)
        if not 0 <= start_ms < end_ms:
            raise BadValue("there is nothing of the recording between these times")
        return self._pieces(recording, start_ms, end_ms)

    def sent(self, recording_id: str, start_ms: int, end_ms: int) -> None:
        """Take note that a span was sent to the person. Looks nothing up: whoever sends has the sound."""
        with self._asking:
            self._ledger.served(recording_id, start_ms, end_ms, self._now_ms())

    def report(self, given: str, start_ms: int, end_ms: int, rate: float = 1.0) -> Coverage:
        """Take what the person's player says it played; return what is newly believed of it.

        Raises BadValue for nonsense, NoSuchThing, Destroyed.
        """
        recording, now_ms = self._recording(given), self._now_ms()
        with self._asking:
            new = self._ledger.reported(recording.id, start_ms, end_ms, now_ms, rate)
        if new.spans:
            self.changes += 1
            if not self._pending:
                self._pending_since_ms = now_ms
            before = self._pending.get(recording.id, Coverage())
            self._pending[recording.id] = Coverage.of((*before.spans, *new.spans))
        if self._pending and now_ms - self._pending_since_ms >= KEPT_EVERY_MS:
            self.keep()
        return new

    def accepted(self, recording_id: str) -> Coverage:
        """Return all that was believed of a recording in this sitting, written already or not."""
        with self._asking:
            return self._ledger.accepted(recording_id)

    def keep(self) -> None:
        """Write what was played and is not written yet: whoever is about to decide calls this."""
        for recording_id, coverage in list(self._pending.items()):
            # Of a recording that was destroyed meanwhile nothing is kept, of the others everything.
            with contextlib.suppress(Destroyed):
                for span in coverage.spans:
                    if span[1] - span[0] >= SHORTEST_MS:
                        keep_played(self._desk, self._recordings[recording_id], span)
            del self._pending[recording_id]

    def close(self) -> None:
        """End the sitting."""
        self.keep()

    def __enter__(self) -> Playback:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _recording(self, given: str) -> Recording:
        """Return a recording that has a transcript: read once a sitting, found to be kept each time."""
        recording_id = register.find_recording(self._desk.catalog, given)
        if recording_id not in self._recordings:
            recording = register.get_recording(self._desk.catalog, recording_id)
            transcripts.require_draft(self._desk.catalog, recording_id)
            self._recordings[recording_id] = recording
        require_kept(self._desk.catalog, recording_id)
        return self._recordings[recording_id]

    def _pieces(self, recording: Recording, start_ms: int, end_ms: int) -> Iterator[Samples]:
        sent = 0
        with self._desk.vault.open_audio(recording.id) as audio:
            for piece in decode_span(audio, start_ms, end_ms):
                begun_ms, sent = start_ms + sent * 1000 // SAMPLE_RATE, sent + len(piece)
                until_ms = min(end_ms, start_ms + sent * 1000 // SAMPLE_RATE)
                if until_ms > begun_ms:
                    self.sent(recording.id, begun_ms, until_ms)
                yield piece
