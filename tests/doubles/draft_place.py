"""A practice vault with recordings that wait to be drafted, made afresh for every run of a command."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confere import wiring
from confere.acts.desk import Desk, sit_down
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import create_study
from confere.acts.take_in import take_in
from confere.domain import Draft
from confere.intake.outcome import Silent
from confere.models.manifest import Kind, read_manifest, write_manifest
from confere.models.store import BUNDLED
from confere.vault import Machine, Vault, register, transcripts, windows
from doubles.clock import FakeClock
from doubles.studies import SteppingClock

SRC = Path(__file__).resolve().parents[2] / "src"
PASSPHRASE = "four words drawn blindly"
LEAD = "lena"


@dataclass(frozen=True)
class Place:
    """A folder with a vault, the state of the machine that has seen it, and its models."""

    folder: Path
    models: Path

    @property
    def vault(self) -> Path:
        """The vault's folder."""
        return self.folder / "vault"

    @property
    def state(self) -> Path:
        """Where this machine keeps what it has seen and found out."""
        return self.folder / "xdg"

    @property
    def environment(self) -> dict[str, str]:
        """What a command must be told to find state and models here, and nowhere else."""
        return {
            "XDG_STATE_HOME": str(self.state),
            "XDG_CACHE_HOME": str(self.state),
            "TMPDIR": str(self.folder / "tmp"),
            "CONFERE_MODELS": str(self.models),
            "PYTHONPATH": str(SRC),
        }

    def command(self, *words: str) -> list[str]:
        """``confere draft``, or whatever is said, by the lead."""
        passphrase = str(self.folder / "passphrase")
        who = ["--vault", str(self.vault), "--as", LEAD, "--passphrase-file", passphrase]
        return [sys.executable, "-m", "confere", *(words or ("draft",)), *who]

    def copy(self, folder: Path) -> Place:
        """Return a copy of it, as if nothing had been drafted in the other one."""
        shutil.copytree(self.folder, folder)
        return dataclasses.replace(self, folder=folder)

    def remember(self, other: Place) -> None:
        """Know how the machine is used best, as it was found out in another place."""
        folder = self.state / "confere"
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        for file in (other.state / "confere").glob("speed-*.json"):
            shutil.copy(file, folder)

    def desk(self) -> Desk:
        """Sit down as the lead."""
        return sit_down(Vault(self.vault), LEAD, PASSPHRASE, SteppingClock())

    def kept(self, desk: Desk | None = None) -> tuple[int, bool]:
        """Return how many windows of the first recording are kept, and whether its draft is whole.

        Who asks often gives a ``desk``, and sits down once.
        """
        at = desk or self.desk()
        try:
            recording = register.list_recordings(at.catalog)[0]
            _, kept = windows.list_windows(at.catalog, recording.id)
            return len(kept), transcripts.has_draft(at.catalog, recording.id)
        finally:
            if at is not desk:
                at.vault.close()

    def drafts(self) -> list[Draft]:
        """Return the drafts, in the order in which the recordings were taken in."""
        desk = self.desk()
        try:
            recordings = register.list_recordings(desk.catalog)
            return [transcripts.get_draft(desk.catalog, each.id) for each in recordings]
        finally:
            desk.vault.close()


def prepare(
    folder: Path,
    files: Sequence[Path],
    speech: Path = BUNDLED / "speech",
    languages: Sequence[str] = ("pt", "en"),
) -> Place:
    """Make a vault, and take copies of the recordings into it. ``speech`` is a speech model's folder."""
    folder.mkdir(parents=True)
    place = Place(folder, folder / "models")
    settings = wiring.practice_settings()
    study = dataclasses.replace(settings.study, languages=tuple(languages))
    settings = dataclasses.replace(settings, study=study)
    if speech != BUNDLED / "speech":
        place = Place(folder, speech.parents[1])
        name = read_manifest(speech).name
        drafting = dataclasses.replace(settings.drafting, speech_model=name)
        settings = dataclasses.replace(settings, drafting=drafting)
        assert speech.parent.name == Kind.SPEECH, "a model lies in MODELS/speech/NAME"
    machine = Machine(b"\x07" * 32)
    create_study(
        place.vault, study="Bench", lead=LEAD, passphrase=PASSPHRASE, settings=settings,
        practice=True, machine=machine,
    )  # fmt: skip
    (folder / "tmp").mkdir()
    passphrase = folder / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    passphrase.chmod(0o600)
    card = folder / "card"
    card.mkdir()
    for number, file in enumerate(files):
        shutil.copy(file, card / f"ZOOM{number:04}{file.suffix.upper()}")
    offload_folder(
        Dock(Vault(place.vault), machine, wiring.probe, FakeClock()), card, Silent(), keep=False
    )
    shutil.rmtree(card)
    desk = place.desk()
    take_in(desk)
    desk.vault.close()
    return place


def short_windows(folder: Path, window_ms: int) -> Path:
    """Return a copy of the practice speech model whose windows are short, in a folder of models."""
    copy = folder / Kind.SPEECH / "short-windows"
    shutil.copytree(BUNDLED / "speech", copy)
    manifest = read_manifest(copy)
    profile = {**manifest.profile, "window_ms": window_ms}
    write_manifest(copy, dataclasses.replace(manifest, name=copy.name, profile=profile))
    return copy
