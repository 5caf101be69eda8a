"""Receipts on the disk and notifications of the desktop."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from confere.cli import notify
from confere.cli.receipts import ReceiptFolder
from confere.errors import BadValue
from confere.intake.receipt import Receipt

RECEIPT = Receipt(
    id="e" * 16,
    study="Cities and Care",
    machine="laptop-2",
    recorder="H5/SD ../x",
    begun="2026-03-01T18:00:00+00:00",
    ended="2026-03-01T18:03:11+00:00",
    outcomes=(),
)


def test_a_receipt_is_saved_twice_and_privately(tmp_path: Path) -> None:
    """As text and as a page, readable by this account alone; a recorder's label leads nowhere."""
    folder = tmp_path / "papers" / "today"
    text, page = ReceiptFolder(folder, "en").save(RECEIPT, "signed\n")
    assert (text.name, page.suffix) == ("20260301-1803-H5_SD_x-eeeeee.txt", ".pdf")
    assert text.read_bytes() == b"signed\n"
    assert page.read_bytes().startswith(b"%PDF-")
    assert sorted(folder.iterdir()) == sorted([text, page])
    assert [stat.S_IMODE(p.stat().st_mode) for p in (text, page)] == [0o600, 0o600]


def test_no_receipt_is_written_over(tmp_path: Path) -> None:
    """The second of the same name is refused, and the first one stays."""
    folder = ReceiptFolder(tmp_path, "pt")
    text, _ = folder.save(RECEIPT, "first")
    with pytest.raises(BadValue, match="could not be written") as refused:
        folder.save(RECEIPT, "second")
    assert "safe in the vault" in refused.value.hint
    assert text.read_text() == "first"


def test_a_folder_that_cannot_be_written_to_is_found_out_first(tmp_path: Path) -> None:
    """Before anything is offloaded."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match="cannot be written") as refused:
        ReceiptFolder(tmp_path / "file", "en")
    assert "Nothing was offloaded" in refused.value.hint


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose two programs write down what they were told, a line each."""
    for name in ("notify-send", "osascript"):
        program = tmp_path / name
        program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/told"\n')
        program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_the_desktop_is_told(desktop: Path, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and text reach the desktop's program as they are, whatever is in them."""
    monkeypatch.setattr(sys, "platform", platform)
    assert notify.notify("Confere", '-x "$(touch bad)" 3 recordings')
    told = (desktop / "told").read_text().splitlines()
    assert told[-2:] == ["Confere", '-x "$(touch bad)" 3 recordings']
    assert ("suppress-sound" in " ".join(told)) == (platform == "linux")


def test_where_there_is_no_desktop_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server has none; and one whose program fails is as good as none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not notify.notify("Confere", "done")
    broken = tmp_path / "notify-send"
    broken.write_text("not a program")
    broken.chmod(0o700)
    assert not notify.notify("Confere", "done")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_account(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system says it, the more particular variable first."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert notify.language() == expected
