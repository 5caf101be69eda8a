"""The installed models: found, listed, checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confere.errors import DamagedModel, ModelMissing, PracticeOnly
from confere.models.manifest import Kind, ModelManifest, parse_manifest, read_manifest
from confere.models.store import BUNDLED, ModelStore, admit
from doubles.small_models import SPEECH, installed


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with nothing in it, not even the practice models."""
    return ModelStore(tmp_path / "models", bundled=tmp_path / "none")


def test_the_practice_models_ship_with_confere_whole(tmp_path: Path) -> None:
    """An empty machine has a speech and a translation model for practice, as their manifests say."""
    store = ModelStore(tmp_path / "models")
    kinds = {model.manifest.kind for model in store.installed()}
    assert kinds == {Kind.SPEECH, Kind.TRANSLATION}
    for model in store.installed():
        assert model.practice
        assert store.check(model.name, model.manifest.kind) == model


def test_a_model_is_found_by_name_and_kind(store: ModelStore) -> None:
    """A speech model is no translation model, and an unknown name is missing."""
    installed(store)
    assert store.find("toy", Kind.SPEECH).name == "toy"
    with pytest.raises(ModelMissing, match="'toy' is not installed"):
        store.find("toy", Kind.TRANSLATION)
    with pytest.raises(ModelMissing):
        store.find("other", Kind.SPEECH)


def test_checking_reads_every_byte_and_tells_how_far_it_is(store: ModelStore) -> None:
    """Progress ends with the length of all files."""
    installed(store)
    told: list[tuple[int, int]] = []
    model = store.check("toy", Kind.SPEECH, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (model.manifest.size_bytes, model.manifest.size_bytes)


@pytest.mark.parametrize("lost", SPEECH)
def test_a_model_that_lacks_a_file_is_named_with_the_file(store: ModelStore, lost: str) -> None:
    """Whichever file is gone, the error says which."""
    (installed(store) / lost).unlink()
    with pytest.raises(DamagedModel, match=f"'toy' is not usable: {lost} is missing"):
        store.check("toy", Kind.SPEECH)


def test_one_wrong_byte_is_found(store: ModelStore) -> None:
    """A file of the right length with another content has a wrong digest."""
    weights = installed(store) / "model.bin"
    content = bytearray(weights.read_bytes())
    content[77] ^= 1
    weights.write_bytes(content)
    with pytest.raises(DamagedModel, match=r"model\.bin has a wrong digest"):
        store.check("toy", Kind.SPEECH)


def test_a_file_of_another_length_is_found(store: ModelStore) -> None:
    """A file that was cut off is told before it is read."""
    folder = installed(store)
    (folder / "config.json").write_bytes(b"{} ")
    with pytest.raises(DamagedModel, match=r"config\.json has the wrong length"):
        store.check("toy", Kind.SPEECH)


def test_a_manifest_without_the_tokenizer_is_refused(store: ModelStore) -> None:
    """Without tokenizer.json the net would be asked, so such a model is not usable."""
    folder = installed(store)
    value = json.loads((folder / "manifest.json").read_text())
    del value["files"]["tokenizer.json"]
    (folder / "manifest.json").write_text(json.dumps(value))
    with pytest.raises(DamagedModel, match=r"it has no tokenizer\.json"):
        store.check("toy", Kind.SPEECH)


def test_a_file_that_nobody_vouched_for_is_refused(store: ModelStore) -> None:
    """A loader would take a vocabulary that lies there, so it must be in the manifest."""
    folder = installed(store)
    (folder / "vocabulary.json").write_bytes(b"[]")
    with pytest.raises(DamagedModel, match=r"vocabulary\.json is not in its manifest"):
        store.check("toy", Kind.SPEECH)


def test_a_manifest_that_does_not_read_hides_no_other_model(store: ModelStore) -> None:
    """The broken one is told, the whole one is listed."""
    installed(store)
    (installed(store, "broken") / "manifest.json").write_text("{")
    assert [model.name for model in store.installed()] == ["toy"]
    assert ["broken" in problem.message for problem in store.damaged()] == [True]
    with pytest.raises(DamagedModel):
        store.find("broken", Kind.SPEECH)


def test_folders_that_were_not_finished_are_not_seen(store: ModelStore) -> None:
    """What begins with a dot is work in progress."""
    installed(store).rename(store.folder / "speech" / ".new-toy")
    assert store.installed() == ()


def test_practice_models_open_in_a_practice_vault_only(store: ModelStore) -> None:
    """A practice model in a study's vault is refused; a real one opens in both."""
    installed(store, "toy", practice=True)
    installed(store, "real")
    admit(store.find("toy", Kind.SPEECH), practice_vault=True)
    with pytest.raises(PracticeOnly, match="'toy' is a practice model"):
        admit(store.find("toy", Kind.SPEECH), practice_vault=False)
    for practice_vault in (True, False):
        admit(store.find("real", Kind.SPEECH), practice_vault)


def test_the_digest_of_a_model_names_every_byte_of_it() -> None:
    """Another file, another licence: another digest; the order of the files says nothing."""
    manifest = read_manifest(BUNDLED / "speech")
    value = manifest.as_json()
    value["files"] = dict(reversed(value["files"].items()))
    assert parse_manifest(value, "again").digest() == manifest.digest()
    value["files"]["model.bin"]["sha256"] = "0" * 64
    assert parse_manifest(value, "other").digest() != manifest.digest()


def _manifest(**changed: object) -> ModelManifest:
    return parse_manifest(read_manifest(BUNDLED / "speech").as_json() | changed, "a test")


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 2},
        {"name": "../../etc"},
        {"kind": "poetry"},
        {"files": {}},
        {"files": {"../model.bin": {"sha256": "0" * 64, "size_bytes": 1}}},
        {"files": {"/model.bin": {"sha256": "0" * 64, "size_bytes": 1}}},
        {"files": {"model.bin": {"sha256": "0" * 63, "size_bytes": 1}}},
        {"files": {"model.bin": {"sha256": "0" * 64, "size_bytes": -1}}},
        {"kind": "translation", "languages": ["pt"]},
        {"profile": {"beam": [5]}},
        {"languages": None},
    ],
)
def test_a_manifest_that_says_nonsense_is_refused(changed: dict[str, object]) -> None:
    """Each wrong value is an error, and a path out of the folder above all."""
    with pytest.raises(DamagedModel):
        _manifest(**changed)


def test_a_manifest_unclear_about_practice_is_one_of_a_practice_model() -> None:
    """Only a plain no makes a model fit for a study."""
    assert _manifest(practice="no").practice
    assert not _manifest(practice=False).practice
