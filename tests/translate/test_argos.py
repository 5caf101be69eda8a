"""The real translation engine: what argostranslate would say, faster, and leaving no trace."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from confere.errors import DamagedModel
from confere.models.store import BUNDLED
from confere.translate.argos import ArgosEngine
from confere.translate.packages import WholeSentence
from confere.translate.routes import Routes
from doubles.copying_package import copying_package
from doubles.practice import RECORDINGS, translation_engine, truth

PACKAGE = BUNDLED / "translation"

# What argostranslate itself says, a sentence at a time, in a process of its own: one text, and four.
THEIRS = """
import json, sys
from argostranslate import translate
sentences, languages = json.load(sys.stdin)
said = {}
for language in languages:
    engine = translate.get_translation_from_codes(language, "en")
    four = [[one.value for one in engine.hypotheses(text, 4)] for text in sentences]
    said[language] = [[engine.translate(text) for text in sentences], four]
json.dump(said, sys.stdout)
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
    """Portuguese sentences of the bundled recordings, and some that are no sentences."""
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


@dataclass(frozen=True)
class Theirs:
    """Packages in a folder, and what argostranslate says with them: by language, and then by sentence."""

    packages: Path
    best: dict[str, list[str]]
    four: dict[str, list[list[str]]]

    def engine(self, name: str) -> ArgosEngine:
        """Our engine over one of the packages."""
        folder = self.packages / name
        return ArgosEngine(folder, name=name, digest="0" * 64, practice=True, parallel=2)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Theirs:
    """A package for each of its branches: plain, with a target prefix, with the older tokenizer, a pivot."""
    folder = tmp_path_factory.mktemp("home")
    packages = folder / "packages"
    shutil.copytree(PACKAGE, packages / "plain")
    shutil.copytree(PACKAGE, packages / "prefix")
    metadata = packages / "prefix" / "metadata.json"
    told = {**json.loads(metadata.read_text()), "from_code": "br", "target_prefix": "."}
    metadata.write_text(json.dumps(told))
    copying_package(packages / "older", "ca", "en", bpe=True)
    copying_package(packages / "galician", "gl", "pt")
    run = subprocess.run(
        [sys.executable, "-c", THEIRS],
        input=json.dumps([sentences(), ["pt", "br", "ca", "gl"]]),
        capture_output=True,
        text=True,
        check=True,
        # On shared processors its threads would wait for each other, for minutes.
        env=home(folder, ARGOS_PACKAGES_DIR=str(packages), ARGOS_INTRA_THREADS="1"),
    )
    said = json.loads(run.stdout)
    best = {language: texts for language, (texts, _) in said.items()}
    return Theirs(packages, best, {language: four for language, (_, four) in said.items()})


@pytest.mark.parametrize(
    ("package", "language"), [("plain", "pt"), ("prefix", "br"), ("older", "ca")]
)
def test_it_says_what_argostranslate_says(theirs: Theirs, package: str, language: str) -> None:
    """All sentences in batches become what argostranslate makes of each of them alone."""
    engine = theirs.engine(package)
    assert [each.text for each in engine.translate(sentences())] == theirs.best[language]
    others = [tuple(four[1:]) for four in theirs.four[language]]
    assert list(engine.alternatives(sentences())) == others


def test_a_pivot_says_what_argostranslate_says(theirs: Theirs) -> None:
    """It puts two packages together in the same way."""
    translator = Routes([theirs.engine("plain"), theirs.engine("galician")], "en")
    ours = translator.translate([("gl", text) for text in sentences()])
    assert [each.text for each in ours] == theirs.best["gl"] == theirs.best["pt"]


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
