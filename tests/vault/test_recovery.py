"""The recovery key: read from paper, whole or from sheets, and only this study's."""

from __future__ import annotations

from pathlib import Path

import pytest

from confere.acts import setup
from confere.crypto.sheets import join_candidates, sheets_of
from confere.errors import BadInput, BadKeyText, SheetMissing, WrongKey, WrongSheets
from confere.vault import Vault
from confere.vault.recovery import RecoveryKey
from confere.vault.roster import Recovery
from doubles.studies import PASSPHRASE, SETTINGS, Study


def test_the_key_of_another_study_is_refused(study: Study) -> None:
    """Before anything is changed."""
    public = Vault(study.root).roster.recovery
    other = RecoveryKey.make("hybrid", 0)
    with pytest.raises(WrongKey, match="recovery key"):
        RecoveryKey.read([str(other.identity)], public)
    assert RecoveryKey.read([study.recovery_key], public).public == public


@pytest.mark.parametrize("texts", [[], [""], ["\n# only a remark\n"], ["AGE-SECRET-KEY-PQ-1XYZ"]])
def test_what_is_no_key_is_told_as_such(study: Study, texts: list[str]) -> None:
    """An empty file is not a fault of the vault."""
    with pytest.raises(BadKeyText):
        RecoveryKey.read(texts, Vault(study.root).roster.recovery)


def test_two_keys_in_one_file_are_one_too_many(study: Study) -> None:
    """Which one is meant nobody can know."""
    with pytest.raises(BadKeyText, match="one key"):
        RecoveryKey.read([study.recovery_key] * 2, Vault(study.root).roster.recovery)


@pytest.mark.parametrize("keys", ["hybrid", "x25519"])
def test_any_two_sheets_recover_the_only_lead(tmp_path: Path, keys: str) -> None:
    """One alone does not, nor does one of another study."""
    created = setup.create_study(
        tmp_path / "vault",
        study="Prova",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=True,
        keys=keys,  # type: ignore[arg-type]
        sheets=3,
    )
    first, _, third = created.recovery.sheets
    public = created.vault.roster.recovery
    assert public.sheets == 3
    other = RecoveryKey.make("hybrid", 2).sheets[0]
    with pytest.raises(SheetMissing):
        RecoveryKey.read([first], public)
    with pytest.raises(SheetMissing):
        RecoveryKey.read([first, first], public)
    with pytest.raises((WrongSheets, BadInput)):
        RecoveryKey.read([first, other], public)
    recovery = RecoveryKey.read([third, first], public)
    setup.recover(Vault(tmp_path / "vault"), "lena", recovery, "another four words")
    Vault(tmp_path / "vault").unlock("lena", "another four words").close()


def test_sheets_are_found_in_a_file_however_they_were_typed() -> None:
    """One a line, one a paragraph, as they were printed, with and without their headings."""
    one, two = RecoveryKey.make("hybrid", 2).sheets
    words = one.split()
    printed = "\n".join(
        " ".join(f"{n + 1:>4} {words[n]}" for n in range(start, min(start + 6, 33)))
        for start in range(0, 33, 6)
    )
    for text in (
        f"{one}\n{two}\n",
        f"{one}\n\n\n{two}",
        f"  Sheet 1 of 2\n{printed}\n  Sheet 2 of 2\n{two}\n",
        f"# mine\n{printed}\n\n# theirs\n{two}\n",
    ):
        found = sheets_of(text)
        assert len(found) == 2, text
        assert found[1].split() == two.split()
        key = RecoveryKey.read(found, _public(found))
        assert key.identity


def _public(sheets: list[str]) -> Recovery:

    hybrid, _ = join_candidates(sheets)
    return Recovery(str(hybrid.recipient), "", 2)
