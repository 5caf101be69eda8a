"""What every copy store does, whoever implements it.

A new one adds a factory to ``FACTORIES``: given an empty folder and a monkeypatch, it returns an empty store.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confere.backup.folder import FolderStore
from confere.backup.names import is_safe
from confere.backup.port import CopyStore, SourceFault, StoredFacts
from confere.errors import BadValue, CopyUnderway, MissingCopy
from doubles.object_server import object_store

Factory = Callable[[Path, pytest.MonkeyPatch], CopyStore]

NAME = "vault/recordings/0000000000000001/audio.age"
ODD = [
    "vault/com espaço/ação – 1%2F+&=?#.age",
    "vault/~tilde/[a]*{b}|'\"<>:;,@!$^`.age",
    "vault/日本語/नमस्ते.age",
    "vault/" + "x" * 255,
    "a",
]


def folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> CopyStore:
    """A folder of this disk."""
    return FolderStore(place / "copy")


def objects(place: Path, monkeypatch: pytest.MonkeyPatch) -> CopyStore:
    """A prefix of a bucket."""
    return object_store(monkeypatch)


def whole_bucket(place: Path, monkeypatch: pytest.MonkeyPatch) -> CopyStore:
    """A bucket without a prefix, that keeps versions."""
    return object_store(monkeypatch, prefix="", versions=True)


FACTORIES: list[Factory] = [folder, objects, whole_bucket]


@pytest.fixture(params=FACTORIES, ids=lambda factory: factory.__name__)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CopyStore]:
    """Each of the stores, empty and claimed."""
    factory: Factory = request.param
    made = factory(tmp_path, monkeypatch)
    with made.claim():
        yield made
    made.close()


def sha256(content: bytes) -> str:
    """The digest of bytes in memory."""
    return hashlib.sha256(content).hexdigest()


def put(store: CopyStore, name: str, content: bytes) -> None:
    """Put bytes as they should be."""
    store.put(name, io.BytesIO(content), len(content), sha256(content))


def read(store: CopyStore, name: str) -> bytes:
    """Read a file in small portions."""
    with store.open(name) as stream:
        return b"".join(iter(lambda: stream.read(7919), b""))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_what_is_put_can_be_read_and_digested(store: CopyStore, size: int) -> None:
    """Any length comes back whole, in the listing, in the stream and in the digest."""
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    put(store, NAME, content)
    assert store.names() == {NAME: StoredFacts(size)}
    assert read(store, NAME) == content
    seen: list[int] = []
    assert store.digest(NAME, seen.append) == (sha256(content), size)
    assert sum(seen) == size


def test_a_second_put_replaces_the_first(store: CopyStore) -> None:
    """A name holds what was put last."""
    put(store, NAME, b"older and longer")
    put(store, NAME, b"newer")
    assert read(store, NAME) == b"newer"


@pytest.mark.parametrize(
    ("given", "size", "announced"),
    [
        pytest.param(b"short", 6, b"short!", id="too short"),
        pytest.param(b"longer", 5, b"longe", id="too long"),
        pytest.param(b"wrong", 5, b"right", id="another digest"),
        pytest.param(b"", 1, b"x", id="nothing"),
        pytest.param(b"x", 0, b"", id="something"),
        pytest.param(b"w" * 3_000_000, 3_000_000, b"r" * 3_000_000, id="large"),
    ],
)
def test_a_source_that_is_not_as_announced_changes_nothing(
    store: CopyStore, given: bytes, size: int, announced: bytes
) -> None:
    """Neither a new name appears nor does an old one change."""
    put(store, "vault/old", b"as it was")
    for name in ("vault/new", "vault/old"):
        with pytest.raises(SourceFault):
            store.put(name, io.BytesIO(given), size, sha256(announced))
    assert store.names() == {"vault/old": StoredFacts(9)}
    assert read(store, "vault/old") == b"as it was"


class Breaking(io.BytesIO):
    """A source whose disk gives out."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give one block, then none."""
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(10)


def test_a_source_that_breaks_changes_nothing(store: CopyStore) -> None:
    """A read error of the source is told as the source's fault."""
    with pytest.raises(SourceFault, match="Input/output error"):
        store.put(NAME, Breaking(b"x" * 100), 100, sha256(b"x" * 100))
    assert store.names() == {}


def test_what_is_removed_is_gone_and_may_be_removed_again(store: CopyStore) -> None:
    """Removing takes one name and no other, and is at ease with an absent one."""
    put(store, "vault/a/key.age", b"k")
    put(store, "vault/a/key.age.old", b"o")
    store.remove("vault/a/key.age")
    store.remove("vault/a/key.age")
    assert list(store.names()) == ["vault/a/key.age.old"]
    store.remove("vault/a/key.age.old")
    assert store.names() == {}


def test_what_is_not_there_is_said_to_be_missing(store: CopyStore) -> None:
    """Opening and digesting a name that is not there names it."""
    put(store, NAME, b"x")
    for act in (store.open, store.digest):
        with pytest.raises(MissingCopy, match="vault/other"):
            act("vault/other")


def test_a_listing_can_be_of_one_folder(store: CopyStore) -> None:
    """A folder's listing holds what is below it, not what begins alike; hidden names are not told."""
    for name in ("vault/a", "vault/b/c", "vaults/d", "backup.json"):
        put(store, name, b"")
    assert sorted(store.names("vault")) == ["vault/a", "vault/b/c"]
    assert sorted(store.names()) == ["backup.json", "vault/a", "vault/b/c", "vaults/d"]
    assert store.names("nothing") == {}


def test_names_with_odd_characters_are_kept(store: CopyStore) -> None:
    """Spaces, marks, other scripts and long names are names like any other."""
    for name in ODD:
        put(store, name, name.encode())
    assert sorted(store.names()) == sorted(ODD)
    for name in ODD:
        assert read(store, name) == name.encode()
        store.remove(name)
    assert store.names() == {}


UNSAFE = [
    "",
    "/etc/passwd",
    "../x",
    "a/../b",
    "a//b",
    "a/",
    ".",
    "a/./b",
    "a\\b",
    "..\\x",
    ".hidden",
    "a/.partial",
    "a\nb",
    "a\x00b",
    "a\x7f",
    "\ud800",
    "x" * 256,
    "/".join(["x" * 200] * 5),
]


def test_unsafe_names_are_refused_by_everything(store: CopyStore) -> None:
    """No name leads out of the store, into its hidden files or is read differently elsewhere."""
    for name in UNSAFE:
        with pytest.raises(BadValue):
            put(store, name, b"x")
        with pytest.raises(BadValue):
            store.open(name)
        with pytest.raises(BadValue):
            store.digest(name)
        with pytest.raises(BadValue):
            store.remove(name)
        with pytest.raises(BadValue):
            store.swap(name, b"x", None)
    assert store.names() == {}


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(alphabet="a./\\~é\x00 ", max_size=12))
def test_a_safe_name_stays_inside_a_folder(tmp_path: Path, name: str) -> None:
    """Whatever text is called safe names a place below the folder it is joined to."""
    if is_safe(name):
        assert (tmp_path / name).resolve().is_relative_to(tmp_path)
        assert (tmp_path / name).relative_to(tmp_path).as_posix() == name


def test_swap_takes_a_free_name_once(store: CopyStore) -> None:
    """Of two who found nothing there, the second is refused."""
    store.swap("backup.json", b"first", None)
    with pytest.raises(CopyUnderway):
        store.swap("backup.json", b"second", None)
    assert read(store, "backup.json") == b"first"


def test_swap_replaces_only_what_was_seen(store: CopyStore) -> None:
    """Of two who saw the same content, the second is refused."""
    store.swap("backup.json", b"first", None)
    store.swap("backup.json", b"second", b"first")
    with pytest.raises(CopyUnderway):
        store.swap("backup.json", b"third", b"first")
    with pytest.raises(CopyUnderway):
        store.swap("nothing", b"third", b"first")
    assert read(store, "backup.json") == b"second"


def test_the_place_is_named(store: CopyStore) -> None:
    """People are told a place that they know, and no secret."""
    assert store.where.startswith(("/", "s3://"))
    assert "secret" not in store.where
    assert "secret" not in repr(store)
