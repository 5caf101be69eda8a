"""Sound goes through a pipe to a program, and coverage only counts what was played to its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from confere.cli.player import COMMANDS, PipePlayer, SilentPlayer, find_player
from confere.errors import EnvironmentProblem, ProgramMissing, Refused


def sound(blocks: int = 3) -> Iterator[npt.NDArray[np.float32]]:
    """Yield some blocks of a rising line."""
    for _ in range(blocks):
        yield np.linspace(-1.2, 1.2, 1000, dtype=np.float32)


def python(script: str) -> PipePlayer:
    """Return a player that is a Python script."""
    return PipePlayer((sys.executable, "-c", script))


def test_a_program_gets_a_wav_stream(tmp_path: Path) -> None:
    """Header, 16-bit mono samples at the rate told, loud ones cut off and not wrapped round."""
    target = tmp_path / "heard"
    script = f"import sys; open({str(target)!r}, 'wb').write(sys.stdin.buffer.read())"
    assert python(script).play(sound(), 16_000)
    content = target.read_bytes()
    assert (content[:4], content[8:16], content[36:40]) == (b"RIFF", b"WAVEfmt ", b"data")
    assert int.from_bytes(content[24:28], "little") == 16_000
    samples = np.frombuffer(content[44:], "<i2")
    assert len(samples) == 3000
    assert (samples[:1000].min(), samples[:1000].max()) == (-32767, 32767)
    assert np.all(np.diff(samples[:1000].astype(int)) >= 0)


def test_a_failing_program_is_told() -> None:
    """A player without a sound device has not played anything."""
    with pytest.raises(EnvironmentProblem, match="exit code 3"):
        python("import sys; sys.stdin.buffer.read(); sys.exit(3)").play(sound(), 16_000)


def test_a_player_closed_half_way_has_not_played() -> None:
    """Whoever closes the window early has not played the segment."""
    assert not python("import sys; sys.stdin.buffer.read(10)").play(sound(400), 16_000)


def test_silence_is_for_practice_only() -> None:
    """In a study, playing to nobody is no playing."""
    assert isinstance(find_player("silent", practice=True), SilentPlayer)
    with pytest.raises(Refused):
        find_player("silent", practice=False)


def test_a_missing_player_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a list of what would do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for setting in ("auto", *COMMANDS):
        with pytest.raises(ProgramMissing):
            find_player(setting, practice=False)
