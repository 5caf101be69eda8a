"""The audit: whole vaults are whole after every act; whatever is done past the rules is found and named."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from confere import wiring
from confere.acts import setup
from confere.acts.audit import Audited, Order, audit, audit_in_public
from confere.acts.audit.accept import accept_older
from confere.acts.audit.older import read_older
from confere.acts.audit.signatures import verifying
from confere.acts.destroy import destroy
from confere.cli import confere
from confere.crypto import SigningKey, encrypt
from confere.crypto.canonical import canonical_json
from confere.crypto.keys import generate_identity
from confere.domain import Role
from confere.errors import (
    BadInput,
    NoSuchThing,
    NotAllowed,
    NotReady,
    RolledBack,
    WrongPassphrase,
)
from confere.vault import Machine, Vault
from confere.vault.catalog import Catalog
from confere.vault.events import record_event, sign_event
from confere.vault.recovery import RecoveryKey
from doubles.studies import PASSPHRASE, SteppingClock, Study
from faults.test_one_byte import full_vault

JSON = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
OTHER_MACHINE = Machine(b"\x08" * 32)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A vault with everything in it that a vault can hold."""
    return full_vault(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def full(original: Study, tmp_path: Path) -> Study:
    """A copy of it."""
    shutil.copytree(original.root, tmp_path / "vault")
    return Study(tmp_path / "vault", original.recovery_key, SteppingClock())


def audited(study: Study, name: str = "lena", **order: Any) -> Audited:
    """Audit, on a machine that has seen what the test has let it see."""
    return audit(study.root, wiring.pins(), name, PASSPHRASE, Order(**order), study.clock)


def wrong(study: Study, **order: Any) -> str:
    """Return the faults that an audit tells, a line each."""
    done = audited(study, **order)
    return "\n".join(f"{f.about}: {f.text}" for f in done.report.wrong)


def attention(study: Study) -> str:
    """Return what an audit wants looked at, a line each; nothing may be wrong."""
    done = audited(study)
    assert done.whole, done.report.findings
    return "\n".join(f"{f.about}: {f.text}" for f in done.report.findings)


def past_the_rules(study: Study, *statements: str) -> None:
    """Write into the catalog as somebody who has its key, and none of our scruples."""
    desk = study.desk()
    triggers = desk.catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    desk.catalog.run("PRAGMA foreign_keys = OFF")
    for name in triggers:
        desk.catalog.run(f"DROP TRIGGER {name[0]}")
    for statement in statements:
        desk.catalog.run(statement)
    desk.vault.close()


def on_catalog(study: Study, act: Callable[[Any], None]) -> None:
    """Do something at a desk."""
    desk = study.desk()
    act(desk)
    desk.vault.close()


def recording(study: Study) -> str:
    """The signed recording."""
    desk = study.desk()
    ((found,),) = desk.catalog.rows("SELECT recording_id FROM sign_offs")
    desk.vault.close()
    return str(found)


# --- whole ---------------------------------------------------------------------------------------


def test_a_vault_is_whole_after_every_act(full: Study) -> None:
    """People and machines come, go and are recovered; nothing of it looks like a forgery later on."""
    desk = full.desk()
    setup.add_person(desk, "ada", frozenset({Role.LEAD, Role.VERIFIER}), PASSPHRASE)
    setup.certify_machine(desk, OTHER_MACHINE.keys)
    setup.remove_person(desk, "ivo")
    setup.change_passphrase(desk, PASSPHRASE)
    desk.vault.close()
    vault = Vault(full.root)
    key = RecoveryKey.read([full.recovery_key], vault.roster.recovery)
    setup.recover(vault, "lena", key, PASSPHRASE)
    desk = full.desk("ada")
    setup.remove_machine(desk, OTHER_MACHINE.name)
    setup.remove_person(desk, "lena")
    setup.approve_settings(desk)
    desk.vault.close()
    for name in ("ada", "vera"):
        done = audited(full, name)
        assert done.whole, done.report.findings
        assert done.told


def test_an_audit_stands_in_the_log(full: Study) -> None:
    """With how much was wrong, and the state that it speaks of."""
    before = audited(full)
    again = audited(full)
    assert again.log_size == before.log_size + 1
    desk = full.desk()
    row = desk.catalog.row("SELECT body FROM events WHERE what = 'audit' ORDER BY number LIMIT 1")
    desk.vault.close()
    assert row is not None
    told = json.loads(row[0])["of"]
    assert told == {"wrong": 0, "log_size": before.log_size, "log_root": before.log_root}


def test_an_audit_puts_nothing_right(full: Study) -> None:
    """What another opening would tidy away is evidence, and still there afterwards."""
    planted = full.root / "people" / "mallory.age"
    planted.write_bytes((full.root / "people" / "vera.age").read_bytes())
    assert "people/mallory.age: are the secrets of nobody" in attention(full)
    assert planted.exists()
    assert len(list((full.root / "intake").iterdir())) == 2


def test_the_json_is_documented(full: Study, tmp_path: Path) -> None:
    """Field by field, and lists within."""
    (tmp_path / "pw").write_text(PASSPHRASE)
    line = ["audit", "--json", "--vault", str(full.root), "--as", "lena"]
    result = CliRunner().invoke(confere, [*line, "--passphrase-file", str(tmp_path / "pw")])
    value = json.loads(result.stdout)
    assert value["whole"] is True
    section = JSON.partition("## `confere audit --json`")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", section))
    fields = set(value) | set(value["subjects"][0]) | set(value["findings"][0])
    assert fields <= named


# --- who audits ----------------------------------------------------------------------------------


def test_whoever_opens_nothing_audits_nothing(full: Study) -> None:
    """A wrong passphrase, a fieldworker and a stranger are told so: that is no finding."""
    with pytest.raises(WrongPassphrase, match=r"people/lena\.age"):
        audit(full.root, None, "lena", "another passphrase", Order())
    with pytest.raises(NotAllowed):
        audit(full.root, None, "fabio", PASSPHRASE, Order())
    with pytest.raises(NoSuchThing):
        audit(full.root, None, "mallory", PASSPHRASE, Order())
    with pytest.raises(BadInput, match="no vault"):
        audit_in_public(full.root / "nowhere", None, Order())


def test_without_a_passphrase_it_says_what_it_did_not_check(full: Study) -> None:
    """And finds what can be found."""
    done = audit_in_public(full.root, None, Order())
    assert done.whole
    assert not done.told
    assert any("events" in what for what in done.report.not_checked)
    note = full.root / "roster" / "2.note"
    note.write_bytes(note.read_bytes().replace(b'"practice":true', b'"practice":false'))
    (full.root / "log" / "leaves").write_bytes(b"")
    told = [f.about for f in audit_in_public(full.root, None, Order()).report.wrong]
    assert "roster/2.note" in told
    assert "log/leaves" in told


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        "confere.toml",
        "catalog.db",
        "roster/1.note",
        "roster/3.note",
        "people/vera.age",
        "people/lena.age",
        "keys/study-2.age",
        "keys/resealed",
        "recordings/*/key.age",
        "recordings/*/audio.age",
        "recordings/*/signed-1.age",
        "log/leaves",
        "log/checkpoint",
    ],
)
def test_a_missing_file_is_named(full: Study, pattern: str) -> None:
    """Each of those without which something cannot be opened or proved."""
    path = sorted(full.root.glob(pattern))[0]
    path.unlink()
    name = path.relative_to(full.root).as_posix()
    assert f"{name}: " in wrong(full)


def test_a_missing_note_leaves_an_entry_without_event(full: Study) -> None:
    """What a certified machine brought is in the log already."""
    for note in (full.root / "intake").iterdir():
        note.unlink()
    assert "in log/leaves without event" in wrong(full)


def test_missing_and_unknown_recordings_are_told(full: Study) -> None:
    """A folder that is gone, and one that nothing tells of; two whose audio was exchanged."""
    first, second, third = sorted((full.root / "recordings").iterdir())
    one, two = (first / "audio.age").read_bytes(), (second / "audio.age").read_bytes()
    (first / "audio.age").write_bytes(two)
    (second / "audio.age").write_bytes(one)
    third.rename(third.with_name("0" * 16))
    found = wrong(full)
    for name in (first.name, second.name):
        assert f"recordings/{name}/audio.age: is not the file that was sealed" in found
    assert f"recordings/{third.name}: is missing" in found
    assert "recordings/0000000000000000: is a recording that nothing tells of" in found


def test_a_key_sealed_to_somebody_more_is_told(full: Study) -> None:
    """The header of a key's file has two recipients, and a study key's as many as read, and one."""
    id_ = recording(full)
    desk = full.desk()
    study = desk.vault.locked
    extra = generate_identity("hybrid").recipient
    key = desk.vault.recording_key(id_)
    text = f"# confere recording {id_}\n{key}\n".encode()
    (full.root / "recordings" / id_ / "key.age").write_bytes(
        encrypt(text, [*study.roster.study_recipients, extra])
    )
    period = study.roster.period
    text = f"# confere study key {period}\n{desk.vault.identities[period]}\n".encode()
    file = full.root / "keys" / f"study-{period}.age"
    file.write_bytes(encrypt(text, [*study.roster.key_file_recipients, extra]))
    desk.vault.close()
    found = wrong(full)
    assert f"recordings/{id_}/key.age: is sealed to 3 keys, not to 2" in found
    assert f"keys/study-{period}.age: is sealed to 5 keys" in found


def test_unknown_files_and_links_are_told(full: Study, tmp_path: Path) -> None:
    """Anywhere in the vault; a link is a fault, because it leads somewhere else."""
    (full.root / "log" / "extra").write_bytes(b"x")
    (full.root / "notes.txt").write_bytes(b"x")
    (full.root / ".leaves.123").write_bytes(b"x")
    (full.root / ".log.lock").write_bytes(b"x")
    found = attention(full)
    for name in ("log/extra", "notes.txt", ".leaves.123", ".log.lock"):
        assert f"{name}: is " in found
    (full.root / "machines" / "0.json").symlink_to(tmp_path / "nothing")
    assert "machines/0.json: is a link" in wrong(full)


def test_changed_settings_wait_for_a_lead(full: Study) -> None:
    """Also when they are well-formed; and when they are not, both is told."""
    path = full.root / "confere.toml"
    path.write_text(path.read_text("utf-8") + "\n# nothing more\n", "utf-8")
    assert "confere.toml: was changed since lena approved it" in wrong(full)
    path.write_text("format = 'nonsense'\n", "utf-8")
    assert "confere.toml" in wrong(full)
    on_public = audit_in_public(full.root, None, Order())
    assert [f.about for f in on_public.report.wrong] == ["confere.toml"]


# --- the log -------------------------------------------------------------------------------------


def test_what_lies_behind_the_checkpoint_is_told(full: Study) -> None:
    """A write that was cut off, at any number of bytes, is no fault."""
    with (full.root / "log" / "leaves").open("ab") as leaves:
        leaves.write(b"\x01" * 33)
    assert "log/leaves: 33 bytes lie behind what the checkpoint covers" in attention(full)


def test_a_changed_entry_names_the_event(full: Study) -> None:
    """One byte of the leaves: which entry, and of which event."""
    path = full.root / "log" / "leaves"
    content = bytearray(path.read_bytes())
    content[5 * 32] ^= 1
    path.write_bytes(content)
    found = wrong(full)
    assert "log/leaves: entry 5 is not what the event there gives" in found
    assert re.search(r"event 5 \(.*\): does not give entry 5 of log/leaves", found)


def test_every_form_of_an_older_state_is_read(full: Study, tmp_path: Path) -> None:
    """A checkpoint, a receipt's lines, a manifest's field, and what was typed from paper."""
    note = (full.root / "log" / "checkpoint").read_text("utf-8")
    origin, size, root = note.split("\n")[:3]
    study = origin.partition("/")[2]
    forms = {
        "checkpoint": note,
        "receipt.txt": f"Receipt\n\ncustody log\n     {origin}\n     {size}\n     {root}\n\nend\n",
        "manifest.json": json.dumps({"kind": "confere/export", "checkpoint": note}),
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text, "utf-8")
        (state,) = read_older(str(tmp_path / name), study)
        assert (state.name, state.size, state.root) == (name, int(size), base64.b64decode(root))
    (state,) = read_older(f"{size} {root}", study)
    assert state.size == int(size)
    for bad in (
        "",
        "x",
        "0 " + root,
        f"{size} {root[:-2]}B=",
        "{}",
        '{"checkpoint": 1}',
        "9" * 5000,
    ):
        with pytest.raises(BadInput):
            read_older(bad, study)
    with pytest.raises(BadInput, match="another study"):
        read_older(note, "another")


def test_a_log_that_does_not_continue_is_told(full: Study) -> None:
    """Cut off, or rewritten; whatever its signature says."""
    desk = full.desk()
    size, root = desk.vault.log.size, base64.b64encode(desk.vault.log.tree.root()).decode()
    desk.vault.close()
    assert audited(full, since=(f"{size} {root}",)).whole
    assert "entries were cut off" in wrong(full, since=(f"{size + 50} {root}",))
    assert "it was rewritten" in wrong(full, since=(f"{size - 1} {root}",))


# --- the catalog, by somebody who has its key -----------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE revisions SET reason = 'x' WHERE number = 1", "is not what was told by event"),
        ("UPDATE revisions SET by = 'vera' WHERE number = 1", "revision 1 of segment"),
        ("DELETE FROM revisions WHERE number = 1", "its revision is missing from the catalog"),
        ("UPDATE drafts SET draft = replace(draft, 'Bom', 'Mau')", "draft of recording"),
        ("DELETE FROM played", "are missing"),
        ("UPDATE played SET end_ms = end_ms + 1 WHERE number = 1", "were told by no event"),
        ("UPDATE segments SET target = 'x' WHERE position = 2", "transcript of recording"),
        ("UPDATE segments SET source = 'x' WHERE position = 2", "transcript of recording"),
        ("UPDATE segments SET state = 'verified'", "transcript of recording"),
        ("UPDATE segments SET speaker = 'P09' WHERE position = 1", "transcript of recording"),
        ("DELETE FROM segments WHERE position = 2", "it has other segments than its draft"),
        ("DELETE FROM drafts", "its draft is missing from the catalog"),
        ("UPDATE sign_offs SET signed = x'7b7d'", "sign-off 1 of recording"),
        ("DELETE FROM sign_offs", "its sign-off 1 is missing"),
        ("UPDATE recordings SET sha256 = 'x'", "its sha256 is not what event"),
        ("UPDATE recordings SET name = 'x' WHERE name <> ''", "its name is not what its"),
        ("UPDATE recordings SET note = 'x' WHERE note <> ''", "its offload note is not the one"),
        ("DELETE FROM recordings", "is missing from the catalog"),
        ("DELETE FROM destroyed", "of its destruction, catalog and events tell other things"),
        ("UPDATE destroyed SET reason = 'x'", "of its destruction, catalog and events tell"),
        ("DELETE FROM events WHERE leaf = 6", "entry 6 is in log/leaves without event"),
        (
            "UPDATE events SET leaf = 9000 WHERE leaf = 6",
            "entry 9000 is missing, and there are events",
        ),
        ("UPDATE events SET salt = zeroblob(32) WHERE leaf = 6", "does not give entry 6"),
        ("UPDATE events SET what = 'read' WHERE what = 'draft'", "files it under another id, kind"),
        (
            "UPDATE events SET recording = '' WHERE what = 'draft'",
            "files it under another id, kind",
        ),
        ("UPDATE events SET body = x'00' WHERE leaf = 6", "event 6: is not in its form"),
        ("UPDATE events SET body = x'5b5d' WHERE leaf = 6", "event 6: is not in its form"),
        (
            "UPDATE events SET body = CAST(body || ' ' AS BLOB) WHERE leaf = 6",
            "its body is not canonical JSON",
        ),
        (
            "UPDATE events SET signature = zeroblob(64) WHERE leaf = 6",
            "its signature does not hold",
        ),
        ("UPDATE events SET key = 'ed25519:x' WHERE leaf = 6", "its signature does not hold"),
        ("DELETE FROM events", "entries 0 to "),
        ("DROP TABLE played", "the catalog (catalog.db) is damaged"),
    ],
)
def test_what_was_changed_past_the_rules_is_found(full: Study, statement: str, told: str) -> None:
    """The triggers can be dropped by whoever has the key; the events cannot be made to agree."""
    past_the_rules(full, statement)
    found = wrong(full)
    assert told in found, found


def test_findings_do_not_hide_one_another(full: Study) -> None:
    """Everything at once is told at once."""
    past_the_rules(full, "DELETE FROM played", "UPDATE revisions SET reason = 'x' WHERE number = 1")
    (full.root / "log" / "leaves").open("r+b").write(b"\x00")
    (full.root / "people" / "ivo.age").unlink()
    (full.root / "recordings" / recording_folder(full) / "audio.age").write_bytes(b"")
    found = wrong(full)
    for told in (
        "are missing",
        "revision 1 of segment",
        "log/leaves",
        "people/ivo.age",
        "audio.age",
    ):
        assert told in found


def recording_folder(study: Study) -> str:
    """Some recording that has its folder."""
    return sorted((study.root / "recordings").iterdir())[0].name


def test_a_broken_catalog_does_not_hide_the_rest(full: Study) -> None:
    """The recordings and notes are opened all the same."""
    (full.root / "catalog.db").write_bytes(b"\x00" * 8192)
    audio = full.root / "recordings" / recording_folder(full) / "audio.age"
    content = bytearray(audio.read_bytes())
    content[len(content) // 2] ^= 1
    audio.write_bytes(content)
    done = audited(full)
    told = "\n".join(f.about for f in done.report.wrong)
    assert "catalog.db" in told
    assert f"recordings/{audio.parent.name}/audio.age" in told
    assert done.report.not_checked
    assert not done.told


# --- who signed ----------------------------------------------------------------------------------


def forged(desk: Any, by: str, what: str, key: SigningKey, **of: Any) -> None:
    """Put an event into the catalog and the log, as somebody at an open vault can."""
    event = sign_event(study=desk.roster.study_id, at=desk.now(), by=by, what=what, of=of, key=key)
    with desk.catalog.transaction():
        record_event(desk.catalog, event)


@pytest.mark.parametrize(
    ("by", "what", "told"),
    [
        ("mallory", "read", "mallory was not in the study then"),
        ("gil", "read", "gil was not in the study then"),
        ("fabio", "read", "fabio had no role then that may do this"),
        ("ivo", "settings approved", "ivo had no role then that may do this"),
        ("vera", "read", "it is signed with a key that was not vera's then"),
        (OTHER_MACHINE.name, "offload", "was not certified by a lead then"),
        ("lena", "offload", "lena was not certified by a lead then"),
    ],
)
def test_an_event_in_another_name_is_found(full: Study, by: str, what: str, told: str) -> None:
    """Its signature holds, its place in the log is right; the key is not that person's, or they left."""
    key = SigningKey.generate()

    def act(desk: Any) -> None:
        forged(desk, by, what, key, settings_sha256=desk.vault.locked.settings_sha256)

    on_catalog(full, act)
    assert told in wrong(full)


def test_an_event_of_another_study_is_found(full: Study) -> None:
    """Signed by the right person, for something else."""

    def act(desk: Any) -> None:
        event = sign_event(
            study="another",
            at=desk.now(),
            by="lena",
            what="read",
            of={},
            key=desk.vault.signing_key("event"),
        )
        with desk.catalog.transaction():
            record_event(desk.catalog, event)

    on_catalog(full, act)
    assert "it is of another study" in wrong(full)


def test_a_clock_that_was_wrong_is_for_a_person_to_look_at(full: Study) -> None:
    """Times prove nothing, so they are no fault."""

    def act(desk: Any) -> None:
        event = sign_event(
            study=desk.roster.study_id,
            at="2019-01-01T00:00:00.000Z",
            by="lena",
            what="read",
            of={},
            key=desk.vault.signing_key("event"),
        )
        with desk.catalog.transaction():
            record_event(desk.catalog, event)

    on_catalog(full, act)
    assert "a clock was wrong" in attention(full)


def test_a_destroyed_recording_that_is_back_is_told(full: Study, tmp_path: Path) -> None:
    """A key restored from some copy would undo the destruction."""
    id_ = recording(full)
    shutil.copytree(full.root / "recordings" / id_, tmp_path / "kept")
    desk = full.desk()
    destroy(desk, id_, "withdrawn")
    desk.vault.close()
    assert audited(full).whole
    shutil.copytree(tmp_path / "kept", full.root / "recordings" / id_)
    assert f"recordings/{id_}/key.age: is there, though lena destroyed" in wrong(full)


# --- an older state ------------------------------------------------------------------------------


def test_an_older_state_is_told_and_a_lead_can_accept_it(full: Study, tmp_path: Path) -> None:
    """Refused by everything, told by the audit, and in the log once it was accepted."""
    pins = wiring.pins()
    shutil.copytree(full.root, tmp_path / "backup")
    audited(full)
    desk = full.desk()
    setup.add_person(desk, "ada", frozenset({Role.LEAD}), PASSPHRASE)
    desk.vault.close()
    assert audited(full).whole
    shutil.rmtree(full.root)
    shutil.copytree(tmp_path / "backup", full.root)
    with pytest.raises(RolledBack):
        Vault(full.root, pins)
    found = wrong(full)
    assert "roster: this machine has seen version" in found
    assert "entries were cut off" in found
    assert not audited(full).told
    with pytest.raises(NotAllowed):
        accept_older(full.root, pins, "vera", PASSPHRASE, "a reason", full.clock)
    lost = accept_older(full.root, pins, "lena", PASSPHRASE, "the disk died", full.clock)
    assert len(lost) == 2
    done = audited(full)
    assert done.whole
    assert done.told
    with pytest.raises(NotReady):
        accept_older(full.root, pins, "lena", PASSPHRASE, "again", full.clock)
    desk = full.desk()
    row = desk.catalog.row("SELECT body FROM events WHERE what = 'older state accepted'")
    desk.vault.close()
    assert row is not None
    assert json.loads(row[0])["of"]["reason"] == "the disk died"


# --- the shorter ways ----------------------------------------------------------------------------

_SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(_VALUES)
def test_plain_values_are_written_as_the_standard_says(value: Any) -> None:
    """Python's own writer stands in for RFC 8785 only where both give the same bytes."""
    try:
        expected: bytes | None = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        expected = None
    try:
        written: bytes | None = canonical_json(value)
    except Exception:  # noqa: BLE001 - whichever: there is no canonical form
        written = None
    assert written == expected


def test_very_many_signatures_are_verified_by_two_processes() -> None:
    """The bad ones are found, wherever they are, and each at its place."""
    key = SigningKey.generate()
    text, message = str(key.verify_key), b"something"
    signed = [(text, message, key.sign(message))] * 6_000
    bad = {0, 499, 500, 3_000, 5_999}
    for place in bad:
        signed[place] = (text, b"another", signed[place][2])
    signed[1_234] = ("no key", message, b"")
    with verifying(signed) as signatures:
        assert signatures.bad(lambda done, of: None) == bad | {1_234}


def test_a_catalog_is_only_read(full: Study) -> None:
    """An audit opens it with the key that the study's gives, and leaves it in its form."""
    assert audited(full).whole
    assert not (full.root / "catalog.db-journal").exists()
    assert isinstance(full.desk().catalog, Catalog)
