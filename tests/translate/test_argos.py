"""The real translation engine: what argostranslate would say, faster, and leaving no trace."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confere.errors import DamagedModel
from confere.models.store import BUNDLED
from confere.translate.argos import ArgosEngine
from confere.translate.packages import WholeSentence
from doubles.practice import RECORDINGS, translation_engine, truth

PACKAGE = BUNDLED / "translation"

# What argostranslate itself says, a sentence at a time, in a process of its own.
THEIRS = """
import json, sys
from argostranslate import translate
engine = translate.get_translation_from_codes("pt", "en")
json.dump([engine.translate(sentence) for sentence in json.load(sys.stdin)], sys.stdout)
"""

# Our engine in a process of its own, with every socket shut.
OURS = """
import json, logging, socket, sys
def refuse(*_): raise AssertionError("the net was asked")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
logging.basicConfig(level=logging.DEBUG)
from pathlib import Path
from confere.translate.argos import ArgosEngine
engine = ArgosEngine(Path(sys.argv[1]), name="practice", digest="0" * 64, practice=True)
print(json.dumps([engine.translate(["Bom dia, Helena."])[0].text, "torch" in sys.modules]))
"""


def sentences() -> list[str]:
    """The Portuguese sentences of the bundled recordings, and some that are no sentences."""
    spoken = [
        sentence.text
        for text in sorted(RECORDINGS.glob("*.txt"))
        for sentence in truth(text.name)
        if sentence.language == "pt"
    ]
    return [*spoken, "bom dia", "Bom dia. Meu nome é Helena. Eu moro em Recife.", "Sim"]


def home(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose home is empty."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "CI"))}
    return {**kept, "HOME": str(folder), **more}


def test_it_says_what_argostranslate_says(tmp_path: Path) -> None:
    """All sentences in one batch become what argostranslate makes of each of them alone."""
    packages = tmp_path / "packages"
    shutil.copytree(PACKAGE, packages / "practice")
    theirs = subprocess.run(
        [sys.executable, "-c", THEIRS],
        input=json.dumps(sentences()),
        capture_output=True,
        text=True,
        check=True,
        env=home(tmp_path, ARGOS_PACKAGES_DIR=str(packages)),
    )
    ours = translation_engine().translate(sentences())
    assert [each.text for each in ours] == json.loads(theirs.stdout)


def test_it_leaves_no_trace_and_loads_no_torch(tmp_path: Path) -> None:
    """Offline, with argostranslate's debugging on: no file in the home, no text in output or log."""
    run = subprocess.run(
        [sys.executable, "-c", OURS, str(PACKAGE)],
        capture_output=True,
        text=True,
        check=True,
        env=home(tmp_path, TMPDIR=str(tmp_path), ARGOS_DEBUG="1", ARGOS_CHUNK_TYPE="SPACY"),
    )
    target, torch = json.loads(run.stdout)
    assert "Helena" in target
    assert torch is False
    assert "Helena" not in run.stderr and "Bom" not in run.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_no_text_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger wide open nothing of a sentence is logged."""
    with caplog.at_level(logging.DEBUG):
        translation_engine().translate(["Meu nome é Helena e eu sou enfermeira."])
    assert "Helena" not in caplog.text


def test_a_line_break_does_not_make_two_of_a_sentence() -> None:
    """Blanks of any kind are one blank."""
    engine = translation_engine()
    assert engine.translate(["Bom\n  dia."]) == engine.translate(["Bom dia."])


def test_a_package_without_its_splitter_translates_whole_sentences(tmp_path: Path) -> None:
    """Older packages bring a splitter that would have to be unpickled; it is not missed."""
    folder = shutil.copytree(PACKAGE, tmp_path / "package")
    shutil.rmtree(folder / "minisbd")
    (folder / "stanza").mkdir()
    engine = ArgosEngine(folder, name="old", digest="0" * 64, practice=True)
    assert engine.record.parameters["splitter"] == WholeSentence.__name__
    sentence = "Meu nome é Helena e eu sou enfermeira."
    assert engine.translate([sentence]) == translation_engine().translate([sentence])


@pytest.mark.parametrize("lost", ["metadata.json", "model/model.bin"])
def test_a_package_that_lacks_a_file_is_refused(tmp_path: Path, lost: str) -> None:
    """What does not load is the model's fault and is said so."""
    folder = shutil.copytree(PACKAGE, tmp_path / "package")
    (folder / lost).unlink()
    with pytest.raises(DamagedModel, match="broken"):
        ArgosEngine(folder, name="broken", digest="0" * 64, practice=True)
