"""Make a small vault of this version's format, with something of everything in it.

Run once for each version of the format, ``PYTHONPATH=tests python tests/vaults/make.py tests/vaults/vN``, and
kept for ever: every later version opens it (``test_kept_vaults.py``). Two kinds: ``hybrid`` and ``x25519``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import add_person, change_passphrase, create_study, remove_person
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import play, verify
from confere.cli.player import SilentPlayer
from confere.crypto.keys import KeyKind
from confere.domain import Role
from confere.intake.outcome import Silent
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SETTINGS, SteppingClock, Study

ANOTHER = "another four words drawn"  # vera's, since she changed hers
PEOPLE = {
    "ivo": {Role.INTERPRETER},
    "vera": {Role.VERIFIER},
    "rui": {Role.VERIFIER},  # is removed again
    "fabio": {Role.FIELDWORKER},
}


def make(root: Path, keys: KeyKind, sheets: int) -> dict[str, object]:
    """Make one vault; return what a later version must find in it."""
    created = create_study(
        root,
        study="Rios",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=True,
        keys=keys,
        sheets=sheets,
        machine=MACHINE,
    )
    study = Study(root, str(created.recovery.identity), SteppingClock())
    lena = study.desk()
    for name, roles in PEOPLE.items():
        add_person(lena, name, frozenset(roles), PASSPHRASE)
    lena.vault.close()

    signed, signed_audio = _recording(study, root.parent, 300, "ZOOM0001.WAV")
    _draft(study, signed)
    _sign(study, signed)
    gone, _ = _recording(study, root.parent, 500, "ZOOM0002.WAV")
    _draft(study, gone)
    desk = study.desk()
    destroy(desk, gone, "consent withdrawn")
    assert remove_person(desk, "rui")
    desk.vault.close()
    vera = study.desk("vera")
    change_passphrase(vera, ANOTHER)
    vera.vault.close()
    waiting_audio = _offload(study, root.parent, 700, "ZOOM0003.WAV")

    with TemporaryDirectory() as copy:
        # A copy: the audit writes into the log that it was made.
        shutil.copytree(root, Path(copy) / "vault")
        audited = audit(Path(copy) / "vault", None, "lena", PASSPHRASE, Order(), study.clock)
    assert audited.whole, audited.report.wrong
    log = Vault(root).log()
    for lock in root.glob(".*.lock"):
        lock.unlink()
    return {
        "recovery": list(created.recovery.sheets) or [str(created.recovery.identity)],
        "passphrases": {"lena": PASSPHRASE, "ivo": PASSPHRASE, "vera": ANOTHER},
        "signed": {"recording": signed, "audio_sha256": signed_audio},
        "destroyed": gone,
        "waiting_audio_sha256": waiting_audio,
        "log": {"size": log.size, "root": log.tree.root().hex()},
        "roster": Vault(root).roster.version,
        "files": {
            str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(root.rglob("*"))
            if file.is_file()
        },
    }


def _offload(study: Study, folder: Path, pitch_hz: float, name: str) -> str:
    card = folder / "card"
    content = write_tone(card / name, seconds=7, pitch_hz=pitch_hz).read_bytes()
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    assert offload_folder(dock, card, Silent(), keep=False).problem is None
    return hashlib.sha256(content).hexdigest()


def _recording(study: Study, folder: Path, pitch_hz: float, name: str) -> tuple[str, str]:
    digest = _offload(study, folder, pitch_hz, name)
    desk = study.desk()
    (taken,) = take_in(desk)
    desk.vault.close()
    return taken.id, digest


def _draft(study: Study, recording: str) -> None:
    lines = [("pt", "Bom dia."), ("en", "Good morning."), ("pt", "Não sei.")]
    desk = study.desk()
    draft(desk, recording, FakeSpeechEngine(lines), FakeTranslationEngine())
    desk.vault.close()


def _sign(study: Study, recording: str) -> None:
    ivo = study.desk("ivo")
    correct(ivo, recording, "1", Correction(target="Good day."))
    correct(ivo, recording, "2", Correction())
    correct(ivo, recording, "3", Correction(target="I do not know."))
    ivo.vault.close()
    vera = study.desk("vera")
    for number in ("1", "2", "3"):
        play(vera, recording, number, SilentPlayer())
        verify(vera, recording, number)
    sign(vera, recording, PASSPHRASE)
    vera.vault.close()


def main() -> None:
    """Make both kinds in the folder that is named."""
    folder = Path(sys.argv[1])
    for keys, sheets in (("hybrid", 3), ("x25519", 0)):
        with TemporaryDirectory() as temporary:
            vault = Path(temporary) / "vault"
            expected = make(vault, keys, sheets)  # type: ignore[arg-type]
            shutil.copytree(vault, folder / keys)
        text = json.dumps(expected, indent=2, ensure_ascii=False)
        (folder / f"{keys}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
