"""What the guide of the cluster types, works: certificates by our command and by OpenSSL; the rest reads."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from confere.cli import confere
from confere.cli.cluster import command as cluster_command
from confere.cli.worker import command as worker_command
from confere.crypto.certificates import facts_of, is_under
from confere.crypto.members import is_from_worker, sign_as_member
from confere.errors import BadInput, BadValue, ProgramMissing
from doubles.clusters import files_of, options

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "cluster.md").read_text("utf-8")


def certificates(folder: Path, *workers: str) -> None:
    """Run the command."""
    names = [argument for worker in workers for argument in ("--worker", worker)]
    cluster_command.main(["certificates", str(folder), *names], standalone_mode=False)


def test_certificates_are_made_once_and_keys_are_closed(tmp_path: Path) -> None:
    """A worker that is added later gets one of the same authority; the others keep theirs."""
    certificates(tmp_path / "all", "ana")
    before = {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    certificates(tmp_path / "all", "ana", "rui")
    after = {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    assert set(after) - set(before) == {"rui.pem", "rui.key"}
    assert {name: after[name] for name in before} == before
    for path in (tmp_path / "all").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.suffix == ".key" else 0o644)
        if path.stem != "ca" and path.suffix == ".pem":
            assert is_under(path.read_bytes(), after["ca.pem"])
    left = facts_of(after["rui.pem"]).not_after - datetime.now(UTC)
    assert timedelta(days=390) < left < timedelta(days=397)


@pytest.mark.parametrize("name", ["ca", "client", "../ana", "", "a/b", "-x", "a\n"])
def test_a_worker_has_a_name_that_is_a_files(tmp_path: Path, name: str) -> None:
    """Nothing is made for another."""
    with pytest.raises(BadValue):
        certificates(tmp_path / "all", name)
    assert not (tmp_path / "all").exists()


def test_an_authority_that_is_none_is_told(tmp_path: Path) -> None:
    """Nothing is signed with it."""
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "ca.key").write_text("no key")
    with pytest.raises(BadInput, match="not a certificate"):
        certificates(tmp_path, "ana")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca.key", "ca.pem"]


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl here")
def test_openssl_as_the_guide_has_it_makes_workers(tmp_path: Path) -> None:
    """A worker of such certificates is believed, and nobody else of them is."""
    [script] = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    run = subprocess.run(["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    authority = (tmp_path / "ca.pem").read_bytes()
    believed = {}
    for name in ("ana", "client", "scheduler"):
        files = files_of(tmp_path, name)
        files.check()
        signature = sign_as_member(files.key.read_bytes(), b"said")
        certificate, now = files.certificate.read_bytes(), datetime.now(UTC)
        believed[name] = is_from_worker(certificate, authority, signature, b"said", now)
        assert not is_from_worker(certificate, authority, signature, b"other", now)
    assert believed == {"ana": True, "client": False, "scheduler": False}


def test_what_the_guide_types_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command line shown is one that the command line reads."""
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^\$ confere (.*)$", GUIDE, re.MULTILINE)
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line)
        for word in words:
            if word.endswith((".pem", ".key")):
                Path(word).touch()
        command: click.Command | None = confere
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None
        arguments = [str(tmp_path) if word == "/srv/study" else word for word in words]
        command.make_context("confere", arguments)


def test_without_dask_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    certificates(tmp_path, "ana")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    for command, given in (
        (worker_command, ["tls://localhost:1", "--objects", str(tmp_path)]),
        (cluster_command, ["scheduler"]),
    ):
        with pytest.raises(ProgramMissing) as missing:
            command.main([*given, *options(files_of(tmp_path, "ana"))], standalone_mode=False)
        assert "confere[cluster]" in missing.value.hint
