"""Very many signatures: another process verifies them beside the other checks, when that takes seconds."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from confere.crypto.signing import bad_signatures

#: A public key, what was signed, the signature.
Signed = tuple[str, bytes, bytes]
_STEP = 500  # signatures that are handed over together: less than 0.1 s
_FEW = 5_000  # below, another process is not worth its start
_OTHER = "from confere.crypto.signing import serve_bad_signatures; serve_bad_signatures()"


class Signatures:
    """Signatures that are being verified: from the front by another process, from the back in `bad`."""

    def __init__(self, signed: Sequence[Signed]) -> None:
        self._steps = [signed[at : at + _STEP] for at in range(0, len(signed), _STEP)]
        self._left = list(range(len(self._steps)))
        self._found: dict[int, list[int]] = {}
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None

    def bad(self, progress: Callable[[int, int], None]) -> set[int]:
        """Verify what is left; return the places of those that do not hold.

        ``progress`` is told how many hundreds are done, and of all. Whatever the other process was
        asked and has not answered, because it ended, is done here, too.
        """
        while (number := self._take(-1)) is not None:
            progress(len(self._steps) - len(self._left), len(self._steps))
            self._found[number] = bad_signatures(self._steps[number])
        if self._asking is not None:
            self._asking.join()  # the last step that the other process was asked
        return {
            number * _STEP + place
            for number, step in enumerate(self._steps)
            for place in (self._found[number] if number in self._found else bad_signatures(step))
        }

    def begin(self, other: subprocess.Popen[str]) -> None:
        """Have another process verify from the front, until nothing is left or it ends."""
        self._asking = threading.Thread(target=self._ask, args=(other,), daemon=True)
        self._asking.start()

    def _ask(self, other: subprocess.Popen[str]) -> None:
        assert other.stdin and other.stdout
        with contextlib.suppress(OSError, ValueError):  # it was ended
            while (number := self._take(0)) is not None:
                asked = [(key, m.hex(), s.hex()) for key, m, s in self._steps[number]]
                other.stdin.write(json.dumps(asked) + "\n")
                other.stdin.flush()
                self._found[number] = json.loads(other.stdout.readline())

    def _take(self, end: int) -> int | None:
        with self._lock:
            return self._left.pop(end) if self._left else None


@contextlib.contextmanager
def verifying(signed: Sequence[Signed]) -> Iterator[Signatures]:
    """Verify signatures while other things are done; `Signatures.bad` waits for all of them.

    The other process begins anew, so that it holds none of the keys that this one does.
    """
    signatures = Signatures(signed)
    if len(signed) < _FEW:
        yield signatures
        return
    with subprocess.Popen(  # noqa: S603 - this very Python, and nothing from outside
        [sys.executable, "-I", "-c", _OTHER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as other:
        signatures.begin(other)
        try:
            yield signatures
        finally:
            other.kill()
