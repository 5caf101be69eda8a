"""The custody log on disk: what is added is there, and what was tampered with is found out."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from confere.crypto.checkpoint import Checkpoint, sign_checkpoint
from confere.domain import MachineKeys
from confere.errors import (
    BadProof,
    BadSignature,
    ConfereError,
    DamagedVault,
    NotReady,
    RolledBack,
    StorageProblem,
)
from confere.vault import Machine, Pins, Storage, Vault
from confere.vault.log import CHECKPOINT, LEAVES, CustodyLog, log_entry, log_origin
from confere.vault.people import open_secrets
from doubles.cuts import Cut, cut_at
from doubles.studies import MACHINE, PASSPHRASE, Study

KEY = MACHINE.signing_key("checkpoint")


def entries(count: int, first: int = 0) -> list[bytes]:
    """Made-up entries."""
    return [log_entry(bytes([n]) * 32, b"event") for n in range(first, first + count)]


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    """The memory of a machine."""
    (tmp_path / "machine").mkdir()
    return Pins(Storage(tmp_path / "machine"))


def add(
    vault: Vault, new: list[bytes], signer: str = MACHINE.name, key: object = KEY
) -> CustodyLog:
    """Add entries to a vault's log."""
    log = vault.log()
    with log.alone():
        log.extend(new, signer, key)  # type: ignore[arg-type]
    return log


def test_what_is_added_is_found_again(study: Study) -> None:
    """In its place, by whoever reads the log anew."""
    vault = Vault(study.root)
    size = vault.log().size
    add(vault, entries(3))
    log = vault.log()
    assert [log.find(entry) for entry in entries(3)] == [size, size + 1, size + 2]
    assert log.find(entries(1, 9)[0]) is None
    assert log.signer == MACHINE.name


def test_a_write_cut_off_before_the_checkpoint_counts_for_nothing(study: Study) -> None:
    """Leaves behind the checkpoint, whole ones or half of one, are overwritten by the next."""
    vault = Vault(study.root)
    size = vault.log().size
    leaves = study.root / LEAVES
    for rest in (b"x" * 7, b"y" * 32, b"z" * 77):
        leaves.write_bytes(leaves.read_bytes()[: size * 32] + rest)
        assert vault.log().size == size
    add(vault, entries(1))
    assert leaves.stat().st_size == (size + 1) * 32
    assert vault.log().find(entries(1)[0]) == size


@pytest.mark.parametrize("after", [False, True])
def test_cut_off_anywhere_the_log_is_the_old_one_or_the_new_one(study: Study, after: bool) -> None:
    """And the next one who adds goes on from there."""
    vault = Vault(study.root)
    size, number = vault.log().size, 0
    while True:
        number += 1
        try:
            with cut_at(number, after=after):
                add(vault, entries(2, number))
        except Cut:
            assert vault.log().size in (size, size + 2)
            size = vault.log().size
        else:
            break
    assert vault.log().size == size + 2
    assert number > 2


def test_a_failed_write_is_not_taken_for_done(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that was kept open looks at the disk again after an error."""
    vault = Vault(study.root)
    log = vault.log()
    size = log.size
    with monkeypatch.context() as patch, pytest.raises(StorageProblem), log.alone():
        patch.setattr(Storage, "write", lambda *_, **__: _fail())
        log.extend(entries(1), MACHINE.name, KEY)
    with log.alone():
        assert log.size == size
        log.extend(entries(1, 5), MACHINE.name, KEY)
    assert vault.log().size == size + 1


def _fail() -> None:
    raise StorageProblem("log/checkpoint", "no")


def truncated(vault: Path) -> None:
    """The leaves are fewer than the checkpoint says."""
    (vault / LEAVES).write_bytes((vault / LEAVES).read_bytes()[:-32])


def rewritten(vault: Path) -> None:
    """One leaf is another."""
    content = bytearray((vault / LEAVES).read_bytes())
    content[5] ^= 1
    (vault / LEAVES).write_bytes(content)


def exchanged(vault: Path) -> None:
    """Two leaves have changed places."""
    content = (vault / LEAVES).read_bytes()
    (vault / LEAVES).write_bytes(content[32:64] + content[:32] + content[64:])


def without_leaves(vault: Path) -> None:
    """Only the checkpoint is left."""
    (vault / LEAVES).unlink()


@pytest.mark.parametrize("attack", [truncated, rewritten, exchanged, without_leaves])
def test_tampering_is_found_without_any_memory(study: Study, attack: object) -> None:
    """The checkpoint tells."""
    attack(study.root)  # type: ignore[operator]
    with pytest.raises((BadProof, DamagedVault)):
        Vault(study.root).log()


def test_a_log_that_goes_back_is_refused_by_whoever_has_seen_it(study: Study, pins: Pins) -> None:
    """An older state, whole and signed; none at all; and another one of the same length."""
    vault = Vault(study.root, pins)
    saved = {name: (study.root / name).read_bytes() for name in (LEAVES, CHECKPOINT)}
    add(vault, entries(2))
    for name, content in saved.items():
        (study.root / name).write_bytes(content)
    with pytest.raises(RolledBack, match="custody log"):
        vault.log()
    add(Vault(study.root), entries(2, 100))  # of the same length, and signed by a certified machine
    with pytest.raises(RolledBack, match="custody log"):
        vault.log()
    for name in saved:
        (study.root / name).unlink()
    with pytest.raises(RolledBack):
        vault.log()


def signed_by_others(study: Study) -> list[tuple[str, str, object]]:
    """Those whose checkpoint does not count: why, name, key."""
    storage = Storage(study.root)
    fabio = open_secrets(storage, "fabio", PASSPHRASE)
    stranger = Machine(b"\x55" * 32)
    ivo = open_secrets(storage, "ivo", PASSPHRASE)
    return [
        ("a fieldworker", "fabio", fabio.signing_key("checkpoint")),
        ("an uncertified machine", stranger.name, stranger.signing_key("checkpoint")),
        ("nobody", "nobody", stranger.signing_key("checkpoint")),
        ("another kind of key", "ivo", ivo.signing_key("event")),
        ("under another's name", "lena", ivo.signing_key("checkpoint")),
        ("in the name of recovery", "recovery", stranger.signing_key("checkpoint")),
    ]


def test_a_checkpoint_counts_only_by_readers_and_certified_machines(study: Study) -> None:
    """Every other signature is refused, in reading as in writing."""
    vault = Vault(study.root)
    log = vault.log()
    good = (study.root / CHECKPOINT).read_bytes()
    checkpoint = Checkpoint(log_origin(vault.roster.study_id), log.size, log.tree.root())
    for why, name, key in signed_by_others(study):
        note = sign_checkpoint(checkpoint, name, key)  # type: ignore[arg-type]
        (study.root / CHECKPOINT).write_text(note, "utf-8")
        with pytest.raises(BadSignature):
            vault.log()
        (study.root / CHECKPOINT).write_bytes(good)
        with pytest.raises(NotReady):
            add(vault, entries(1), name, key)
        assert (study.root / CHECKPOINT).read_bytes() == good, why


def test_a_checkpoint_of_somebody_removed_counts_no_more(study: Study) -> None:
    """Neither a person's nor a machine's, from the very version on that takes them out."""
    from confere.acts import setup

    vera = open_secrets(Storage(study.root), "vera", PASSPHRASE).signing_key("checkpoint")
    desk = study.desk()
    setup.remove_person(desk, "vera")
    setup.remove_machine(desk, MACHINE.name)
    desk.vault.close()
    vault = Vault(study.root)
    log = vault.log()
    for name, key in (("vera", vera), (MACHINE.name, KEY)):
        checkpoint = Checkpoint(log_origin(vault.roster.study_id), log.size, log.tree.root())
        good = (study.root / CHECKPOINT).read_bytes()
        (study.root / CHECKPOINT).write_text(sign_checkpoint(checkpoint, name, key), "utf-8")
        with pytest.raises(BadSignature):
            vault.log()
        (study.root / CHECKPOINT).write_bytes(good)
        with pytest.raises(NotReady):
            add(vault, entries(1), name, key)


def test_a_checkpoint_of_another_log_is_refused(study: Study) -> None:
    """Whoever has keys in two studies cannot put one's log in the place of the other's."""
    vault = Vault(study.root)
    log = vault.log()
    other = Checkpoint("confere/0000000000000000", log.size, log.tree.root())
    note = sign_checkpoint(other, MACHINE.name, KEY)
    (study.root / CHECKPOINT).write_text(note, "utf-8")
    with pytest.raises(BadProof, match="another|not of"):
        vault.log()


@pytest.mark.parametrize("content", [b"", b"\xff", b"confere/x\n1\n", b"a\n\nb\n\n"])
def test_rubbish_for_a_checkpoint_is_refused(study: Study, content: bytes) -> None:
    """As an error of ours."""
    (study.root / CHECKPOINT).write_bytes(content)
    with pytest.raises(ConfereError):
        Vault(study.root).log()


def add_many(root: Path, seed: int) -> None:
    """Another process adds entries of its own, one by one."""
    vault = Vault(root)
    for number in range(20):
        add(vault, [log_entry(bytes([seed]) * 32, bytes([number]))])


def test_two_processes_that_add_lose_nothing(study: Study) -> None:
    """Every entry of both is there, once."""
    size = Vault(study.root).log().size
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=add_many, args=(study.root, seed)) for seed in (1, 2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    log = Vault(study.root).log()
    assert log.size == size + 40
    every = [log_entry(bytes([s]) * 32, bytes([n])) for s in (1, 2) for n in range(20)]
    assert sorted(n for e in every if (n := log.find(e)) is not None) == list(
        range(size, size + 40)
    )


def test_a_log_that_somebody_else_is_writing_is_waited_for_and_then_told(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no error of the log."""
    monkeypatch.setattr("confere.vault.log._WAIT_S", 0)
    first, second = Vault(study.root).log(), Vault(study.root).log()
    with (
        first.alone(),
        pytest.raises(NotReady, match="is writing the custody log"),
        second.alone(),
    ):
        pytest.fail("two write it at once")


def test_events_get_their_leaves_after_an_error_in_between(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed and not in the log yet is brought there by the next who unlocks."""
    desk = study.desk()
    with monkeypatch.context() as patch:
        patch.setattr(CustodyLog, "extend", lambda *_: _fail())
        with pytest.raises(StorageProblem), desk.catalog.transaction():
            desk.tell("read", {})
    assert desk.catalog.value("SELECT count(*) FROM events WHERE leaf IS NULL") == 1
    desk.vault.close()
    desk = study.desk("ivo")
    assert desk.catalog.value("SELECT count(*) FROM events WHERE leaf IS NULL") == 0
    assert desk.vault.log.size == desk.catalog.value("SELECT count(*) FROM events")
    desk.vault.close()


def test_machines_of_the_same_name_are_the_same_machine() -> None:
    """A name is made of the keys."""
    assert isinstance(MACHINE.keys, MachineKeys)
    assert Machine(b"\x07" * 32).name == MACHINE.name != Machine(b"\x08" * 32).name


def test_who_writes_the_log_does_not_wait_for_themselves(study: Study) -> None:
    """An event that is told meanwhile waits for the next settling; nobody stands still for a minute."""
    desk = study.desk("ivo")
    with desk.vault.log.alone():
        size = desk.vault.log.size
        with desk.catalog.transaction():
            desk.tell("read", {"recording": "0123456789abcdef"})
        assert desk.vault.log.size == size
    desk.vault.settle()
    assert desk.vault.log.size == size + 1
    desk.vault.close()
