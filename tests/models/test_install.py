"""Downloads from a stand-in for the models' usual places, in good order and bad."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from confere.errors import BadValue, DamagedModel, NoSuchThing, NotPinned, Offline
from confere.models import shape
from confere.models.catalogue import CatalogueEntry, catalogue, look_up
from confere.models.install import install
from confere.models.manifest import FileEntry, Kind, is_safe_path
from confere.models.store import ModelStore
from doubles.small_models import SPEECH, TRANSLATION, installed, package
from doubles.stand_in import Place, serving

WEIGHTS = "/hub/toy/model.bin"


def pin(
    name: str, kind: Kind, languages: tuple[str, ...], files: dict[str, bytes]
) -> CatalogueEntry:
    """A catalogue's entry for these files."""
    return CatalogueEntry(
        name=name,
        kind=kind,
        languages=languages,
        licence="MIT",
        host="https://hub.invalid",
        path="hub/toy",
        files={
            path: FileEntry(hashlib.sha256(data).hexdigest(), len(data))
            for path, data in files.items()
        },
    )


TOY = pin("toy", Kind.SPEECH, ("*",), SPEECH)


@pytest.fixture
def place() -> Iterator[Place]:
    """A place that has the toy model."""
    with serving(Place({f"/hub/toy/{path}": data for path, data in SPEECH.items()})) as serves:
        yield serves


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with nothing in it."""
    return ModelStore(tmp_path / "models", bundled=tmp_path / "none")


def test_a_model_is_fetched_checked_and_there(store: ModelStore, place: Place) -> None:
    """All files come, progress ends at their length, and nothing else stays behind."""
    told: list[tuple[int, int]] = []
    model = install(
        store, TOY, mirror=place.url, progress=lambda done, total: told.append((done, total))
    )
    assert store.check("toy", Kind.SPEECH) == model
    assert model.manifest.origin == "https://hub.invalid/hub/toy"
    assert told == sorted(told) and told[-1] == (TOY.size_bytes, TOY.size_bytes)
    assert [path.name for path in (store.folder / "speech").iterdir()] == ["toy"]


def test_what_is_installed_is_not_fetched_again(store: ModelStore, place: Place) -> None:
    """A second install asks for nothing; a damaged model is fetched anew."""
    model = install(store, TOY, mirror=place.url)
    place.asked.clear()
    assert install(store, TOY, mirror=place.url) == model
    assert place.asked == []
    (model.path / "model.bin").write_bytes(b"")
    assert install(store, TOY, mirror=place.url) == model
    store.check("toy", Kind.SPEECH)


def test_a_broken_line_is_taken_up_again(store: ModelStore, place: Place) -> None:
    """A download that is cut off twice goes on where it was, and comes out right."""
    place.breaks_after = [30_000, 40_000]
    install(store, TOY, mirror=place.url)
    assert [wanted for path, wanted in place.asked if path == WEIGHTS] == [
        "",
        "bytes=30000-",
        "bytes=70000-",
    ]


def test_the_next_day_goes_on_where_the_last_ended(store: ModelStore, place: Place) -> None:
    """When the line stays dead, what came is kept for the next run."""
    place.breaks_after = [30_000, 0, 0, 0]
    with pytest.raises(Offline, match="could not be fetched"):
        install(store, TOY, mirror=place.url)
    assert store.installed() == ()
    place.asked.clear()
    install(store, TOY, mirror=place.url)
    assert (WEIGHTS, "bytes=30000-") in place.asked


def test_a_server_that_knows_no_ranges_begins_again(store: ModelStore, place: Place) -> None:
    """The whole file comes then, and is not added to what was there."""
    place.ranges = False
    place.breaks_after = [30_000]
    install(store, TOY, mirror=place.url)
    store.check("toy", Kind.SPEECH)


@pytest.mark.parametrize("path", SPEECH)
def test_a_wrong_digest_is_refused_and_deleted(store: ModelStore, place: Place, path: str) -> None:
    """One other byte in one file: no model, and the file is gone so that it can come again."""
    good = place.files[f"/hub/toy/{path}"]
    place.files[f"/hub/toy/{path}"] = bytes([good[0] ^ 1]) + good[1:]
    with pytest.raises(DamagedModel, match=f"{path} came with a wrong digest"):
        install(store, TOY, mirror=place.url)
    assert store.installed() == ()
    assert not list(store.folder.rglob(f"{path}*"))
    place.files[f"/hub/toy/{path}"] = good
    install(store, TOY, mirror=place.url)


def test_what_is_left_of_another_revision_is_not_used(store: ModelStore, place: Place) -> None:
    """A file that came whole on another day is compared again before it counts."""
    old = store.folder / "speech" / ".part-toy"
    old.mkdir(parents=True)
    (old / "config.json").write_bytes(b"[]")
    (old / "model.bin.part").write_bytes(b"of another model")
    with pytest.raises(DamagedModel, match=r"model\.bin came with a wrong digest"):
        install(store, TOY, mirror=place.url)
    model = install(store, TOY, mirror=place.url)
    assert (model.path / "config.json").read_bytes() == SPEECH["config.json"]


def test_a_name_that_is_taken_is_refused_before_anything_is_fetched(
    store: ModelStore, place: Place
) -> None:
    """A model of another origin keeps its name."""
    installed(store)
    with pytest.raises(BadValue, match="another model is installed as 'toy'"):
        install(store, TOY, mirror=place.url)
    assert place.asked == []


@pytest.mark.parametrize("change", [b"more", b""])
def test_a_file_of_another_length_is_refused(
    store: ModelStore, place: Place, change: bytes
) -> None:
    """Longer or shorter than the catalogue says, it is no file of this model."""
    place.files[WEIGHTS] = SPEECH["model.bin"] + change if change else SPEECH["model.bin"][:-9]
    with pytest.raises(Offline):
        install(store, TOY, mirror=place.url)
    assert store.installed() == ()


def test_a_file_that_is_not_there_is_told(store: ModelStore, place: Place) -> None:
    """The error says what was asked and what was answered."""
    del place.files["/hub/toy/config.json"]
    with pytest.raises(Offline, match=r"toy/config\.json answered 404"):
        install(store, TOY, mirror=place.url)


def test_no_net_is_told(store: ModelStore) -> None:
    """Where nobody answers, the error says so and how to do without."""
    with pytest.raises(Offline, match="ConnectError") as told:
        install(store, TOY, mirror="http://127.0.0.1:1")
    assert "import" in told.value.hint


def test_an_argos_package_is_unpacked(store: ModelStore, tmp_path: Path) -> None:
    """A package is checked as the archive it is, then installed as the folder it holds."""
    archive = package(tmp_path / "a.argosmodel", TRANSLATION).read_bytes()
    entry = pin("translate-pt_en", Kind.TRANSLATION, ("pt", "en"), {"p.argosmodel": archive})
    with serving(Place({"/hub/toy/p.argosmodel": archive})) as serves:
        model = install(store, entry, mirror=serves.url)
    assert store.check("translate-pt_en", Kind.TRANSLATION) == model
    assert "model/model.bin" in model.manifest.files


def test_a_package_of_other_languages_is_refused(store: ModelStore, tmp_path: Path) -> None:
    """A catalogue that names the wrong package is found out."""
    archive = package(tmp_path / "a.argosmodel", TRANSLATION).read_bytes()
    entry = pin("translate-hi_en", Kind.TRANSLATION, ("hi", "en"), {"p.argosmodel": archive})
    with (
        serving(Place({"/hub/toy/p.argosmodel": archive})) as serves,
        pytest.raises(DamagedModel, match="it translates pt to en"),
    ):
        install(store, entry, mirror=serves.url)
    assert store.installed() == ()


def test_a_model_without_pinned_digests_is_not_fetched(store: ModelStore) -> None:
    """What nobody vouched for is named with the place to get it from, and left there."""
    with pytest.raises(NotPinned, match="has no pinned digest yet") as told:
        install(store, look_up("translate-bn_en"))
    assert "argos-net.com" in told.value.hint


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    """Who mistypes a name sees the names there are."""
    with pytest.raises(NoSuchThing) as told:
        look_up("smal")
    assert "small" in told.value.hint


def test_the_catalogue_is_in_order() -> None:
    """Names are unique, pinned models are complete, and every file is one that a model may have."""
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.origin.startswith("https://")
        assert all(is_safe_path(path) for path in entry.files)
        assert all(len(each.sha256) == 64 and each.size_bytes > 0 for each in entry.files.values())
        if entry.kind is Kind.SPEECH:
            assert shape.missing(entry.kind, entry.files) is None
            assert all(shape.allowed(entry.kind, path) for path in entry.files)
            assert "/resolve/main" not in entry.path  # a branch moves, a revision does not
        else:
            assert len(entry.languages) == 2
