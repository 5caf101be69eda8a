"""``confere words``: every field of its JSON is described, and standard input is asked for once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from confere.acts.words import add_entry
from confere.cli import confere
from confere.domain import WordEntry, WordStatus
from doubles.studies import PASSPHRASE, Study

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


@pytest.mark.parametrize("command", ["list", "history", "proposals", "touched"])
def test_every_field_is_described(study: Study, tmp_path: Path, command: str) -> None:
    """In the command's own section, or where that points to."""
    (tmp_path / "pw").write_text(PASSPHRASE)
    desk = study.desk("ivo")
    add_entry(desk, WordEntry("UBS", "", WordStatus.KEEP))
    desk.vault.close()
    line = f"words {command} --json --as vera --passphrase-file {tmp_path / 'pw'}"
    words = [*line.split(), "--vault", str(study.root)]
    result = CliRunner().invoke(confere, words, catch_exceptions=False)
    value: Any = json.loads(result.stdout)
    fields = set(value[0] if isinstance(value, list) else value)
    section = DOCUMENT.partition(f"## `confere words {command} --json`")[2].partition("\n## ")[0]
    assert fields <= set(re.findall(r"`([a-z_]+)`", section))
    assert fields


def test_standard_input_is_one_thing(study: Study) -> None:
    """The list and the passphrase cannot both come from it."""
    words = ["words", "import", "-", "--as", "ivo", "--passphrase-file", "-"]
    result = CliRunner().invoke(confere, [*words, "--vault", str(study.root)])
    assert result.exit_code == 2
    assert "cannot both come from '-'" in result.output
