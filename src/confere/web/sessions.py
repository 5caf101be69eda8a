"""Who is signed in: a cookie, a token and a keeper each; locked when nothing was done for a while.

The same person in two browsers has two sessions with a keeper each. What was played, and what is open for
changing, belongs to one sitting; and locking one of them must end keys without asking whether the other
still needs them.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confere.web.attempts import Attempts
from confere.web.errors import Refusal
from confere.web.keeper import Keeper

#: One more of the same person locks the one in which nothing was done for longest.
SESSIONS_EACH = 3
#: Each trial of a passphrase costs 256 MiB and a second of a processor.
AT_ONCE = 2
_IN_LINE = 20
#: How often it is looked whether somebody did nothing for too long.
LOOK_S = 5.0


def clock_s() -> float:
    """Seconds that go on while the machine sleeps, so that a lid closed overnight locks."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.clock_gettime(time.CLOCK_MONOTONIC)  # on macOS it counts sleep


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(eq=False)
class Session:
    """One sign-in of one person in one browser."""

    keeper: Keeper
    last_act_s: float
    cookie: str = field(default_factory=_random, repr=False)
    token: str = field(default_factory=_random, repr=False)
    _tickets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def me(self) -> dict[str, Any]:
        """``name``, ``roles``, ``study``, ``practice`` and ``lock_minutes``."""
        return self.keeper.me

    async def ask(self, name: str, /, **given: Any) -> Any:
        """Ask the keeper; raises Refusal."""
        return await self.keeper.ask(name, **given)

    async def sound(self, recording_id: str, first_byte: int, last_byte: int) -> bytes:
        """Return bytes of a working sound; the last one is included. Raises Refusal."""
        return await self.keeper.sound(recording_id, first_byte, last_byte)

    def has_token(self, given: str) -> bool:
        """Whether a request came with this session's token."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def ticket(self, recording_id: str) -> str:
        """Return the ticket of a recording, the same for as long as the session lasts."""
        return self._tickets.setdefault(recording_id, _random())

    def recording_of(self, ticket: str) -> str | None:
        """Return which recording a ticket opens."""
        return next((id_ for id_, t in self._tickets.items() if t == ticket), None)


Start = Callable[[Path, str, str], Awaitable[Keeper]]


class Sessions:
    """All sessions of a front."""

    def __init__(
        self,
        vault_root: Path,
        lock_after_s: float,
        clock: Callable[[], float] = clock_s,
        start: Start = Keeper.start,
    ) -> None:
        self._vault_root = vault_root
        self.lock_after_s = lock_after_s
        self._clock = clock
        self._start = start
        self._attempts = Attempts(clock)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._in_line = 0
        self._sessions: dict[str, Session] = {}

    async def sign_in(self, name: str, passphrase: str, address: str) -> Session:
        """Unlock the vault for somebody in a new keeper; raises Refusal."""
        if self._in_line >= _IN_LINE:
            raise Refusal("Wait", 429, "too many sign in at once", "Try again.", {"wait_s": 5})
        self._attempts.begin(name, address)
        self._in_line += 1
        try:
            async with self._turn:
                keeper = await self._start(self._vault_root, name, passphrase)
        except Refusal as refusal:
            raise self._as_wrong(refusal, name, address) from None
        finally:
            self._in_line -= 1
        self._attempts.right(name, address)
        session = Session(keeper, self._clock())
        self._sessions[session.cookie] = session
        keeper.when_ended = lambda: self._forget(session)
        await self._lock_surplus(name)
        return session

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, unless it is locked or should be by now."""
        session = self._sessions.get(cookie)
        if session is None or self._is_idle(session) or not session.keeper.is_running:
            return None
        return session

    def did_something(self, session: Session) -> None:
        """The person does something: the time until the lock begins anew."""
        session.last_act_s = self._clock()

    def left_s(self, session: Session) -> float:
        """Return in how many seconds the session is locked, if nothing is done."""
        return session.last_act_s + self.lock_after_s - self._clock()

    async def lock(self, session: Session) -> None:
        """Lock a session: when this returns its keeper has ended."""
        self._forget(session)
        await session.keeper.end()

    async def lock_all_of(self, name: str) -> None:
        """Lock everything that somebody has open: they were taken out of the study."""
        theirs = [s for s in self._sessions.values() if s.me["name"] == name]
        await asyncio.gather(*(self.lock(session) for session in theirs))

    async def lock_idle(self) -> None:
        """Lock those in which nothing was done for too long."""
        idle = [session for session in self._sessions.values() if self._is_idle(session)]
        await asyncio.gather(*(self.lock(session) for session in idle))

    async def watch(self) -> None:
        """Lock what is idle, again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.lock_idle()

    async def lock_all(self) -> None:
        """Lock everybody: the front ends."""
        await asyncio.gather(*(self.lock(session) for session in list(self._sessions.values())))

    def _is_idle(self, session: Session) -> bool:
        return self.left_s(session) <= 0

    def _forget(self, session: Session) -> None:
        self._sessions.pop(session.cookie, None)

    async def _lock_surplus(self, name: str) -> None:
        theirs = [s for s in self._sessions.values() if s.me["name"] == name]
        theirs.sort(key=lambda session: session.last_act_s)
        for session in theirs[:-SESSIONS_EACH]:
            await self.lock(session)

    def _as_wrong(self, refusal: Refusal, name: str, address: str) -> Refusal:
        """A name that nobody bears is answered like a wrong passphrase; the rest is no attempt."""
        if refusal.code not in ("WrongPassphrase", "NoSuchThing"):
            self._attempts.take_back(name, address)
            return refusal
        return Refusal(
            "WrongPassphrase",
            403,
            "name and passphrase do not fit together",
            "Check the keyboard layout and the name, and try again.",
        )
