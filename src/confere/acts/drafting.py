"""How far the machine is with a draft: kept while it drafts, told to who waits, with an estimate."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from confere.acts.desk import Desk
from confere.errors import NotReady
from confere.vault import drafting as kept
from confere.vault.drafting import Drafting, Speed

#: Who says nothing for so long has stopped: a window is told when it is done, and of a large model on an
#: old machine four minutes may take a quarter of an hour.
QUIET_FOR = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Drafted:
    """How a recording's draft stands: ``stage`` is ``waiting``, ``drafting``, or ``stopped`` before its end.

    ``done_ms`` of ``of_ms`` of the recording are done, ``of_ms`` is 0 where that is not known.
    ``left_ms`` is how long it may still take, None where nothing tells; of what waits, how long it may
    take once it begins. ``by`` and ``seen_at`` are empty for what waits.
    """

    stage: str
    by: str = ""
    seen_at: str = ""
    done_ms: int = 0
    of_ms: int = 0
    left_ms: int | None = None


class Teller:
    """Keeps how far one draft is, where everybody who reads the vault sees it."""

    def __init__(self, desk: Desk, recording_id: str, of_ms: int) -> None:
        """Begin to draft what nobody else drafts; raises NotReady. ``of_ms`` is what its header says."""
        self._desk, self._recording_id = desk, recording_id
        self._before_ms, self._of_ms = 0, of_ms
        self._done_ms, self._took_ms = 0, 0
        with desk.catalog.transaction():
            there = kept.list_drafting(desk.catalog).get(recording_id)
            if there is not None and not _has_stopped(there, platform.node(), desk.clock()):
                raise NotReady(
                    f"recording {recording_id} is being drafted on {there.machine}, by {there.by}",
                    "'confere queue' tells how far it is.",
                )
            self._tell()

    def goes_on(self, done_ms: int) -> None:
        """So much was done before, by windows that are kept."""
        self._before_ms = self._done_ms = done_ms
        self._tell()

    def told(self, done_ms: int, took_ms: int) -> None:
        """One more window is done; inside the transaction that keeps it."""
        self._done_ms, self._took_ms = done_ms, self._took_ms + took_ms
        self._tell()

    def keep(self, model: str) -> None:
        """Keep how fast it was, and forget how far; inside the transaction that keeps the draft."""
        fresh_ms = self._done_ms - self._before_ms
        if fresh_ms > 0:
            speed = Speed(fresh_ms, self._took_ms)
            kept.add_speed(self._desk.catalog, platform.node(), model, speed)
        self.end()

    def end(self) -> None:
        """Nothing more is drafted of it."""
        kept.remove_drafting(self._desk.catalog, self._recording_id, platform.node(), os.getpid())

    def _tell(self) -> None:
        kept.put_drafting(
            self._desk.catalog,
            Drafting(
                self._recording_id,
                self._desk.person.name,
                platform.node(),
                os.getpid(),
                self._desk.now(),
                self._done_ms,
                max(self._of_ms, self._done_ms) if self._of_ms else 0,
                self._done_ms - self._before_ms,
                self._took_ms,
            ),
        )


def drafts_under_way(desk: Desk) -> Callable[[str, int], Drafted]:
    """Return what tells of a recording without a draft, and of its length in ms, how its draft stands."""
    now, here = desk.clock(), platform.node()
    under_way = kept.list_drafting(desk.catalog)
    machines = {here, *(each.machine for each in under_way.values())}
    speeds = {machine: kept.speed_of(desk.catalog, machine) for machine in machines}

    def stands(recording_id: str, duration_ms: int) -> Drafted:
        it = under_way.get(recording_id)
        if it is None:
            speed = speeds[here]
            takes_ms = speed.of(duration_ms) if speed is not None and duration_ms else None
            return Drafted("waiting", left_ms=takes_ms)
        if _has_stopped(it, here, now):
            return Drafted("stopped", it.by, it.seen_at, it.done_ms, it.of_ms)
        left_ms = _left(it, speeds[it.machine], duration_ms, now)
        return Drafted("drafting", it.by, it.seen_at, it.done_ms, it.of_ms, left_ms)

    return stands


def expect(desk: Desk, model: str, audio_s_per_s: float) -> None:
    """Estimate by what was measured, where nothing was drafted yet on this machine with a model."""
    here = platform.node()
    if audio_s_per_s > 0 and not kept.has_speed(desk.catalog, here, model):
        with desk.catalog.transaction():
            speed = Speed(_MEASURED_MS, max(1, round(_MEASURED_MS / audio_s_per_s)))
            kept.add_speed(desk.catalog, here, model, speed)


def is_under_way(desk: Desk, recording_id: str) -> bool:
    """Whether somebody drafts a recording just now, here or elsewhere."""
    it = kept.list_drafting(desk.catalog).get(recording_id)
    return it is not None and not _has_stopped(it, platform.node(), desk.clock())


_MS = timedelta(milliseconds=1)
#: What was measured weighs as much as this: the first draft of an hour outweighs it.
_MEASURED_MS = 60_000


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


def _left(it: Drafting, speed: Speed | None, duration_ms: int, now: datetime) -> int | None:
    """Go on as fast as it has gone so far, or as the last drafts went where it has just begun."""
    if it.fresh_ms:
        speed = Speed(it.fresh_ms, it.took_ms)
    audio_ms = it.of_ms or duration_ms
    if speed is None or not audio_ms:
        return None
    since_ms = (now - datetime.fromisoformat(it.seen_at)) / _MS
    return max(0, speed.of(max(0, audio_ms - it.done_ms)) - round(since_ms))
