"""``confere draft``, killed in the middle: it goes on behind what is kept, and makes the same draft.

``benchmarks/drafting_kills.py`` kills at many instants; here it is where it matters most, once each.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from confere.acts import night
from confere.acts.draft import waiting
from confere.domain import Recording
from confere.wiring import bench
from doubles.draft_kills import bytes_of, in_the_clear, run_killed
from doubles.draft_place import Place, prepare, short_windows
from doubles.interpreted import need_espeak, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

SECONDS, WINDOW_MS = 40, 10_000


class Silent:
    """Listens to a night and says nothing."""

    def begun(self, recording: Recording) -> None:
        """Nothing."""

    def went(self, recording: Recording, done_ms: int, of_ms: int) -> None:
        """Nothing."""

    def ended(self, outcome: night.Outcome) -> None:
        """What went wrong is to be seen."""
        assert outcome.error is None, outcome.error


def unbroken(place: Place, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The draft as one process makes it that is not killed."""
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    bench.set_up(place.vault)
    desk = place.desk()
    with ThreadPoolExecutor(1) as hand:
        night.draft_all(desk, waiting(desk), [hand], bench.work, Silent())
    desk.vault.close()
    (draft,) = place.drafts()
    return bytes_of(draft)


def test_a_killed_draft_goes_on_and_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed as a whole after one window and in its main process after two: nothing is lost or left."""
    need_espeak()
    said = [each.text for each in write(tmp_path / "said.wav", 1, SECONDS / 60)]
    speech = short_windows(tmp_path / "models", WINDOW_MS)
    place = prepare(tmp_path / "place", [tmp_path / "said.wav"], speech)
    wanted = unbroken(place.copy(tmp_path / "unbroken"), monkeypatch)
    sound = (tmp_path / "said.wav").read_bytes()[44:]
    looking = place.desk()
    for windows, who in ((1, "all"), (2, "main"), (99, "")):
        killed, left = run_killed(
            place,
            who,
            lambda least=windows: place.kept(looking)[0] >= least,  # type: ignore[misc]
        )
        assert killed == bool(who)
        assert left == []
        assert in_the_clear(place, said, sound) == []
        kept, whole = place.kept(looking)
        assert kept >= windows or whole
    looking.vault.close()
    (draft,) = place.drafts()
    assert bytes_of(draft) == wanted
