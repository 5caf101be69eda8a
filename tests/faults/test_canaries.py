"""The whole job on a disk of its own, with kills; then not one secret is on the raw disk, or in an output.

The vault and everything that a program may use for its own lie on an ext4 image: state, cache,
configuration, home and temporary folders. Outside are only the recorder, the export, and the files
from which passphrases and corrections are read. Afterwards the image is read as it lies, journal and
deleted blocks too.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import unicodedata
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from doubles.canaries import forms_of_bytes, forms_of_text
from doubles.chosen import remember
from doubles.fast_folder import fast_folder
from doubles.loop_image import found, loop_image
from doubles.practice import RECORDINGS

WORDS = {
    "the file's name": "Gravação Índio-Pajé nº 7.WAV",
    "source": "Três colibris azuis não pousaram no ipê",
    "target": "Three façade hummingbirds à la carte",
    "reason of a return": "Falta a palavra jabuticabeira três",
    "reason of a destruction": "Pedido do comitê de ética nº 4711",
    "passphrase of lena": "corrimão hexágono lampião vírgula",
    "passphrase of ivo": "pântano relógio círculo maçã",
    "passphrase of vera": "ônibus sótão girassol açúcar",
    "passphrase of nina": "búfalo cédula órgão mármore",
    "another passphrase of ivo": "saguão tambor pêssego névoa",
}
#: Samples that no other sound has: 64 of 16 bits, repeated.
SAMPLES = [random.Random(7).randint(-9000, 9000) for _ in range(64)]
STRACE = shutil.which("strace")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the disk's image lies: in memory, if it can."""
    with fast_folder() as place:
        yield place


def forms(canaries: dict[str, str]) -> dict[str, bytes]:
    """Return every form in which a canary would betray itself: of words, and of the samples."""
    patterns = {}
    for name, text in canaries.items():
        for normal in ("NFC", "NFD"):
            for form, pattern in forms_of_text(unicodedata.normalize(normal, text)):
                patterns[f"{name}, {normal}, {form}"] = pattern
    for width, samples in forms_of_samples():
        for form, pattern in forms_of_bytes(samples):
            patterns[f"samples, {width}, {form}"] = pattern
    return patterns


def forms_of_samples() -> Iterator[tuple[str, bytes]]:
    """As a recorder writes them, and as a decoder or a model would hold them."""
    yield "16 bits", struct.pack("<64h", *SAMPLES)
    yield "24 bits", b"".join((s << 8).to_bytes(3, "little", signed=True) for s in SAMPLES)
    yield "32 bits", struct.pack("<64i", *(s << 16 for s in SAMPLES))
    yield "float", struct.pack("<64f", *(s / 32768 for s in SAMPLES))
    yield "double", struct.pack("<64d", *(s / 32768 for s in SAMPLES))


def record(file: Path) -> None:
    """Write a sentence of the bundled recording, and behind it the samples, over and over."""
    with wave.open(str(RECORDINGS / "ZOOM0001.WAV")) as source:
        facts, speech = source.getparams(), source.readframes(5 * source.getframerate())
    file.parent.mkdir(parents=True)
    with wave.open(str(file), "wb") as target:
        target.setparams(facts)
        target.writeframes(speech + struct.pack("<64h", *SAMPLES) * 200)


@dataclass
class Desktop:
    """The command line, with everything of its own on the disk that is looked at afterwards."""

    disk: Path
    outside: Path
    captured: list[bytes] = field(default_factory=list)
    #: What offloads said: a file by its name on the recorder, and nothing else that is secret.
    of_files: list[bytes] = field(default_factory=list)
    kills: int = 0

    def __post_init__(self) -> None:
        folders = {
            "HOME": "home", "TMPDIR": "tmp", "TMP": "tmp", "TEMP": "tmp",
            "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config",
            "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run", "CONFERE_VAULT": "vault",
        }  # fmt: skip
        # Else a command may write bytecode first, and that is a call to rename a file, too.
        uncounted = {"PYTHONDONTWRITEBYTECODE": "1"}
        places = {name: str(self.disk / folder) for name, folder in folders.items()}
        self.environment = os.environ | uncounted | places
        for folder in {*folders.values()} - {"vault"}:
            (self.disk / folder).mkdir(mode=0o700)
        remember(self.disk / "state")
        for name, words in WORDS.items():
            if "passphrase" in name:
                self.secret_file(name).write_text(words + "\n", "utf-8")

    def secret_file(self, name: str) -> Path:
        """The file outside in which a passphrase stands."""
        return self.outside / name.replace(" ", "-")

    def confere(
        self, *words: str | Path, says: bool = False, code: int = 0, before: Sequence[str] = ()
    ) -> str:
        """Run a command. What it prints is kept to be looked at, unless saying it is its purpose."""
        done = subprocess.run(
            [*before, sys.executable, "-m", "confere", *map(str, words)],
            cwd=self.disk / "home",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        kept = self.of_files if words[0] == "offload" else self.captured
        kept += [done.stderr] if says else [done.stderr, done.stdout]
        if before:
            assert done.returncode in (-9, 137), (words[0], done.returncode)
            self.kills += 1
        else:
            assert done.returncode == code, (words[:2], done.stdout, done.stderr)
        return done.stdout.decode()

    def killed(
        self, call: str, number: int, *words: str | Path, says: bool = False, code: int = 0
    ) -> None:
        """Run a command that is killed at a call, and then once more; ``code`` is how that ends."""
        fault = f"inject={call}:signal=KILL:when={number}"
        strace = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", fault]
        self.confere(*words, says=says, before=strace)
        self.confere(*words, says=says, code=code)

    def at(self, name: str) -> list[str | Path]:
        """The options by which somebody acts."""
        return ["--as", name, "--passphrase-file", self.secret_file(f"passphrase of {name}")]


def the_whole_job(desktop: Desktop) -> dict[str, str]:
    """Give every command, some of them killed first; return the secrets that came up on the way."""
    lena, ivo, vera = (desktop.at(name) for name in ("lena", "ivo", "vera"))
    said = desktop.confere(
        "init", "--study", "Rivers", "--lead", "lena", "--practice", *lena[2:], says=True
    )
    recovery = next(w for w in said.split() if w.startswith("AGE-SECRET-KEY-"))

    def add(name: str, role: str) -> list[str | Path]:
        secret = desktop.secret_file(f"passphrase of {name}")
        return ["person", "add", name, "--role", role, "--new-passphrase-file", secret, *lena]

    desktop.killed("rename", 2, *add("ivo", "interpreter"))
    desktop.confere(*add("vera", "verifier"))
    desktop.confere(*add("nina", "verifier"))

    card = desktop.outside / "card"
    record(card / WORDS["the file's name"])
    desktop.killed("fsync", 3, "offload", card)
    desktop.confere("queue", *ivo, says=True)
    recording = next(
        folder.name
        for folder in (desktop.disk / "vault" / "recordings").iterdir()
        if re.fullmatch("[0-9a-z]{16}", folder.name)
    )
    desktop.killed("pwrite64", 12, "draft", *ivo)
    shown = json.loads(desktop.confere("show", recording, "--json", *ivo, says=True))
    drafted = [segment["source"] for segment in shown["segments"]]
    _correct(desktop, recording, len(drafted), ivo)
    _verify(desktop, recording, len(drafted), ivo, vera)
    desktop.killed("fsync", 2, "sign", recording, "--yes", *vera)
    desktop.confere("show", recording, *vera, says=True)
    assert recording in desktop.confere("find", "colibris", *ivo, says=True)
    out = desktop.outside / "out"
    desktop.confere("export", recording, "--as", "lena", "--as", "docx,webvtt,json", "--to", out,
                    *lena[2:])  # fmt: skip
    assert WORDS["source"] in "".join(p.read_text() for p in out.glob("*.vtt"))

    desktop.killed("rename", 5, "backup", desktop.disk / "backup", *lena)
    other = desktop.secret_file("another passphrase of ivo")
    desktop.killed("rename", 1, "passphrase", "--new-passphrase-file", other, *ivo)
    desktop.killed("rename", 3, "person", "remove", "nina", "--yes", *lena)
    desktop.confere("audit", *lena, says=True)
    reason = WORDS["reason of a destruction"]
    destroy = ("destroy", recording, "--yes", "--reason", reason, *lena)
    desktop.killed("rename", 1, *destroy, says=True, code=1)  # it is destroyed already
    desktop.confere("backup", desktop.disk / "backup", *lena)
    desktop.confere("audit", *lena, says=True)
    return {"recovery key": recovery, **{f"draft {n}": text for n, text in enumerate(drafted)}}


def _correct(desktop: Desktop, recording: str, segments: int, ivo: list[str | Path]) -> None:
    changes = [{"segment": n, "version": 0, "speaker": "P01"} for n in range(1, segments + 1)]
    changes[0] |= {"source": WORDS["source"], "target": WORDS["target"]}
    file = desktop.outside / "changes.json"
    file.write_text("\n".join(map(json.dumps, changes)), "utf-8")
    desktop.killed("pwrite64", 14, "correct", recording, "--changes", file, *ivo, says=True)


def _verify(
    desktop: Desktop, recording: str, segments: int, ivo: list[str | Path], vera: list[str | Path]
) -> None:
    reason = WORDS["reason of a return"]
    desktop.confere(
        "return",
        recording,
        "1",
        "--reason",
        reason,
        "--kind",
        "omission",
        "--severity",
        "minor",
        *vera,
    )
    desktop.confere("correct", recording, "1", "--accept", *ivo, says=True)
    for number in range(1, segments + 1):
        desktop.confere("verify", recording, str(number), *vera, says=True)


@pytest.mark.skipif(STRACE is None, reason="strace, which does the killing, is not here")
def test_no_secret_reaches_the_disk(folder: Path) -> None:
    """After the whole job with kills, no canary is found on the raw disk or in what was printed."""
    image, outside = folder / "disk", folder / "outside"
    outside.mkdir()
    with loop_image(image) as disk:
        desktop = Desktop(disk, outside)
        secrets = the_whole_job(desktop)
    assert desktop.kills == 9
    patterns = forms(WORDS | secrets)
    assert found(image, {"a roster, which is public": b'"kind":"confere/roster"'})
    assert found(image, patterns) == {}

    printed, of_files = folder / "printed", folder / "printed of files"
    printed.write_bytes(b"\n".join(desktop.captured))
    of_files.write_bytes(b"\n".join(desktop.of_files))
    assert found(printed, {"what a command says": b"is in the study"})
    assert found(printed, patterns) == {}
    assert all(name.startswith("the file's name") for name in found(of_files, patterns))


def test_the_search_finds_every_form(folder: Path) -> None:
    """Each form of each canary is found on a raw disk on which it once was, in a file long deleted."""
    patterns = forms(WORDS | {"recovery key": "AGE-SECRET-KEY-PQ-1" + "Q" * 40})
    image = folder / "disk"
    with loop_image(image, 16) as disk:
        planted = disk / "planted"
        with planted.open("wb") as file:
            for number, pattern in enumerate(patterns.values()):
                file.write(random.Random(number).randbytes(700) + pattern)
            file.flush()
            os.fsync(file.fileno())
        planted.unlink()
    assert set(found(image, patterns)) == set(patterns)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    """A disk of chance has none of the forms, also where two blocks that are read apart meet."""
    patterns = forms(WORDS)
    file = tmp_path / "chance"
    file.write_bytes(random.Random(1).randbytes(3 << 20))
    assert found(file, patterns) == {}
    across = next(iter(patterns.items()))
    content = bytearray(file.read_bytes())
    content[(1 << 20) - 5 : (1 << 20) - 5 + len(across[1])] = across[1]
    file.write_bytes(content)
    assert found(file, patterns) == {across[0]: (1 << 20) - 5}
