"""Who is in the study: secrets behind passphrases, and the signed roster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confere.acts.setup import add_person
from confere.crypto.notes import sign_note
from confere.domain import Role
from confere.errors import (
    BadSignature,
    BadValue,
    DamagedObject,
    DamagedVault,
    NoSuchThing,
    NotAllowed,
    WrongPassphrase,
)
from confere.vault import Storage, Vault
from confere.vault.people import SIGNATURE_KINDS, Secrets, open_secrets
from confere.vault.roster import load_rosters
from doubles.studies import PASSPHRASE, Study


def test_a_person_gets_back_in_with_their_passphrase(study: Study) -> None:
    """The right passphrase gives the keys that the roster tells."""
    secrets = open_secrets(Storage(study.root), "ivo", PASSPHRASE)
    assert secrets.person(frozenset({Role.INTERPRETER})) == Vault(study.root).roster.person("ivo")


def test_a_wrong_passphrase_is_told_as_such(study: Study) -> None:
    """It is neither a damaged file nor an unknown person."""
    with pytest.raises(WrongPassphrase, match="ivo"):
        Vault(study.root).unlock("ivo", "another passphrase")


def test_an_unknown_person_is_told_as_such(study: Study) -> None:
    """A name that is not in the study is not a wrong passphrase."""
    with pytest.raises(NoSuchThing, match="nobody"):
        Vault(study.root).unlock("nobody", PASSPHRASE)


def test_a_damaged_person_file_is_told_as_such(study: Study) -> None:
    """A flipped bit in the payload of a person's file names the file."""
    file = study.root / "people" / "ivo.age"
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedObject, match="people/ivo.age"):
        Vault(study.root).unlock("ivo", PASSPHRASE)


def test_a_fieldworker_opens_nothing(study: Study) -> None:
    """A fieldworker's own passphrase does not open the vault, and the study key is not for them."""
    with pytest.raises(NotAllowed):
        Vault(study.root).unlock("fabio", PASSPHRASE)
    vault = Vault(study.root)
    fabio = vault.roster.person("fabio")
    assert fabio.recipient not in [str(r) for r in vault.roster.key_file_recipients]


def test_each_kind_of_signature_has_its_own_key() -> None:
    """No key of a person makes two kinds of signature."""
    person = Secrets.make("ana", "hybrid").person(frozenset({Role.LEAD}))
    assert set(person.verify_keys) == set(SIGNATURE_KINDS)
    assert len(set(person.verify_keys.values())) == len(SIGNATURE_KINDS)


def test_secrets_do_not_show_in_a_repr() -> None:
    """A traceback that shows a value shows no secret."""
    secrets = Secrets.make("ana", "hybrid")
    assert secrets.seed.hex() not in repr(secrets)
    assert str(secrets.identity) not in repr(secrets)


@pytest.mark.parametrize("name", ["", "Ana Maria", "José", "../x", ".hidden", "a" * 33, "docx"])
def test_names_that_cannot_be_files_are_refused(study: Study, name: str) -> None:
    """A person's name becomes a file's name, so it is kept simple."""
    with pytest.raises(BadValue):
        add_person(study.desk(), name, frozenset({Role.VERIFIER}), PASSPHRASE)


def test_a_short_passphrase_is_refused_and_leaves_nothing(study: Study) -> None:
    """A refused step leaves no file behind."""
    before = sorted(study.root.rglob("*"))
    with pytest.raises(BadValue, match="shorter"):
        add_person(study.desk(), "new", frozenset({Role.VERIFIER}), "short")
    assert [p for p in sorted(study.root.rglob("*")) if "catalog" not in p.name] == [
        p for p in before if "catalog" not in p.name
    ] + [study.root / ".roster.lock"] * (study.root / ".roster.lock" not in before)


def test_the_same_name_twice_is_refused(study: Study) -> None:
    """Also with other capitals, which some file systems take for the same."""
    with pytest.raises(BadValue, match="already"):
        add_person(study.desk(), "IVO", frozenset({Role.VERIFIER}), PASSPHRASE)


def test_only_a_lead_adds_people(study: Study) -> None:
    """An interpreter may not, and nothing is changed."""
    with pytest.raises(NotAllowed):
        add_person(study.desk("ivo"), "new", frozenset({Role.VERIFIER}), PASSPHRASE)
    assert Vault(study.root).roster.version == 4


# --- attacks on the roster -----------------------------------------------------------------------


def change_roster(study: Study, version: int, old: str, new: str) -> None:
    """Edit a roster file as somebody without a key would."""
    file = study.root / "roster" / f"{version}.note"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_swapped_recipient_is_refused(study: Study) -> None:
    """One edited line would divert every future recording."""
    roster = Vault(study.root).roster
    stranger = str(Secrets.make("eve", "hybrid").identity.recipient)
    change_roster(study, roster.version, roster.periods[-1], stranger)
    with pytest.raises(BadSignature, match="roster/4.note"):
        Vault(study.root)


def test_an_unsigned_roster_is_refused(study: Study) -> None:
    """A roster without its signature line is none."""
    file = study.root / "roster" / "4.note"
    file.write_text(file.read_text("utf-8").partition("\n\n")[0] + "\n", "utf-8")
    with pytest.raises((BadSignature, DamagedVault)):
        Vault(study.root)


def test_a_roster_signed_by_somebody_else_is_refused(study: Study) -> None:
    """A version signed with an interpreter's key is refused: only a lead's counts."""
    storage = Storage(study.root)
    ivo = open_secrets(storage, "ivo", PASSPHRASE)
    text = (study.root / "roster" / "4.note").read_text("utf-8").partition("\n\n")[0] + "\n"
    note = sign_note(text, "ivo", ivo.signing_key("roster"))
    (study.root / "roster" / "4.note").write_text(note, "utf-8")
    with pytest.raises(BadSignature):
        Vault(study.root)


def test_a_lead_cannot_make_themselves(study: Study) -> None:
    """Somebody who writes a new version that makes them a lead, signed by themselves, is refused."""
    storage = Storage(study.root)
    ivo = open_secrets(storage, "ivo", PASSPHRASE)
    roster = load_rosters(storage)[-1]
    value = json.loads(roster.text())
    value["version"] = 5
    for person in value["people"]:
        person["roles"] = ["lead"]
    from confere.crypto.canonical import canonical_json

    text = canonical_json(value).decode() + "\n"
    storage.write("roster/5.note", sign_note(text, "ivo", ivo.signing_key("roster")).encode())
    with pytest.raises(BadSignature):
        Vault(study.root)


def test_a_gap_in_the_versions_is_refused(study: Study) -> None:
    """A version taken away is noticed."""
    (study.root / "roster" / "2.note").unlink()
    with pytest.raises(DamagedVault, match="gap"):
        Vault(study.root)


def test_a_version_that_follows_another_is_refused(study: Study) -> None:
    """Each version names the digest of the one before it: history cannot be rewritten."""
    lena = open_secrets(Storage(study.root), "lena", PASSPHRASE)
    text = (study.root / "roster" / "2.note").read_text("utf-8").partition("\n\n")[0] + "\n"
    text = text.replace('"verifier"', '"interpreter"')
    note = sign_note(text, "lena", lena.signing_key("roster"))
    (study.root / "roster" / "2.note").write_text(note, "utf-8")
    with pytest.raises(BadSignature, match="3"):
        Vault(study.root)


def test_a_roster_that_is_rubbish_is_told_as_damaged(study: Study) -> None:
    """Bytes that are no roster are damage, not forgery."""
    (study.root / "roster" / "4.note").write_bytes(b"\xff\xfe rubbish\n\n")
    with pytest.raises(DamagedVault, match="4"):
        Vault(study.root)


def test_somebody_new_can_open_the_vault(study: Study) -> None:
    """A person added gets the study's key, and so the catalog."""
    add_person(study.desk(), "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    assert study.desk("nina").person.name == "nina"


def test_an_interrupted_adding_can_be_repeated(study: Study, tmp_path: Path) -> None:
    """A person's file without a roster entry is nobody, and is written anew."""
    (study.root / "people" / "nina.age").write_bytes(b"half")
    add_person(study.desk(), "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    assert study.desk("nina").person.name == "nina"


def test_two_leads_at_their_prompts_shut_nobody_out(study: Study) -> None:
    """Who was unlocked before somebody else was added still seals the study key to that person."""
    early = study.desk()
    add_person(study.desk(), "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    add_person(early, "olga", frozenset({Role.VERIFIER}), PASSPHRASE)
    assert [study.desk(name).person.name for name in ("nina", "olga")] == ["nina", "olga"]
