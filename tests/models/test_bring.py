"""Models from folders, sticks and packages."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import NoReturn

import pytest

from confere.errors import BadValue, DamagedModel, NotAModel, StorageProblem
from confere.models.bring import import_model
from confere.models.manifest import Kind
from confere.models.store import BUNDLED, ModelStore, check_files
from doubles.small_models import SPEECH, TRANSLATION, installed, lay_out, package


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with nothing in it."""
    return ModelStore(tmp_path / "models", bundled=tmp_path / "none")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def left_behind(store: ModelStore) -> list[str]:
    """Whatever lies in the store's folders, hidden things too."""
    return sorted(path.name for kind in Kind for path in (store.folder / kind).glob("*"))


def test_a_speech_model_comes_from_a_folder(store: ModelStore, stick: Path) -> None:
    """It is named after its folder, knows its languages, and is whole."""
    model = import_model(store, lay_out(stick / "faster-whisper-Toy", SPEECH))
    assert model.name == "toy"
    assert model.manifest.languages == ("en", "pt")
    assert not model.practice
    assert store.check("toy", Kind.SPEECH) == model
    assert left_behind(store) == ["toy"]


def test_a_model_of_a_hundred_languages_does_not_list_them(store: ModelStore, stick: Path) -> None:
    """Whisper's multilingual models know all languages, and say so in one sign."""
    codes = [a + b for a in "abcdefghij" for b in "klmnopqrst"]
    tokenizer = {"added_tokens": [{"content": f"<|{code}|>"} for code in codes]}
    lay_out(stick / "toy", SPEECH | {"tokenizer.json": json.dumps(tokenizer).encode()})
    assert import_model(store, stick).manifest.languages == ("*",)


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_translation_model_comes_from_a_package(
    store: ModelStore, stick: Path, unpacked: bool
) -> None:
    """As an .argosmodel or unpacked; it is named after its languages."""
    if unpacked:
        lay_out(stick / "translate-pt_en-1_0", TRANSLATION)
    else:
        package(stick / "pt_en.argosmodel", TRANSLATION)
    model = import_model(store, stick)
    assert model.name == "translate-pt_en"
    assert model.manifest.languages == ("pt", "en")
    check_files(model)


def test_only_files_that_are_data_are_taken(store: ModelStore, stick: Path) -> None:
    """Pickles, scripts and whatever else lies on the stick stay there."""
    more = {"stanza/pt/tokenize.pt": b"pickle", "setup.py": b"evil", "model/x/model.bin": b"deep"}
    model = import_model(store, package(stick / "p.argosmodel", TRANSLATION | more))
    there = {p.relative_to(model.path).as_posix() for p in model.path.rglob("*") if p.is_file()}
    assert there == {*TRANSLATION, "manifest.json"}


def test_links_are_not_followed(store: ModelStore, stick: Path, tmp_path: Path) -> None:
    """A link on a stick could name any file of this machine."""
    folder = lay_out(stick / "toy", SPEECH)
    (tmp_path / "secret").write_bytes(b"a secret")
    (folder / "README.md").symlink_to(tmp_path / "secret")
    model = import_model(store, folder)
    assert "README.md" not in model.manifest.files


def test_a_package_cannot_write_outside_its_folder(store: ModelStore, stick: Path) -> None:
    """A path with dots in a package is none of the files a model has."""
    climbing = {"../../../escaped": b"x", "minisbd/../../x.onnx": b"x"}
    import_model(store, package(stick / "p.argosmodel", TRANSLATION | climbing))
    assert left_behind(store) == ["translate-pt_en"]
    assert not list(stick.parent.rglob("escaped")) and not list(stick.parent.rglob("x.onnx"))


@pytest.mark.parametrize("lost", SPEECH)
def test_a_folder_that_lacks_a_file_leaves_nothing_behind(
    store: ModelStore, stick: Path, lost: str
) -> None:
    """Half a model is refused and no trace of it stays."""
    lay_out(stick / "toy", {path: data for path, data in SPEECH.items() if path != lost})
    with pytest.raises((DamagedModel, NotAModel)):
        import_model(store, stick / "toy")
    assert left_behind(store) == []


def test_what_is_no_model_is_told_as_such(store: ModelStore, stick: Path) -> None:
    """Nothing there, an empty stick, two models at once, and a package that is none."""
    with pytest.raises(NotAModel, match="does not exist"):
        import_model(store, stick / "nowhere")
    with pytest.raises(NotAModel):
        import_model(store, stick)
    (stick / "a.argosmodel").write_bytes(b"no zip")
    with pytest.raises(NotAModel, match="no package"):
        import_model(store, stick)
    lay_out(stick / "toy", SPEECH)
    with pytest.raises(NotAModel, match="2 models"):
        import_model(store, stick)


def test_a_folder_with_a_manifest_must_fit_it(
    store: ModelStore, stick: Path, tmp_path: Path
) -> None:
    """What another Confere exported is checked against what it said."""
    other = ModelStore(stick, bundled=tmp_path / "none")
    folder = installed(other)
    (folder / "config.json").write_bytes(b"[]")
    with pytest.raises(DamagedModel, match=r"config\.json has a wrong digest"):
        import_model(store, folder)
    (folder / "config.json").write_bytes(SPEECH["config.json"])
    assert import_model(store, folder).manifest == other.find("toy", Kind.SPEECH).manifest


def test_the_same_again_heals_a_damaged_one(store: ModelStore, stick: Path) -> None:
    """Importing once more is no error, and puts right what was broken."""
    folder = lay_out(stick / "toy", SPEECH)
    model = import_model(store, folder)
    (model.path / "model.bin").unlink()
    assert import_model(store, folder) == model
    check_files(model)


def test_another_model_does_not_take_the_name(store: ModelStore, stick: Path) -> None:
    """A name stands for one model; the other needs a name of its own."""
    import_model(store, lay_out(stick / "toy", SPEECH))
    other = lay_out(stick / "b" / "toy", SPEECH | {"config.json": b"[]"})
    with pytest.raises(BadValue, match="another model is installed as 'toy'"):
        import_model(store, other)
    assert import_model(store, other, name="toy-2").name == "toy-2"
    assert left_behind(store) == ["toy", "toy-2"]


@pytest.mark.parametrize("name", ["", "../toy", "Toy", ".toy", "a b"])
def test_a_name_that_is_no_folders_name_is_refused(
    store: ModelStore, stick: Path, name: str
) -> None:
    """Names come from people and from sticks, and become folders."""
    with pytest.raises(BadValue):
        import_model(store, lay_out(stick / "toy", SPEECH), name=name)


def test_a_practice_model_stays_one_without_its_manifest(tmp_path: Path, stick: Path) -> None:
    """Copied bare to a stick and imported again, it is recognised by its weights."""
    for path in (BUNDLED / "speech").iterdir():
        if path.name != "manifest.json":
            (stick / path.name).write_bytes(path.read_bytes())
    model = import_model(ModelStore(tmp_path / "models"), stick, name="real")
    assert model.practice


def test_a_practice_model_stays_one_whatever_its_manifest_says(tmp_path: Path, stick: Path) -> None:
    """Somebody who writes 'practice: false' into the manifest gets a practice model still."""
    for path in (BUNDLED / "speech").iterdir():
        (stick / path.name).write_bytes(path.read_bytes())
    value = json.loads((stick / "manifest.json").read_text()) | {"practice": False, "name": "real"}
    (stick / "manifest.json").write_text(json.dumps(value))
    assert import_model(ModelStore(tmp_path / "models"), stick).practice


def test_a_stick_that_is_pulled_leaves_nothing_behind(
    store: ModelStore, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An input error in the middle is told as one, and no half model stays."""
    lay_out(stick / "toy", SPEECH)

    def pulled(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error", str(stick / "toy" / "model.bin"))

    monkeypatch.setattr(os, "fdopen", pulled)
    with pytest.raises(StorageProblem, match=r"model\.bin: Input/output error"):
        import_model(store, stick)
    assert left_behind(store) == []


def test_the_files_of_an_imported_model_can_be_read_by_all_accounts(
    store: ModelStore, stick: Path
) -> None:
    """Models are no secret; a machine needs them once."""
    model = import_model(store, lay_out(stick / "toy", SPEECH))
    assert model.path.stat().st_mode & 0o055 == 0o055
