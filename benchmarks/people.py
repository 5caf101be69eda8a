"""How long it takes to add somebody to a vault of many recordings, and to remove somebody from it.

    python benchmarks/people.py --recordings 10000

The recordings are real but for their sound, which is a few bytes: neither act touches it. The ratio
compares removing with a plain loop that writes as many files of that size and brings each to the disk, on
the same disk right before. Adding is told without the time that scrypt takes for the passphrase, and with it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from confere.acts.desk import sit_down
from confere.acts.setup import add_person, create_study, remove_person
from confere.crypto import encrypt
from confere.crypto.keys import generate_identity
from confere.domain import Role, new_id
from confere.domain.settings import People, Settings
from confere.vault import Vault
from confere.vault.objects import key_text
from confere.vault.people import Secrets, seal_secrets

PASSPHRASE = "four words drawn blindly"
QUICK = Settings(people=People(scrypt_work_factor=10))  # 4 ms
STANDARD = Settings().people.scrypt_work_factor


def main() -> None:
    """Make the vault, time the two acts, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        measure(Path(folder), given.recordings)


def measure(folder: Path, recordings: int) -> None:
    created = create_study(
        folder / "vault",
        study="Figures",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=QUICK,
        practice=True,
    )
    size_bytes = fill(created.vault, recordings)
    loop_s = plain_loop(folder / "plain", recordings, size_bytes)

    desk = sit_down(Vault(folder / "vault"), "lena", PASSPHRASE)
    start = time.perf_counter()
    add_person(desk, "vera", frozenset({Role.VERIFIER}), PASSPHRASE)
    add_s = time.perf_counter() - start
    start = time.perf_counter()
    seal_secrets(Secrets.make("nobody", "hybrid"), PASSPHRASE, STANDARD)
    scrypt_s = time.perf_counter() - start
    start = time.perf_counter()
    assert remove_person(desk, "vera")
    remove_s = time.perf_counter() - start
    desk.vault.close()

    print(f"recordings                             {recordings}, key files of {size_bytes} bytes")
    print(f"adding a person, without scrypt        {add_s:.2f} s")
    print(f"adding a person, with it (factor {STANDARD})    {add_s + scrypt_s:.2f} s")
    print(f"removing a person                      {remove_s:.1f} s")
    print(f"plain loop, write and fsync each       {loop_s:.1f} s")
    print(f"removing / plain loop                  {remove_s / loop_s:.2f}")


def fill(vault: Vault, recordings: int) -> int:
    """Put recordings into the vault; returns the size of a key file. Nothing is fsynced here."""
    recipients = vault.roster.study_recipients
    sealed = b""
    for _ in range(recordings):
        recording_id, key = new_id(), generate_identity(vault.roster.keys)
        place = vault.storage.path(f"recordings/{recording_id}")
        place.mkdir(mode=0o700)
        sealed = encrypt(key_text(recording_id, key), recipients)
        (place / "key.age").write_bytes(sealed)
        (place / "audio.age").write_bytes(encrypt(b"RIFF", [key.recipient]))
    os.sync()
    return len(sealed)


def plain_loop(folder: Path, files: int, size_bytes: int) -> float:
    """Return the seconds that writing files takes, each brought to the disk before the next."""
    folder.mkdir()
    content = os.urandom(size_bytes)
    start = time.perf_counter()
    for number in range(files):
        with (folder / str(number)).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
