"""One byte of a vault changed, at any place of any file: an audit finds it, and names the file.

About 150 places in a run of the tests, at least ten in every kind of file; as a script as many as asked
for::

    python tests/faults/test_one_byte.py 2000
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.audit import Order, audit, audit_in_public
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import add_person, remove_person
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import play, verify
from confere.cli.player import SilentPlayer
from confere.domain import Role
from confere.errors import ConfereError
from confere.intake.outcome import Silent
from confere.vault import Machine, Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, Study, make_study

PLACES = 150
PLACES_A_KIND = 10
SEED = 20261122

#: Each kind of file, and what its path looks like.
KINDS = {
    "settings": r"confere\.toml",
    "roster": r"roster/\d+\.note",
    "own secrets": r"people/lena\.age",
    "others' secrets": r"people/(?!lena).*\.age",
    "study key": r"keys/study-\d+\.age",
    "period": r"keys/resealed",
    "recording key": r"recordings/.*/key\.age",
    "audio": r"recordings/.*/audio\.age",
    "signed transcript": r"recordings/.*/signed-1\.age",
    "note": r"intake/.*\.age",
    "machine": r"machines/.*\.json",
    "catalog": r"catalog\.db",
    "leaves": r"log/leaves",
    "checkpoint": r"log/checkpoint",
}


class _At:
    """Sit down as somebody, and get up afterwards."""

    def __init__(self, study: Study, name: str = "lena") -> None:
        self._study, self._name = study, name

    def __enter__(self) -> Desk:
        self._desk = self._study.desk(self._name)
        return self._desk

    def __exit__(self, *_: object) -> None:
        self._desk.vault.close()


def full_vault(folder: Path) -> Study:
    """A vault with everything in it that a vault can hold.

    A signed recording and a destroyed one; a person who was removed, so a second key period; a note
    that waits, and one of a machine that no lead has certified.
    """
    study = make_study(folder / "vault")
    signed, gone = (_recorded(study, folder / "card", pitch) for pitch in (300, 400))
    for recording in (signed, gone):
        _drafted(study, recording)
    _signed(study, signed)
    with _At(study) as desk:
        add_person(desk, "gil", frozenset({Role.INTERPRETER}), PASSPHRASE)
    with _At(study) as desk:
        destroy(desk, gone, "the participant withdrew")
        assert remove_person(desk, "gil")
    _offloaded(study, folder / "card", 500, MACHINE)
    _offloaded(study, folder / "card", 600, Machine(b"\x08" * 32))
    return study


def _offloaded(study: Study, card: Path, pitch_hz: float, machine: Machine) -> None:
    write_tone(card / "a.wav", seconds=6, pitch_hz=pitch_hz)
    dock = Dock(Vault(study.root), machine, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)


def _recorded(study: Study, card: Path, pitch_hz: float) -> str:
    _offloaded(study, card, pitch_hz, MACHINE)
    with _At(study) as desk:
        return take_in(desk)[0].id


def _drafted(study: Study, recording: str) -> None:
    with _At(study) as desk:
        draft(desk, recording, FakeSpeechEngine(), FakeTranslationEngine())


def _signed(study: Study, recording: str) -> None:
    with _At(study, "ivo") as desk:
        correct(desk, recording, "1", Correction(target="Good day."))
        correct(desk, recording, "2", Correction())
    with _At(study, "vera") as desk:
        for number in ("1", "2"):
            assert play(desk, recording, number, SilentPlayer())
            verify(desk, recording, number)
        sign(desk, recording, PASSPHRASE)


def files_by_kind(root: Path) -> dict[str, list[str]]:
    """Return the vault's files that hold anything, by their kind; every file has one."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and path.stat().st_size:
            (kind,) = [k for k, pattern in KINDS.items() if re.fullmatch(pattern, name)]
            found[kind].append(name)
    return found


def places(root: Path, count: int) -> Iterator[tuple[str, int, int]]:
    """Choose a file, a place in it and how its byte changes; each kind of file in turn, then at random."""
    dice = random.Random(SEED)
    kinds = files_by_kind(root)
    for number in range(count):
        in_turn = number < PLACES_A_KIND * len(kinds)
        kind = list(kinds)[number % len(kinds)] if in_turn else dice.choice(list(kinds))
        file = dice.choice(kinds[kind])
        yield file, dice.randrange((root / file).stat().st_size), dice.randrange(1, 256)


def told(study: Study) -> tuple[bool, str]:
    """Audit a vault: whether it is whole, and everything that is said of it."""
    try:
        audited = audit(study.root, None, "lena", PASSPHRASE, Order(), study.clock)
    except ConfereError as error:
        return False, error.message
    return audited.whole, "\n".join(f"{f.about}: {f.text}" for f in audited.report.findings)


def missed(study: Study, count: int, spare: Path) -> list[str]:
    """Change one byte at so many places, one after the other; return where it was not found or named."""
    wrong = []
    shutil.copytree(study.root, spare)
    for file, place, change in places(spare, count):
        shutil.rmtree(study.root)
        shutil.copytree(spare, study.root)
        path = study.root / file
        content = bytearray(path.read_bytes())
        content[place] ^= change
        path.write_bytes(content)
        whole, text = told(study)
        if whole or file not in text:
            wrong.append(f"{file}, byte {place} ^ {change}: {'whole' if whole else text}")
    return wrong


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The vault that is only copied."""
    return full_vault(tmp_path_factory.mktemp("one-byte"))


@pytest.fixture
def full(original: Study, tmp_path: Path) -> Study:
    """A copy of it."""
    shutil.copytree(original.root, tmp_path / "vault")
    return Study(tmp_path / "vault", original.recovery_key, SteppingClock())


def test_every_kind_of_file_is_there(full: Study) -> None:
    """Or a kind would go untested."""
    assert all(files_by_kind(full.root).values())


def test_the_vault_is_whole_before(full: Study) -> None:
    """Nothing is wrong with the vault that is going to be spoilt, and what waits is told."""
    whole, text = told(full)
    assert whole, text
    assert "waits until a lead certifies it" in text
    assert audit_in_public(full.root, None, Order()).whole


def test_one_changed_byte_is_found_and_its_file_named(full: Study, tmp_path: Path) -> None:
    """Wherever it is."""
    assert missed(full, PLACES, tmp_path / "spare") == []


def main(count: int) -> int:
    """Change so many bytes, and say how many were found."""
    with tempfile.TemporaryDirectory() as folder:
        study = full_vault(Path(folder) / "made")
        print("whole before:", told(study))
        wrong = missed(study, count, Path(folder) / "spare")
        kinds = Counter(file.partition("/")[0] for file, *_ in places(study.root, count))
    print(*wrong, sep="\n")
    print(f"{count - len(wrong)} of {count} found and named; by folder: {dict(kinds)}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PLACES))
