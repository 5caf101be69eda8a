"""The practice models as they ship: complete, small, offline, and at home in the recordings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jiwer
import pytest

from practice import vocabulary

SPEECH_FILES = {
    "model.bin",
    "config.json",
    "tokenizer.json",
    "vocabulary.json",
    "preprocessor_config.json",
    "CARD.md",
}
SHIPPED = Path(__file__).resolve().parents[2] / "src" / "confere" / "models" / "practice"
LIMIT_BYTES = 20_000_000


def words_of(text: str) -> str:
    """Lower case, without marks."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())


def rows(path: Path) -> list[list[str]]:
    """The rows of the text beside a recording."""
    return [line.split("\t") for line in path.read_text().splitlines()[1:]]


def test_the_speech_folder_is_complete(shipped: Path) -> None:
    """Everything faster-whisper looks for is there, so that nothing is asked of a hub."""
    assert {path.name for path in (shipped / "speech").iterdir()} >= SPEECH_FILES


def test_both_models_are_small(shipped: Path) -> None:
    """At most twenty megabytes together, as the repository bears."""
    files = [path for name in ("speech", "translation") for path in (shipped / name).rglob("*")]
    assert sum(path.stat().st_size for path in files if path.is_file()) <= LIMIT_BYTES


def test_the_vocabulary_is_whispers_made_compact(shipped: Path) -> None:
    """All special tokens stand in their order, and the empty entry makes CTranslate2 call it multilingual."""
    words = vocabulary.Vocabulary.read(shipped / "speech" / "tokenizer.json")
    entries = words.entries()
    assert entries == json.loads((shipped / "speech" / "vocabulary.json").read_text())
    assert entries[words.pieces] == ""
    assert entries[words.pieces + 1 :] == vocabulary.special_tokens()
    assert entries[words.file_ids[words.time(30)]] == "<|30.00|>"


@pytest.mark.parametrize("text", [" -", " '", " ♩"])
def test_what_faster_whisper_suppresses_is_never_the_bare_blank(shipped: Path, text: str) -> None:
    """Else words that are not in the vocabulary could not begin."""
    words = vocabulary.Vocabulary.read(shipped / "speech" / "tokenizer.json")
    first = words.tokenizer.encode(text, add_special_tokens=False).tokens[0]
    assert first != vocabulary.SPACE


@pytest.fixture(scope="module")
def heard() -> dict[str, list[tuple[list[str], str]]]:
    """For two recordings every second sentence's row and what the speech model wrote for it."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel
    from faster_whisper.audio import decode_audio

    model = WhisperModel(str(SHIPPED / "speech"), device="cpu", compute_type="int8", cpu_threads=2)
    pipeline = BatchedInferencePipeline(model)
    found = {}
    for name in ("ZOOM0001.WAV", "INTERVIEW003.M4A"):
        path = SHIPPED / "recordings" / name
        wanted = rows(path.with_suffix(".txt"))[::2]
        clips = [{"start": float(row[0]) - 0.1, "end": float(row[1]) + 0.1} for row in wanted]
        segments, _ = pipeline.transcribe(
            decode_audio(str(path)), language="pt", multilingual=True, clip_timestamps=clips
        )
        texts = [segment.text for segment in segments]
        assert len(texts) == len(wanted)
        found[name] = list(zip(wanted, texts, strict=True))
    return found


@pytest.mark.parametrize("name", ["ZOOM0001.WAV", "INTERVIEW003.M4A"])
def test_a_bundled_recording_is_understood(
    heard: dict[str, list[tuple[list[str], str]]], name: str
) -> None:
    """Few words are wrong, in either language."""
    wanted = [words_of(row[4]) for row, _ in heard[name]]
    found = [words_of(text) for _, text in heard[name]]
    assert jiwer.wer(wanted, found) < 0.12, list(zip(wanted, found, strict=True))


def test_the_translation_package_is_whole_and_stands_unpacked_beside_itself(
    shipped: Path,
) -> None:
    """The archive and the files beside it are the same, splitter and all."""
    folder = shipped / "translation"
    (package,) = folder.glob("*.argosmodel")
    with zipfile.ZipFile(package) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert "minisbd/pt.onnx" in files
    assert all((folder / name).read_bytes() == data for name, data in files.items())


OFFLINE = """
import socket, sys
def refuse(*arguments, **named): raise OSError("called out")
socket.create_connection = socket.getaddrinfo = socket.socket.connect = refuse
from argostranslate import translate
translation = translate.get_translation_from_codes("pt", "en")
for line in sys.stdin: print(translation.translate(line.strip()))
"""


def test_argostranslate_translates_with_every_socket_shut(shipped: Path, tmp_path: Path) -> None:
    """With its default settings, package and splitter need nothing from the net; two sentences are parted."""
    (package,) = (shipped / "translation").glob("*.argosmodel")
    (tmp_path / "packages").mkdir()
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "packages")
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "CACHE")}
    wanted = {
        row[4]: row[5] for row in rows(shipped / "recordings" / "ZOOM0001.txt") if row[3] == "pt"
    }
    both = " ".join(list(wanted)[:2]), " ".join(list(wanted.values())[:2])
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        input="\n".join([*wanted, both[0]]),
        env={**os.environ, **folders, "ARGOS_PACKAGES_DIR": str(tmp_path / "packages")},
        capture_output=True,
        text=True,
        check=True,
    )
    found = done.stdout.splitlines()
    assert found[-1] == both[1]
    assert sum(a == b for a, b in zip(found, wanted.values(), strict=False)) >= len(wanted) - 1
