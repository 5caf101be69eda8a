"""How far the machine is with a draft: kept while it drafts, told to who waits, with an estimate."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from confere.acts.desk import Desk, iso
from confere.errors import ConfereError
from confere.vault import drafting as kept
from confere.vault.drafting import Drafting, Speed, Stage

#: It is written no more often than this.
TELL_EVERY = timedelta(seconds=3)
#: Who says nothing for so long has stopped. Eight clips of half a minute are heard at once; of a large
#: model on an old machine that is a quarter of an hour.
QUIET_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Drafted:
    """How a recording's draft stands: ``stage``, or ``waiting``, or ``stopped`` before its end.

    ``done_ms`` of ``of_ms`` of the recording are done in this stage, ``of_ms`` is 0 where that is not
    known. ``left_ms`` is how long both stages may still take, None where nothing tells; of what waits,
    how long it may take once it begins. ``by`` and ``seen_at`` are empty for what waits.
    """

    stage: str
    by: str = ""
    seen_at: str = ""
    done_ms: int = 0
    of_ms: int = 0
    left_ms: int | None = None


class Teller:
    """Keeps how far one draft is, where everybody who reads the vault sees it."""

    def __init__(self, desk: Desk, recording_id: str) -> None:
        self._desk = desk
        self._recording_id = recording_id
        self._stage: Stage = "transcribing"
        self._begun = self._told = desk.clock()
        self._took: dict[Stage, timedelta] = {}
        self._tell(self._begun, 0, 0)

    def told(self, done_ms: int, of_ms: int) -> None:
        """So much of the recording is done in this stage."""
        now = self._desk.clock()
        if now - self._told >= TELL_EVERY:
            self._tell(now, done_ms, of_ms)

    def translating(self, of_ms: int) -> None:
        """Everything is transcribed."""
        now = self._end_stage()
        self._stage, self._begun = "translating", now
        self._tell(now, 0, of_ms)

    def keep(self, audio_ms: int) -> None:
        """Keep how fast it was, and forget how far; inside the transaction that keeps the draft."""
        self._end_stage()
        took = [round(self._took[stage] / _MS) for stage in ("transcribing", "translating")]
        kept.add_speed(self._desk.catalog, platform.node(), Speed(audio_ms, *took))
        kept.remove_drafting(self._desk.catalog, self._recording_id)

    def _end_stage(self) -> datetime:
        now = self._desk.clock()
        self._took[self._stage] = max(now - self._begun, timedelta())
        return now

    def _tell(self, now: datetime, done_ms: int, of_ms: int) -> None:
        self._told = now
        drafting = Drafting(
            self._recording_id,
            self._desk.person.name,
            platform.node(),
            os.getpid(),
            self._stage,
            iso(self._begun),
            iso(now),
            done_ms,
            of_ms,
        )
        kept.put_drafting(self._desk.catalog, drafting)


@contextlib.contextmanager
def telling(desk: Desk, recording_id: str) -> Iterator[Teller]:
    """Tell how far a draft is, as long as it is made."""
    try:
        yield Teller(desk, recording_id)
    except BaseException:
        with contextlib.suppress(ConfereError):  # what went wrong is what is to be heard of
            kept.remove_drafting(desk.catalog, recording_id)
        raise


def drafts_under_way(desk: Desk) -> Callable[[str, int], Drafted]:
    """Return what tells of a recording without a draft, and of its length in ms, how its draft stands."""
    now, here = desk.clock(), platform.node()
    under_way = kept.list_drafting(desk.catalog)
    machines = {here, *(each.machine for each in under_way.values())}
    speeds = {machine: kept.speed_of(desk.catalog, machine) for machine in machines}

    def stands(recording_id: str, duration_ms: int) -> Drafted:
        it = under_way.get(recording_id)
        if it is None:
            return Drafted("waiting", left_ms=_all(speeds[here], duration_ms))
        if _has_stopped(it, here, now):
            return Drafted("stopped", it.by, it.seen_at, it.done_ms, it.of_ms)
        left_ms = _left(it, speeds[it.machine], duration_ms, now)
        return Drafted(it.stage, it.by, it.seen_at, it.done_ms, it.of_ms, left_ms)

    return stands


_MS = timedelta(milliseconds=1)


def _has_stopped(it: Drafting, here: str, now: datetime) -> bool:
    quiet = now - datetime.fromisoformat(it.seen_at) > QUIET_FOR
    return quiet or (it.machine == here and not _is_running(it.process))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks, and sends nothing
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, so it is there
        pass
    return True


def _all(speed: Speed | None, audio_ms: int) -> int | None:
    if speed is None or not audio_ms:
        return None
    return audio_ms * (speed.transcribed_ms + speed.translated_ms) // speed.audio_ms


def _left(it: Drafting, speed: Speed | None, duration_ms: int, now: datetime) -> int | None:
    """Go on as fast as this stage has gone so far, or as the last drafts went where it has just begun."""
    begun, seen = (datetime.fromisoformat(at) for at in (it.begun_at, it.seen_at))
    audio_ms = it.of_ms or duration_ms
    if it.done_ms:
        whole_ms = (seen - begun) / _MS * audio_ms / it.done_ms
    elif speed is not None:
        took_ms = speed.transcribed_ms if it.stage == "transcribing" else speed.translated_ms
        whole_ms = audio_ms * took_ms / speed.audio_ms
    else:
        return None
    left_ms = max(whole_ms - (now - begun) / _MS, 0.0)
    if it.stage == "transcribing" and speed is not None:
        left_ms += audio_ms * speed.translated_ms / speed.audio_ms
    return round(left_ms)
