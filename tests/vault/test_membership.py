"""The roster's changes in the vault itself, and the catalog under another key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from confere.crypto.keys import generate_identity
from confere.domain import Interview, Role
from confere.errors import BadSignature, DamagedCatalog, NotReady
from confere.vault import UnlockedVault, Vault, membership
from confere.vault.catalog import Catalog
from confere.vault.register import add_interview, get_interview
from confere.vault.roster import RECOVERY, load_rosters, write_roster
from doubles.studies import PASSPHRASE, Study

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
READER = frozenset({Role.VERIFIER})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog with one interview, closed."""
    catalog = Catalog.create(tmp_path / "catalog.db", OLD)
    with catalog.transaction():
        add_interview(catalog, Interview("i1", "Recife"))
    catalog.close()
    return tmp_path / "catalog.db"


def unlocked(study: Study, name: str = "lena") -> UnlockedVault:
    """The vault, opened by somebody."""
    return Vault(study.root).unlock(name, PASSPHRASE)


def test_a_catalog_gets_another_key_and_keeps_what_it_holds(path: Path) -> None:
    """The old key opens it no more, and this connection goes on."""
    catalog = Catalog(path, OLD)
    catalog.rekey(NEW)
    with catalog.transaction():
        add_interview(catalog, Interview("i2", "Manaus"))
    catalog.close()
    with pytest.raises(DamagedCatalog):
        Catalog(path, OLD)
    again = Catalog(path, NEW)
    assert [get_interview(again, i).site for i in ("i1", "i2")] == ["Recife", "Manaus"]
    assert {p.name for p in path.parent.iterdir()} <= {
        path.name,
        f"{path.name}-wal",
        f"{path.name}-shm",
    }


def test_a_catalog_that_somebody_else_has_open_keeps_its_key(path: Path) -> None:
    """Whether they are reading or writing; both go on as before, and nothing is lost."""
    mine, theirs = Catalog(path, OLD), Catalog(path, OLD)
    with pytest.raises(NotReady, match="open"):
        mine.rekey(NEW)
    with theirs.transaction():
        add_interview(theirs, Interview("i2", "Manaus"))
        with pytest.raises(NotReady, match="open"):
            mine.rekey(NEW)
    with mine.transaction():
        add_interview(mine, Interview("i3", "Belem"))
    assert get_interview(theirs, "i3").site == "Belem"
    theirs.close()
    mine.rekey(NEW)
    assert [get_interview(mine, i).site for i in ("i1", "i2", "i3")] == [
        "Recife",
        "Manaus",
        "Belem",
    ]


def test_another_process_in_a_transaction_holds_the_key_up_and_loses_nothing(path: Path) -> None:
    """What it writes is there afterwards."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from confere.domain import Interview\n"
        "from confere.vault.catalog import Catalog\n"
        "from confere.vault.register import add_interview\n"
        f"catalog = Catalog(Path({str(path)!r}), {OLD!r})\n"
        "with catalog.transaction():\n"
        "    add_interview(catalog, Interview('i2', 'Manaus'))\n"
        "    print('inside', flush=True)\n"
        "    sys.stdin.readline()\n"
        "catalog.close()\n"
    )
    catalog = Catalog(path, OLD)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin and other.stdout
        assert other.stdout.readline() == "inside\n"
        with pytest.raises(NotReady):
            catalog.rekey(NEW)
        other.stdin.write("\n")
        other.stdin.close()
        assert other.wait() == 0
    catalog.rekey(NEW)
    assert get_interview(catalog, "i2").site == "Manaus"


def test_a_connection_to_a_catalog_that_was_written_anew_writes_nothing(path: Path) -> None:
    """Were somebody to replace the file under it, what it wrote would be lost."""
    catalog = Catalog(path, OLD)
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)
    with pytest.raises(NotReady, match="anew"), catalog.transaction():
        pytest.fail("it wrote into a file that is not there any more")


def test_each_removal_starts_one_period(study: Study) -> None:
    """And an added person gets the newest key only."""
    opened = unlocked(study)
    for name in ("vera", "ivo"):
        membership.remove_person(opened, name)
        membership.finish(opened)
    membership.add_person(opened, "nina", READER, PASSPHRASE)
    assert opened.locked.roster.period == 3
    opened.close()
    nina = unlocked(study, "nina")
    assert sorted(nina.identities) == [3]
    nina.close()


def test_a_second_removal_finishes_the_first(study: Study) -> None:
    """Nothing is ever sealed to three periods."""
    opened = unlocked(study)
    membership.remove_person(opened, "vera")
    assert sorted(opened.identities) == [1, 2]
    membership.remove_person(opened, "ivo")
    assert sorted(opened.identities) == [2, 3]
    membership.finish(opened)
    assert sorted(opened.identities) == [3]
    opened.close()


def test_a_version_that_drops_or_changes_a_period_is_refused(study: Study) -> None:
    """Also with a lead's signature: what was sealed must stay openable by those who read."""
    opened = unlocked(study)
    roster = opened.locked.roster
    stranger = str(generate_identity("hybrid").recipient)
    following = roster.next(roster.sha256, periods=(stranger,))
    write_roster(opened.locked.storage, following, "lena", opened.signing_key("roster"))
    with pytest.raises(BadSignature, match="no version may change"):
        Vault(study.root)
    opened.close()


def test_who_signed_a_version_is_known(study: Study) -> None:
    """A lead, or the recovery key."""
    from confere.vault.recovery import RecoveryKey

    vault = Vault(study.root)
    recovery = RecoveryKey.read([study.recovery_key], vault.roster.recovery)
    membership.recover(vault, "ivo", recovery, PASSPHRASE).close()
    signed_by = [roster.signed_by for roster in load_rosters(vault.storage)]
    assert signed_by == ["lena", "lena", "lena", "lena", RECOVERY]
