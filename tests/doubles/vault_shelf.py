"""The vault's own shelf, with the ways to look behind it that the contract needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from confere.acts.shelf import VaultShelf
from confere.intake.note import OffloadNote
from confere.vault import Pins, Storage, Vault
from confere.vault.objects import open_audio
from doubles.shelf import Kept, Shelved
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, make_study


def vault_shelf(folder: Path) -> Shelved:
    """Return the shelf of a new practice vault."""
    make_study(folder / "vault")
    root = folder / "vault"
    (folder / "state").mkdir()
    vault = Vault(root, Pins(Storage(folder / "state")))
    shelf = VaultShelf(vault, MACHINE, SteppingClock())
    return Shelved(
        shelf, lambda: kept_in(root), lambda: traces_in(root), lambda: found_again_in(root)
    )


def kept_in(root: Path) -> Mapping[str, Kept]:
    """Return what a reader finds in the vault: notes with their recordings."""
    unlocked = Vault(root).unlock("lena", PASSPHRASE)
    found = {}
    for recording in unlocked.locked.storage.list("recordings"):
        note = json.loads(unlocked.open_object(f"intake/{recording}.age"))["note"]
        with open_audio(unlocked.locked.storage, recording, unlocked.study_identities) as audio:
            plain = audio.read()
        sealed = (root / "recordings" / recording / "audio.age").read_bytes()
        found[recording] = Kept(OffloadNote.from_json(note), plain, sealed)
    unlocked.close()
    return found


def found_again_in(root: Path) -> list[OffloadNote]:
    """Return the notes of what was found once more, as a reader opens them."""
    unlocked = Vault(root).unlock("lena", PASSPHRASE)
    notes = [
        json.loads(unlocked.open_object(f"intake/{file}"))["note"]
        for file in unlocked.locked.storage.list("intake")
        if "-" in file
    ]
    unlocked.close()
    return [OffloadNote.from_json(note) for note in notes]


def traces_in(root: Path) -> list[str]:
    """Name every file of a recording that is not there with both its folder and its note."""
    whole = {p.name for p in (root / "recordings").iterdir()} & {
        p.stem for p in (root / "intake").iterdir()
    }
    of_recordings = [p for p in (root / "recordings").rglob("*") if p.is_file()]
    notes = list((root / "intake").iterdir())
    return [
        str(p.relative_to(root))
        for p in (*of_recordings, *notes)
        if p.parent.name not in whole and p.stem.partition("-")[0] not in whole
    ] + [p.name for p in (root / "recordings").iterdir() if p.name not in whole]
