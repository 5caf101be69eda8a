"""The age command and pyrage open our files, and we open theirs."""

from __future__ import annotations

import io
import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pyrage
import pytest

from confere.crypto import (
    ScryptIdentity,
    ScryptRecipient,
    SealedReader,
    X25519Identity,
    decrypt,
    encrypt,
)

needs_age = pytest.mark.skipif(
    shutil.which("age") is None,
    reason="the age command is not installed (on Debian: apt install age)",
)

IDENTITY = X25519Identity.generate()
SIZES = [0, 1, 65535, 65536, 65537, 131072, 300_000]
PASSPHRASE = "três palavras quaisquer"


def age(*arguments: str | Path, given: bytes = b"") -> bytes:
    """What the age command writes to its standard output."""
    return subprocess.run(["age", *arguments], input=given, check=True, capture_output=True).stdout


def age_with_passphrase(passphrase: str, *arguments: str | Path, seconds: float = 60) -> None:
    """Run the age command on a terminal of its own and type the passphrase wherever it asks."""
    child, terminal = pty.fork()
    if child == 0:
        try:
            os.execvp("age", ["age", *map(str, arguments)])
        finally:
            os._exit(127)
    end = time.monotonic() + seconds
    asked = b""
    try:
        while time.monotonic() < end:
            if not select.select([terminal], [], [], end - time.monotonic())[0]:
                break
            try:
                said = os.read(terminal, 1000)
            except OSError:  # a terminal nobody holds any more ends so
                said = b""
            if not said:
                break
            asked += said
            if asked.rstrip().endswith(b":") and b"passphrase" in asked:
                asked = b""
                os.write(terminal, passphrase.encode() + b"\n")
    finally:
        os.close(terminal)  # which ends a child that still waits for an answer
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, asked


@needs_age
@pytest.mark.parametrize("size", SIZES)
def test_the_age_command_opens_ours(size: int, tmp_path: Path) -> None:
    """The age command opens, with our identity file, what we sealed."""
    key = tmp_path / "key"
    key.write_text(f"# of a test\n{IDENTITY}\n")
    plaintext = os.urandom(size)
    sealed = encrypt(plaintext, [X25519Identity.generate().recipient, IDENTITY.recipient])
    assert age("-d", "-i", key, given=sealed) == plaintext


@needs_age
@pytest.mark.parametrize("size", SIZES)
def test_we_open_the_age_command_s(size: int) -> None:
    """We open, at once and from the end, what the age command sealed to our recipient."""
    plaintext = os.urandom(size)
    sealed = age("-r", str(IDENTITY.recipient), given=plaintext)
    assert decrypt(sealed, [IDENTITY]) == plaintext
    reader = SealedReader(io.BytesIO(sealed), [IDENTITY])
    assert reader.seek(0, io.SEEK_END) == size


@needs_age
def test_the_age_command_refuses_what_we_broke(tmp_path: Path) -> None:
    """The age command, too, finds a byte that was changed in a file of ours."""
    key = tmp_path / "key"
    key.write_text(str(IDENTITY))
    sealed = bytearray(encrypt(b"words", [IDENTITY.recipient]))
    sealed[-1] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        age("-d", "-i", key, given=bytes(sealed))


@needs_age
def test_the_age_command_opens_our_passphrase_file(tmp_path: Path) -> None:
    """The age command, on a terminal, opens what we sealed with a passphrase."""
    sealed, opened = tmp_path / "sealed.age", tmp_path / "opened"
    sealed.write_bytes(encrypt(b"a key", [ScryptRecipient(PASSPHRASE, 10)]))
    age_with_passphrase(PASSPHRASE, "-d", "-o", opened, sealed)
    assert opened.read_bytes() == b"a key"


@needs_age
def test_we_open_the_age_command_s_passphrase_file(tmp_path: Path) -> None:
    """We open what the age command, on a terminal, sealed with a passphrase."""
    plain, sealed = tmp_path / "plain", tmp_path / "sealed.age"
    plain.write_bytes(b"a key")
    age_with_passphrase(PASSPHRASE, "-p", "-o", sealed, plain)
    assert decrypt(sealed.read_bytes(), [ScryptIdentity(PASSPHRASE)]) == b"a key"


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_opens_ours(size: int) -> None:
    """pyrage opens what we sealed to a key, and parses our texts of the keys."""
    plaintext = os.urandom(size)
    sealed = encrypt(plaintext, [IDENTITY.recipient])
    theirs = pyrage.x25519.Identity.from_str(str(IDENTITY))
    assert str(theirs.to_public()) == str(IDENTITY.recipient)
    assert pyrage.decrypt(sealed, [theirs]) == plaintext


@pytest.mark.parametrize("size", SIZES)
def test_we_open_pyrage_s(size: int) -> None:
    """We open what pyrage sealed, to a key that pyrage made."""
    theirs = pyrage.x25519.Identity.generate()
    plaintext = os.urandom(size)
    sealed = pyrage.encrypt(plaintext, [theirs.to_public()])
    assert decrypt(sealed, [X25519Identity.parse(str(theirs))]) == plaintext


def test_passphrases_go_both_ways_with_pyrage() -> None:
    """pyrage opens our passphrase file and we open its."""
    ours = encrypt(b"a key", [ScryptRecipient(PASSPHRASE, 10)])
    assert pyrage.passphrase.decrypt(ours, PASSPHRASE) == b"a key"
    theirs = pyrage.passphrase.encrypt(b"a key", PASSPHRASE)
    assert decrypt(theirs, [ScryptIdentity(PASSPHRASE, max_work_factor=22)]) == b"a key"
