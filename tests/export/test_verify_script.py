"""The verifier for strangers, run as they run it."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from confere import review
from confere.crypto.canonical import canonical_json
from confere.crypto.signing import SigningKey
from confere.export import KINDS, from_signed
from export.samples import INTERVIEW, draft
from review.scenes import KEY, KEY_TEXT, VERA, WANDA, Desk, a_segment, a_verified_desk

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_transcript.py"
AUDIO = b"RIFF of no importance"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script in an isolated interpreter."""
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def desk() -> Desk:
    """Return a verified transcript of a recording whose bytes are known."""
    made = a_verified_desk()
    digest = hashlib.sha256(AUDIO).hexdigest()
    recording = replace(made.transcript.recording, sha256=digest)
    made.transcript = replace(made.transcript, recording=recording)
    return made


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A signed transcript as it is exported."""
    [file] = KINDS["json"](from_signed(desk().sign().envelope, INTERVIEW))
    path = tmp_path / file.name
    path.write_bytes(file.content)
    return path


def altered(path: Path, change: Any) -> Path:
    """Write the file again with one thing changed."""
    envelope = json.loads(path.read_bytes())
    change(envelope)
    path.write_bytes(canonical_json(envelope))
    return path


def test_imports_nothing_of_confere() -> None:
    """The script needs the standard library and two others only."""
    tree = ast.walk(ast.parse(SCRIPT.read_text("utf-8")))
    names = {
        name.split(".")[0]
        for node in tree
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - set(sys.stdlib_module_names) == {"cryptography", "rfc8785"}


def test_good(exported: Path, tmp_path: Path) -> None:
    """A good file is said to be good, with who signed it and the digest that is printed on copies."""
    audio = tmp_path / "audio.wav"
    audio.write_bytes(AUDIO)
    done = run(exported, "--key", KEY_TEXT, "--audio", audio)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"GOOD: signed by {VERA} at 2026-03-03T09:30:00Z\n")
    assert hashlib.sha256(exported.read_bytes()).hexdigest() in done.stdout


def test_without_the_key(exported: Path) -> None:
    """A file that vouches for itself is called unaltered, not good."""
    done = run(exported)
    assert done.returncode == 0
    assert "GOOD" not in done.stdout and "UNALTERED" in done.stdout and KEY_TEXT in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["document"]["segments"][0].update(target="It did not rain."),
        lambda e: e["document"]["segments"][1].update(speaker="P02"),
        lambda e: e["document"]["segments"].pop(),
        lambda e: e["document"].update(signed_at="2020-01-01T00:00:00Z"),
        lambda e: e["document"]["verifier"].update(name=WANDA),
        lambda e: e["signature"].update(value=e["signature"]["value"][:-4] + "AAAA"),
        lambda e: e["signature"].update(value="!"),
        lambda e: e["signature"].update(purpose="receipt"),
        lambda e: e["signature"].update(key="ed25519:AAAA"),
        lambda e: e["signature"].pop("algorithm"),
        lambda e: e.update(more=1),
    ],
)
def test_altered(exported: Path, change: Any) -> None:
    """A file in which anything was changed is refused, in one line."""
    done = run(altered(exported, change), "--key", KEY_TEXT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("WRONG: ") and len(done.stderr.splitlines()) == 1


def test_signed_by_somebody_else(exported: Path) -> None:
    """A file that somebody else signed is refused when the verifier's key is given."""
    other = SigningKey.generate()
    document = json.loads(exported.read_bytes())["document"]
    document["verifier"]["key"] = str(other.verify_key)
    exported.write_bytes(review.sign(document, other).envelope)
    assert run(exported).returncode == 0
    assert run(exported, "--key", KEY_TEXT).returncode == 1


@pytest.mark.parametrize(
    "change",
    [{"authors": [VERA]}, {"accepted_by": [VERA]}, {"verified_by": WANDA}, {"played_ms": 1}],
)
def test_own_work(exported: Path, change: dict[str, Any]) -> None:
    """A signature on one's own work holds as a signature and is refused all the same."""
    document = json.loads(exported.read_bytes())["document"]
    document["segments"][0] |= change
    exported.write_bytes(review.sign(document, KEY).envelope)
    assert "seg0" in run(exported, "--key", KEY_TEXT).stderr


def test_another_recording(exported: Path, tmp_path: Path) -> None:
    """Another recording than the one that was signed for is told apart."""
    audio = tmp_path / "audio.wav"
    audio.write_bytes(AUDIO + b"\0")
    assert run(exported, "--audio", audio).returncode == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"\xff\xfe", b"[" * 100_000])
def test_no_transcript(tmp_path: Path, content: bytes) -> None:
    """Something else is refused without a traceback."""
    path = tmp_path / "x.json"
    path.write_bytes(content)
    done = run(path)
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_draft_and_missing_file(tmp_path: Path) -> None:
    """A draft has no signature, and a file that is not there cannot be read."""
    path = tmp_path / "draft.json"
    path.write_bytes(KINDS["json"](draft())[0].content)
    assert "draft has no signature" in run(path).stderr
    assert run(tmp_path / "none.json").returncode == 1


def test_terminal_is_not_steered(tmp_path: Path) -> None:
    """What a file says cannot move the cursor or change the colour of the terminal."""
    made = a_verified_desk(a_segment(0)).document()
    made["study"]["name"] = "x\x1b[2J\nGOOD"
    path = tmp_path / "x.json"
    path.write_bytes(review.sign(made, KEY).envelope)
    done = run(path)
    assert done.returncode == 0 and "\x1b" not in done.stdout and "\nGOOD" not in done.stdout
