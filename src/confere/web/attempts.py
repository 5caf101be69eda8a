"""Wrong passphrases in a row make the next one wait."""

from __future__ import annotations

from collections.abc import Callable

from confere.web.errors import Refusal

ALLOWED = 10
WAIT_S = 60.0
#: Names that nobody bears can be tried too; of so many at most is remembered.
_REMEMBERED = 1000


class Attempts:
    """Who tried how often. Trying is slow already: each one costs scrypt, in a process of its own.

    Counted for a name *from an address*: somebody at another machine cannot keep a person out by
    trying in their name. On one machine all accounts share the address; there the wait is short.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}

    def begin(self, name: str, address: str) -> None:
        """Count an attempt before it is made, so that many at once count too; raises Refusal."""
        count, last_s = self._wrong.pop((name, address), (0, 0.0))
        now_s = self._clock()
        left_s = last_s + WAIT_S - now_s
        if count >= ALLOWED and left_s > 0:
            self._wrong[name, address] = (count, last_s)
            raise Refusal(
                "Wait",
                429,
                "too many wrong passphrases for this name",
                f"Wait {int(left_s) + 1} seconds, then try again.",
                {"wait_s": int(left_s) + 1},
            )
        while len(self._wrong) >= _REMEMBERED:
            del self._wrong[next(iter(self._wrong))]
        self._wrong[name, address] = (count + 1, now_s)

    def take_back(self, name: str, address: str) -> None:
        """It was not the passphrase that was wrong."""
        count, last_s = self._wrong.get((name, address), (0, 0.0))
        if count:
            self._wrong[name, address] = (count - 1, last_s)

    def right(self, name: str, address: str) -> None:
        """The passphrase was right: begin to count anew."""
        self._wrong.pop((name, address), None)
