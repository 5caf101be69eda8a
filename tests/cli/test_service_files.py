"""The files that make a service of the watcher: what they start, and what they do not let it do."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confere.cli.exit_codes import TABLE
from confere.cli.offload import command
from confere.errors import BadInput, DamagedStore, ForgedStore, Refused

SERVICE = Path(__file__).parents[2] / "config" / "service"
UNIT = SERVICE / "confere-watch.service"

FORBIDDEN = {
    "NoNewPrivileges": "yes",
    "PrivateNetwork": "yes",
    "RestrictAddressFamilies": "AF_UNIX",
    "ProtectSystem": "strict",
    "ProtectHome": "read-only",
    "MemoryDenyWriteExecute": "yes",
    "RestrictNamespaces": "yes",
    "CapabilityBoundingSet": "",
    "LimitCORE": "0",
    "UMask": "0077",
}


def settings(section: str) -> dict[str, list[str]]:
    """Return the settings of a part of the unit; one may be given several times."""
    found: dict[str, list[str]] = {}
    inside = ""
    for line in UNIT.read_text("utf-8").splitlines():
        if line.startswith("["):
            inside = line.strip("[]")
        elif "=" in line and not line.startswith("#") and inside == section:
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def starts(arguments: list[str]) -> None:
    """What is started is a command line that Confere reads."""
    assert Path(arguments[0]).name == "confere"
    assert arguments[1] == command.name
    command.make_context("offload", arguments[2:])


def test_both_start_the_watcher() -> None:
    """With options that there are."""
    starts(settings("Service")["ExecStart"][0].split())
    agent = plistlib.loads((SERVICE / "org.confere.watch.plist").read_bytes())
    starts(agent["ProgramArguments"])
    assert agent["Umask"] == 0o077


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_the_unit_forbids_what_the_watcher_does_not_need(name: str) -> None:
    """The network, new rights, other people's files, code made while it runs."""
    assert settings("Service")[name] == [FORBIDDEN[name]]


def test_no_name_of_a_file_reaches_a_disk() -> None:
    """What is said goes into memory, or nowhere: names of files may tell about people."""
    said = settings("Service")
    for stream in ("StandardOutput", "StandardError"):
        assert said[stream][0].startswith("append:%t/confere-")
    agent = plistlib.loads((SERVICE / "org.confere.watch.plist").read_bytes())
    assert {agent["StandardOutPath"], agent["StandardErrorPath"]} == {"/dev/null"}


def test_what_does_not_get_better_is_not_tried_again() -> None:
    """Another watcher, a wrong setting, a vault that is not in order."""
    codes = {str(code) for family, code, _ in TABLE
             if family in (Refused, BadInput, DamagedStore, ForgedStore)}  # fmt: skip
    assert set(settings("Service")["RestartPreventExitStatus"][0].split()) == codes


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Every line of it; with the command in a place that there is."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace("%h/.local/bin/confere", sys.executable)
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    if "initialize manager" in done.stderr:
        pytest.skip("systemd-analyze does not work here")
    assert (done.returncode, done.stderr) == (0, "")
