"""Playing at the command line: the sound goes through a pipe to a player, never to a file."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from confere.errors import EnvironmentProblem, ProgramMissing, Refused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from confere.acts.verify import Player

    Samples = npt.NDArray[np.float32]

#: Players that read a WAV file from standard input and keep nothing, in the order they are tried.
COMMANDS: dict[str, tuple[str, ...]] = {
    "ffplay": ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet", "-i", "pipe:0"),
    "pw-cat": ("pw-cat", "--playback", "-"),
    "play": ("play", "-q", "-t", "wav", "-"),
    "aplay": ("aplay", "-q", "-"),
}
_UNKNOWN_LENGTH = 0xFFFFFFFF - 36  # as streamed WAV files say it


def find_player(setting: str, practice: bool) -> Player:
    """Return the player of the settings; raises ProgramMissing, or Refused for silence in a study."""
    if setting == "silent":
        if not practice:
            raise Refused("the silent player is for practice vaults only", "Choose another player.")
        return SilentPlayer()
    for name, line in COMMANDS.items():
        path = shutil.which(line[0]) if setting in ("auto", name) else None
        if path is not None:
            return PipePlayer((path, *line[1:]))
    raise ProgramMissing(
        "a program that plays sound" if setting == "auto" else f"the player '{setting}'",
        f"Install one of {', '.join(COMMANDS)}; or give a written reason with --unplayed.",
    )


class SilentPlayer:
    """Takes the sound and plays it to nobody: for demonstrations and tests."""

    def play(self, sound: Iterator[Samples], rate_hz: int) -> bool:
        """Decode it all, as playing would."""
        for _ in sound:
            pass
        return True


class PipePlayer:
    """Plays through a program; Ctrl-C stops it."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command

    def play(self, sound: Iterator[Samples], rate_hz: int) -> bool:
        """Play to the end; False when it was stopped. Raises EnvironmentProblem when it fails."""
        with subprocess.Popen(  # noqa: S603 - one of COMMANDS, found on the PATH
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None
            try:
                process.stdin.write(_wav_header(rate_hz))
                for samples in sound:
                    process.stdin.write(_pcm(samples))
                process.stdin.close()
                code = process.wait()
            except KeyboardInterrupt:
                process.kill()
                print(file=sys.stderr)
                return False
            except BrokenPipeError:
                with contextlib.suppress(BrokenPipeError):  # what it still held goes nowhere
                    process.stdin.close()
                code = process.wait()
                if code == 0:  # closed by the person before its end
                    return False
        if code != 0:
            raise EnvironmentProblem(
                f"the player '{self._command[0]}' failed (exit code {code})",
                "Check the loudspeaker, or set another player under [review].",
            )
        return True


def _wav_header(rate_hz: int) -> bytes:
    """16-bit mono PCM of unknown length."""
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", _UNKNOWN_LENGTH + 36, b"WAVE")
    return riff + fmt + struct.pack("<4sI", b"data", _UNKNOWN_LENGTH)


def _pcm(samples: Samples) -> bytes:
    import numpy as np

    return bytes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
