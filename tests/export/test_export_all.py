"""What holds for every kind of export."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from confere.crypto.checkpoint import Checkpoint, sign_checkpoint
from confere.crypto.signing import SigningKey
from confere.errors import BadProof
from confere.export import KINDS, ExportFile, ExportInput, manifest
from confere.export.manifest import checkpoint_in, same_but_checkpoint
from confere.export.values import safe
from export.samples import ORDINARY, RECORDING, digests, draft, hostile, signed

TESTS = Path(__file__).parents[1]
CHECKPOINT = Checkpoint("confere/" + "s" * 16, 17, b"r" * 32)
LOG = {
    "study_id": "s" * 16,
    "study_name": "Rivers",
    "checkpoint": sign_checkpoint(CHECKPOINT, "lena", SigningKey.from_seed(b"l" * 32)),
}
SAMPLES: list[Callable[[], ExportInput]] = [signed, draft, hostile]


@pytest.mark.parametrize("sample", SAMPLES)
def test_same_transcript_same_bytes(sample: Callable[[], ExportInput]) -> None:
    """Exporting twice gives the same names and bytes."""
    assert digests(sample()) == digests(sample())


@pytest.mark.parametrize(
    "place",
    [
        {"TZ": "Asia/Manila", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Sao_Paulo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    ],
)
def test_same_bytes_elsewhere(place: dict[str, str], tmp_path: Path) -> None:
    """Another process, time zone, locale, hash seed and folder give the same bytes."""
    program = (
        "import json\nfrom export.samples import digests, hostile, signed\n"
        "print(json.dumps([digests(signed()), digests(hostile())]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(TESTS)} | place,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    here = [[list(pair) for pair in digests(sample())] for sample in (signed, hostile)]
    assert json.loads(done.stdout) == here


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_recorders_file_name(kind: str) -> None:
    """The name that a file had on the recorder, and field notes, are in no export."""
    for sample in (signed, draft):
        for file in KINDS[kind](sample()):
            assert b"Maria" not in file.content
            assert "Maria" not in file.name


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_files(kind: str) -> None:
    """File names are of safe characters, and a draft's can never be taken for a version's."""
    final = {file.name for file in KINDS[kind](signed())}
    drafts = {file.name for file in KINDS[kind](draft())}
    assert not final & drafts
    assert all(name.startswith(f"{RECORDING.id}-v1.") for name in final)
    assert all(name.startswith(f"{RECORDING.id}-draft.") for name in drafts)


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_id(kind: str) -> None:
    """An id that climbs out of a folder is no path in a file's name."""
    for file in KINDS[kind](replace(draft(), recording_id="../../etc/passwd\x00")):
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.[a-z.]+", file.name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a1-b_c", "a1-b_c"), ("../x", "x"), ("", "unnamed"), ("...", "unnamed"), ("é", "unnamed")],
)
def test_safe(name: str, kept: str) -> None:
    """A name of safe characters stays, and any other becomes one."""
    assert safe(name) == kept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("practice", [False, True])
def test_empty_transcript(kind: str, practice: bool) -> None:
    """A recording in which nothing is said can be exported."""
    for given in (signed([], practice), draft([], practice)):
        assert all(file.content for file in KINDS[kind](given))


def test_source_language_is_the_one_spoken_longest() -> None:
    """The column of the source is named after the language that is spoken longest."""
    assert signed(ORDINARY).source_language == "pt"
    assert signed([("en", "I1", "Yes.", "Yes.")]).source_language == "en"
    assert signed([]).source_language == "en"


def test_manifest() -> None:
    """The manifest names every file with its size, digest and what it was made from."""
    given, other = signed(), draft(practice=True)
    files, others = KINDS["webvtt"](given), KINDS["json"](other)
    written = manifest([(given, files), (other, others)], **LOG)
    content = json.loads(written.content)
    assert (written.name, content["kind"], content["format"]) == (
        "manifest.json",
        "confere/export",
        1,
    )
    assert content["study"] == {"id": "s" * 16, "name": "Rivers"}
    assert content["checkpoint"] == LOG["checkpoint"]
    entries = {entry.pop("name"): entry for entry in content["files"]}
    assert list(entries) == sorted(file.name for file in [*files, *others])
    assert given.envelope is not None
    assert entries[files[0].name] == {
        "size_bytes": len(files[0].content),
        "sha256": hashlib.sha256(files[0].content).hexdigest(),
        "recording": RECORDING.id,
        "version": 1,
        "draft": False,
        "practice": False,
        "signed_sha256": hashlib.sha256(given.envelope).hexdigest(),
    }
    assert entries[others[0].name]["signed_sha256"] is None
    assert entries[others[0].name]["draft"] and entries[others[0].name]["practice"]


def test_manifest_does_not_depend_on_the_order() -> None:
    """The same files give the same manifest."""
    given = signed()
    files: list[ExportFile] = [file for write in KINDS.values() for file in write(given)]
    assert manifest([(given, files)], **LOG) == manifest([(given, files[::-1])], **LOG)


def test_two_manifests_of_the_same_files_differ_in_the_checkpoint_alone() -> None:
    """Another state of the log is no other export; another file, study or garbage is."""
    exports = [(signed(), KINDS["webvtt"](signed()))]
    one = manifest(exports, **LOG).content
    later = manifest(exports, **LOG | {"checkpoint": "later"}).content
    assert one != later
    assert same_but_checkpoint(one, later)
    others = [
        manifest(exports, **LOG | {"study_id": "other"}).content,
        manifest([(signed(), KINDS["json"](signed()))], **LOG).content,
        one.replace(b"webvtt", b"other") + b" x",
        b"",
        b"[1]",
        b"\xff",
    ]
    assert not any(same_but_checkpoint(one, other) for other in others)
    assert not same_but_checkpoint(b"[1]", b"[1]")


def test_the_checkpoint_of_a_manifest_is_found() -> None:
    """What was put in comes out; a manifest without one, or that is none, is told."""
    exports = [(signed(), KINDS["webvtt"](signed()))]
    assert checkpoint_in(manifest(exports, **LOG).content) == CHECKPOINT
    for content in (b"{}", b"[]", b"x", b'{"checkpoint": 1}', b'{"checkpoint": "a\\n\\nb"}'):
        with pytest.raises(BadProof):
            checkpoint_in(content)


def test_naming_the_kinds_loads_no_library() -> None:
    """The list of kinds is there without the libraries that write them."""
    program = "import sys, confere.export; print({'docx', 'webvtt', 'lxml'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
