"""Offloads into a vault, and what must hold of card and vault after a power cut in any of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from confere.acts.offload import Dock, offload_folder
from confere.crypto import KeyIdentity, SealedReader
from confere.errors import ConfereError
from confere.intake.note import OffloadNote
from confere.intake.outcome import Silent
from confere.vault import Pins, Storage, Vault
from confere.vault.objects import finish_interrupted, open_object, recording_key
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.crash_disk import State, Tape, lay_out, recording
from doubles.studies import MACHINE, PASSPHRASE, make_study

PARTS = {"REC/A_0001.WAV": audio(900, 1), "REC/A_0002.WAV": audio(700, 2)}
TWICE = {"A.WAV": audio(900, 1), "B.WAV": audio(900, 1)}


@dataclass(frozen=True)
class Scene:
    """What is on the card, what was offloaded before, and whether sources are kept."""

    name: str
    card: Mapping[str, bytes]
    before: Mapping[str, bytes]
    keep: bool = False


SCENES = (
    Scene("one recording", {"A.WAV": audio(900, 1)}, {}),
    Scene("a recording in parts", PARTS, {}),
    Scene("the same twice on a card", TWICE, {}),
    Scene("what is kept already", {"B.WAV": audio(900, 1)}, {"A.WAV": audio(900, 1)}),
    Scene("sources that are kept", {"A.WAV": audio(900, 1)}, {}, keep=True),
)


@dataclass(frozen=True)
class Ground:
    """A vault, the state folder of the machine, and the study's keys for looking behind."""

    vault: Path
    state: Path
    study: list[KeyIdentity]


def make_ground(folder: Path) -> Ground:
    """Make a small study whose machine has seen its vault."""
    make_study(folder / "vault", keys="x25519")
    (folder / "state").mkdir()
    vault = Vault(folder / "vault", Pins(Storage(folder / "state")))
    vault.log()
    opened = Vault(folder / "vault").unlock("lena", PASSPHRASE)
    ground = Ground(folder / "vault", folder / "state", opened.study_identities)
    opened.close()
    return ground


def offload(vault: Path, state: Path, card: Path, *, keep: bool = False) -> None:
    """Take a card across."""
    dock = Dock(Vault(vault, Pins(Storage(state))), MACHINE, probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=keep)


def taped(ground: Ground, scene: Scene, folder: Path) -> Tape:
    """Copy the ground, offload the scene's card, and return what was noted of it."""
    vault, state, card = folder / "vault", folder / "state", folder / "card"
    shutil.copytree(ground.vault, vault)
    shutil.copytree(ground.state, state)
    card.mkdir()
    if scene.before:
        for path, content in scene.before.items():
            record(card, path, content)
        offload(vault, state, card)
    for path, content in scene.card.items():
        record(card, path, content)
    tape = Tape(vault, state, card)
    with recording(tape):
        offload(vault, state, card, keep=scene.keep)
    return tape


def opened(storage: Storage, study: list[KeyIdentity]) -> list[tuple[str, str]]:
    """Return recording id and digest of every recording that is there, opens, and is noted."""
    found = []
    for file in storage.list("intake"):
        recording_id = file.removesuffix(".age").partition("-")[0]
        try:
            value = json.loads(open_object(storage, f"intake/{file}", study))
            note = OffloadNote.from_json(value["note"])
            key = recording_key(storage, recording_id, study)
            with (
                storage.open(f"recordings/{recording_id}/audio.age") as sealed,
                SealedReader(sealed, [key]) as plain,
            ):
                digest = hashlib.sha256(plain.read()).hexdigest()
        except (ConfereError, ValueError):
            continue
        if digest == note.sha256 and note.recording_id == recording_id:
            found.append((recording_id, digest))
    return found


def check(
    states: tuple[State, ...], ground: Ground, scene: Scene, folder: Path, *, go_on: bool
) -> None:
    """Assert the law in one state after a cut; with ``go_on``, also that the next run ends the work."""
    vault, state, card = (folder / name for name in ("vault", "state", "card"))
    for root, disk in zip((vault, state, card), states, strict=True):
        lay_out(root, disk)
    storage = Storage(vault)
    finish_interrupted(storage)
    left, safe = files_of(card), {digest for _, digest in opened(storage, ground.study)}
    for path, content in scene.card.items():
        assert left.get(path, content) == content
        assert path in left or hashlib.sha256(content).hexdigest() in safe, path
        assert path in left or not scene.keep
    for content in scene.before.values():
        assert hashlib.sha256(content).hexdigest() in safe
    if go_on:
        _ends(ground, scene, storage, card, lambda: offload(vault, state, card, keep=scene.keep))
    shutil.rmtree(folder)


def _ends(
    ground: Ground, scene: Scene, storage: Storage, card: Path, run: Callable[[], None]
) -> None:
    """Another run takes what is left, and leaves nothing half-done: each content is kept, and once."""
    run()
    assert files_of(card) == (dict(scene.card) if scene.keep else {})
    kept = dict(opened(storage, ground.study))
    wanted = {hashlib.sha256(c).hexdigest() for c in (*scene.card.values(), *scene.before.values())}
    assert sorted(kept.values()) == sorted(wanted)
    assert set(storage.list("recordings")) == set(kept)
    assert not list(storage.path("recordings").glob("*.partial"))
