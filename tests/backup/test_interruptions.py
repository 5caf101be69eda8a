"""A run that breaks off, and two runs at once, at every operation of a store in its turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from confere.backup.bringing_back import bring_back
from confere.backup.checking import check
from confere.backup.copying import back_up
from confere.backup.folder import FolderStore
from confere.backup.port import CopyStore
from confere.backup.state import read_manifest
from confere.errors import CopyPlaceProblem, CopyUnderway
from doubles.faults import Trip
from doubles.object_server import object_store
from doubles.small_vault import FILES, LATER, STUDY, TIME, TrippedStore, backed_up, sources

#: Fewer files, where each operation takes a request.
FEW = {name: FILES[name] for name in FILES if name.startswith(("conf", "cat", "recordings/one"))}
FEW_LATER = {
    name: LATER[name] for name in LATER if name.startswith(("conf", "cat", "recordings/three"))
}


def power_cut() -> CopyPlaceProblem:
    """What breaks a run off."""
    return CopyPlaceProblem("the place", "the line went dead", "")


def given_back(store: CopyStore, folder: Path) -> Mapping[str, bytes]:
    """Return what a backup gives back."""
    bring_back(store, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def steps_of(run: Callable[[Trip], object]) -> list[str]:
    """Return the operations of a run that goes well."""
    trip = Trip()
    run(trip)
    return trip.steps


def test_a_first_run_that_breaks_off_anywhere_is_taken_up(tmp_path: Path) -> None:
    """Until it is finished there is no backup, and it never says there is; then there is a whole one."""
    steps = steps_of(lambda trip: backed_up(FILES, TrippedStore(FolderStore(tmp_path / "x"), trip)))
    assert len(steps) > 3 * len(FILES)
    for at in range(len(steps)):
        store = FolderStore(tmp_path / f"copy{at}")
        with pytest.raises(CopyPlaceProblem):
            backed_up(FILES, TrippedStore(store, Trip(at, power_cut)))
        manifest = read_manifest(store)
        assert manifest is None or not manifest.finished or check(store) == []
        backed_up(FILES, store)
        assert check(store) == []
        assert given_back(store, tmp_path / f"back{at}") == FILES


def test_a_later_run_that_breaks_off_anywhere_leaves_a_whole_backup(tmp_path: Path) -> None:
    """It is the older or the newer, never a mixture; the next run finishes, and removes what is over."""
    first = FolderStore(tmp_path / "x")
    backed_up(FILES, first)
    steps = steps_of(lambda trip: backed_up(LATER, TrippedStore(first, trip)))
    told = steps.index("was swapped backup.json")
    assert any(step.startswith("remove ") for step in steps[told:])
    assert not any(step.startswith("remove ") for step in steps[:told])
    for at in range(len(steps)):
        store = FolderStore(tmp_path / f"copy{at}")
        backed_up(FILES, store)
        with pytest.raises(CopyPlaceProblem):
            backed_up(LATER, TrippedStore(store, Trip(at, power_cut)))
        assert given_back(store, tmp_path / f"half{at}") == (FILES if at < told else LATER)
        backed_up(LATER, store)
        assert check(store) == []
        assert given_back(store, tmp_path / f"back{at}") == LATER


def test_what_was_sent_before_a_run_broke_off_is_not_sent_again(tmp_path: Path) -> None:
    """The second run reads what is there, finds it whole, and puts only the rest."""
    steps = steps_of(lambda trip: backed_up(FILES, TrippedStore(FolderStore(tmp_path / "x"), trip)))
    puts = [step for step in steps if step.startswith("put ")]
    for done, put in enumerate(puts):
        store = FolderStore(tmp_path / f"copy{done}")
        with pytest.raises(CopyPlaceProblem):
            backed_up(FILES, TrippedStore(store, Trip(steps.index(put), power_cut)))
        again = Trip()
        backed_up(FILES, TrippedStore(store, again))
        assert [step for step in again.steps if step.startswith("put ")] == puts[done:]


def test_a_broken_run_s_rotten_file_is_put_again(tmp_path: Path) -> None:
    """What no manifest vouches for is read before it is believed."""
    store = FolderStore(tmp_path / "copy")
    steps = steps_of(lambda trip: backed_up(FILES, TrippedStore(FolderStore(tmp_path / "x"), trip)))
    last = len(steps) - 1 - steps[::-1].index("swap backup.json")
    with pytest.raises(CopyPlaceProblem):
        backed_up(FILES, TrippedStore(store, Trip(last, power_cut)))
    sound = tmp_path / "copy/vault/recordings/one/audio.age"
    sound.write_bytes(b"X" * len(FILES["recordings/one/audio.age"]))
    assert "recordings/one/audio.age" in backed_up(FILES, store).copied
    assert check(store) == []


def test_an_object_store_is_left_whole_by_a_run_that_breaks_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same over the S3 protocol: of a later run before or after each write, by turns."""
    store = object_store(monkeypatch, "x")
    backed_up(FEW, store)
    steps = steps_of(lambda trip: backed_up(FEW_LATER, TrippedStore(store, trip)))
    told = steps.index("was swapped backup.json")
    writes = [
        at
        for at, step in enumerate(steps)
        if step.startswith(("put ", "was put ", "swap ", "was swapped ", "remove ", "was removed "))
    ]
    assert len(writes) == 3 * 2 + 2 + 3 * 2
    by_turns = [at for number, at in enumerate(writes) if number % 4 in (0, 3)]
    for at in sorted({*by_turns, told - 1, told}):
        store = object_store(monkeypatch, f"run-{at}")
        backed_up(FEW, store)
        with pytest.raises(CopyPlaceProblem):
            backed_up(FEW_LATER, TrippedStore(store, Trip(at, power_cut)))
        assert given_back(store, tmp_path / f"half{at}") == (FEW if at < told else FEW_LATER)
        backed_up(FEW_LATER, store)
        assert check(store) == []
        store.close()


@dataclass
class Meeting(Trip):
    """Does something else, instead of failing, at one operation."""

    meet: Callable[[], object] = object

    def step(self, name: str) -> None:
        """Count an operation; let the other one come in when its turn has come."""
        self.steps.append(name)
        if len(self.steps) - 1 == self.at:
            self.meet()


def test_two_runs_to_an_object_store_at_once_break_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A whole run comes in before each operation of another, which is refused if it had begun.

    What stands is always the whole backup of one of the two, and the next run leaves nothing over.
    """
    store = object_store(monkeypatch, "x")
    backed_up(FEW, store)
    steps = steps_of(lambda trip: backed_up(FEW_LATER, TrippedStore(store, trip)))
    evening = {**FEW_LATER, "catalog.db": b"catalog, evening"}
    looks = [at for at, step in enumerate(steps) if step == "open backup.json"]
    assert looks[-1] > steps.index("swap backup.json")  # it looks again before each removal
    for at in range(len(steps)):
        store = object_store(monkeypatch, f"run-{at}")
        backed_up(FEW, store)

        def other(store: CopyStore = store) -> None:
            back_up(sources(evening), store, study=STUDY, made_at="2026-11-22T19:00:00.000Z")

        meeting = Meeting(at, meet=other)
        if looks[0] < at <= looks[-1]:
            with pytest.raises(CopyUnderway):
                backed_up(FEW_LATER, TrippedStore(store, meeting))
        else:
            backed_up(FEW_LATER, TrippedStore(store, meeting))
        manifest = read_manifest(store)
        assert manifest is not None
        stands = FEW_LATER if manifest.made_at == TIME else evening
        assert given_back(store, tmp_path / f"half{at}") == stands
        backed_up(FEW_LATER, store)
        assert check(store) == []
        store.close()
