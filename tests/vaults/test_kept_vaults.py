"""Vaults of every version of the format, kept for ever: this version opens them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from confere.acts.audit import Order, audit
from confere.acts.desk import sit_down
from confere.acts.reading import open_transcript
from confere.acts.rescue import by_identity, rescue
from confere.acts.setup import recover
from confere.acts.take_in import take_in
from confere.crypto.keys import parse_identity
from confere.domain import State
from confere.errors import Destroyed, NoSuchThing, NotAllowed, WrongPassphrase
from confere.vault import Vault
from confere.vault.recovery import RecoveryKey

HERE = Path(__file__).parent
KEPT = sorted(HERE.glob("v*/*.json"))


@pytest.fixture(params=KEPT, ids=lambda file: f"{file.parent.name}-{file.stem}")
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of a kept vault, private as a vault is, and what must be found in it."""
    file: Path = request.param
    root = tmp_path / "vault"
    shutil.copytree(file.with_suffix(""), root)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    for folder in ("recordings", "intake", "log"):
        (root / folder).mkdir(exist_ok=True, mode=0o700)  # git keeps no empty folder
    return root, json.loads(file.read_text("utf-8"))


def test_there_is_one_of_this_version() -> None:
    """Both kinds of keys are kept."""
    assert {file.stem for file in KEPT} == {"hybrid", "x25519"}


@pytest.mark.parametrize("file", KEPT, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_kept_vault_is_never_touched(file: Path) -> None:
    """It is what it was on the day it was made."""
    folder = file.with_suffix("")
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == json.loads(file.read_text("utf-8"))["files"]


def test_everybody_gets_in_who_should(kept: tuple[Path, dict[str, Any]]) -> None:
    """With their own passphrase, the changed one too; who was removed, or reads nothing, does not."""
    root, expected = kept
    for name, passphrase in expected["passphrases"].items():
        sit_down(Vault(root), name, passphrase).vault.close()
    with pytest.raises(WrongPassphrase):
        sit_down(Vault(root), "vera", expected["passphrases"]["lena"])
    with pytest.raises(NoSuchThing):
        sit_down(Vault(root), "rui", expected["passphrases"]["lena"])
    with pytest.raises(NotAllowed):
        sit_down(Vault(root), "fabio", expected["passphrases"]["lena"])


def test_it_is_whole(kept: tuple[Path, dict[str, Any]]) -> None:
    """The audit finds nothing wrong, and the log is the one that was written."""
    root, expected = kept
    log = Vault(root).log()
    assert (log.size, log.tree.root().hex()) == (expected["log"]["size"], expected["log"]["root"])
    audited = audit(root, None, "lena", expected["passphrases"]["lena"], Order())
    assert audited.whole, audited.report.wrong


def test_the_signed_transcript_and_its_audio_are_there(kept: tuple[Path, dict[str, Any]]) -> None:
    """The words that were signed, under a signature that holds, and every byte of the audio."""
    root, expected = kept
    recording = expected["signed"]["recording"]
    desk = sit_down(Vault(root), "ivo", expected["passphrases"]["ivo"])
    opened = open_transcript(desk, recording)
    texts = [(s.source, s.target) for s in opened.transcript.segments]
    assert texts == [
        ("Bom dia.", "Good day."),
        ("Good morning.", "Good morning."),
        ("Não sei.", "I do not know."),
    ]
    assert opened.signed is not None
    assert opened.signed.document["verifier"]["name"] == "vera"
    assert {s.state for s in opened.transcript.segments} == {State.LOCKED}
    with desk.vault.open_audio(recording) as audio:
        assert hashlib.sha256(audio.read()).hexdigest() == expected["signed"]["audio_sha256"]
    with pytest.raises(Destroyed):
        open_transcript(desk, expected["destroyed"])
    desk.vault.close()


def test_a_waiting_note_is_taken_in(kept: tuple[Path, dict[str, Any]]) -> None:
    """What the offload of that day left for a reader."""
    root, expected = kept
    desk = sit_down(Vault(root), "ivo", expected["passphrases"]["ivo"])
    (taken,) = take_in(desk)
    assert taken.sha256 == expected["waiting_audio_sha256"]
    desk.vault.close()


def test_the_recovery_key_gets_somebody_back_in(kept: tuple[Path, dict[str, Any]]) -> None:
    """The key, or any two of its sheets; and it opens a recording without the rest of the vault."""
    root, expected = kept
    vault = Vault(root)
    papers = expected["recovery"]
    key = RecoveryKey.read(papers[-2:], vault.roster.recovery)
    recording = root / "recordings" / expected["signed"]["recording"]
    identity = by_identity(str(key.identity))
    rescue(recording / "key.age", identity, root.parent / "key.txt")
    own = by_identity((root.parent / "key.txt").read_text())
    rescue(recording / "audio.age", own, root.parent / "audio.wav")
    digest = hashlib.sha256((root.parent / "audio.wav").read_bytes()).hexdigest()
    assert digest == expected["signed"]["audio_sha256"]
    assert str(parse_identity(str(key.identity)).recipient) == vault.roster.recovery.recipient
    recover(vault, "lena", key, "quite a new passphrase")
    desk = sit_down(Vault(root), "lena", "quite a new passphrase")
    assert open_transcript(desk, expected["signed"]["recording"]).signed is not None
    desk.vault.close()
