"""The identity key: leads alone, told by counts, and never a name in a log, an event or an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.names import (
    Changed,
    add_name,
    import_names,
    known_names,
    list_names,
    remove_name,
)
from confere.cli import confere
from confere.errors import BadInput, BadNameList, BadValue, ForgedStore, NotAllowed
from confere.vault.events import list_events
from confere.vault.identities import Identity, key_commitment, put_identities
from confere.vault.study_keys import catalog_key
from doubles.pages import all_bytes
from doubles.studies import PASSPHRASE
from doubles.teams import Team

CANARY = "Xqzcanaria da Silva"


def audited(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def test_a_name_is_added_changed_and_removed(team: Team) -> None:
    """Any case is the same name; the code and the note are the last that were given."""
    lena = team["lena"]
    assert add_name(lena, f" {CANARY}\n", "P01", " the teacher ") == Changed(1, 0, 0, 1)
    assert add_name(lena, "Zé", "P02") == Changed(1, 0, 0, 2)
    assert add_name(lena, CANARY.upper(), "P03") == Changed(0, 1, 0, 2)
    assert add_name(lena, CANARY, "P03") == Changed(0, 0, 0, 2)
    assert [(i.name, i.code, i.note) for i in list_names(lena)] == [
        ("Zé", "P02", ""),
        (CANARY, "P03", ""),
    ]
    assert remove_name(lena, CANARY.lower()) == Changed(0, 0, 1, 1)
    assert [i.name for i in list_names(lena)] == ["Zé"]
    assert audited(team) == []


def test_only_counts_are_told(team: Team) -> None:
    """Of changes and of readings; what changes nothing is not told."""
    lena = team["lena"]
    before = len(list_events(lena.catalog))
    add_name(lena, CANARY, "P01", "xqznote")
    add_name(lena, CANARY, "P01", "xqznote")
    list_names(lena)
    remove_name(lena, CANARY)
    events = list_events(lena.catalog)[before:]
    told = [(e.value()["what"], e.value()["of"]) for e in events]
    digests = [of.pop("names_sha256") for what, of in told if what == "names"]
    assert len({*digests}) == 2
    assert told == [
        ("names", {"added": 1, "changed": 0, "removed": 0, "count": 1}),
        ("names read", {"count": 1}),
        ("names", {"added": 0, "changed": 0, "removed": 1, "count": 0}),
    ]


@pytest.mark.parametrize("name", ["ivo", "vera"])
def test_leads_only(team: Team, name: str) -> None:
    """Those who correct see what is found in a text, and never the key."""
    with pytest.raises(NotAllowed):
        list_names(team[name])
    with pytest.raises(NotAllowed):
        add_name(team[name], CANARY, "P01")
    with pytest.raises(NotAllowed):
        import_names(team[name], b"name,code\n")
    with pytest.raises(NotAllowed):
        remove_name(team[name], CANARY)
    assert list_names(team["lena"]) == []


def test_a_file_comes_in_whole_or_not_at_all(team: Team) -> None:
    """As a spreadsheet writes it; nothing is removed by it."""
    lena = team["lena"]
    add_name(lena, "Zé", "P09")
    data = "\ufeffCode;Name\r\nP01;Maria José\r\nP01;Mazé\r\n;;\r\nP02;zé\r\n".encode()
    assert import_names(lena, data) == Changed(2, 1, 0, 3)
    assert [(i.code, i.name) for i in list_names(lena)] == [
        ("P01", "Maria José"),
        ("P01", "Mazé"),
        ("P02", "Zé"),
    ]
    with pytest.raises(BadNameList) as error:
        import_names(lena, b"name,code\nXqzcanaria,P07\nXqzcanario,P0*7\n")
    assert error.value.line == 3
    assert len(list_names(lena)) == 3


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"Xqzcanaria,P01\n", 1),
        (b"name,code,Xqzcanaria\n", 1),
        (b"name,name,code\n", 1),
        (b"name,code\nXqzcanaria\n", 2),
        (b"name,code\n,P01\n", 2),
        (b"name,code\nXqzcanaria,P01,,x\n", 2),
        (b'name,code\n"Xqzcanaria,P01\n', 2),
        (b"name,code\nMaria,P01\nXqz\xff,P01\n", 3),
        (b"name,code\nXqz\x07canaria,P01\n", 2),
        (b"name,code\nda,P01\n", 2),
    ],
)
def test_a_file_that_is_none_tells_its_line_and_no_name(team: Team, data: bytes, line: int) -> None:
    """The error may be logged."""
    with pytest.raises(BadNameList) as error:
        import_names(team["lena"], data)
    assert error.value.line == line
    assert "xqz" not in f"{error.value.message}{error.value.hint}".lower()
    assert list_names(team["lena"]) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "P01"), ("da", "P01"), ("X", "P01"), ("Dona", "P01"), ("12", "P01"),
        ("Xqzcanaria", ""), ("Xqzcanaria", "P/1"), ("Xqz\x07canaria", "P01"), ("Xqz" * 70, "P01"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_name_or_a_code(team: Team, name: str, code: str) -> None:
    """Refused without saying it."""
    with pytest.raises(BadValue) as error:
        add_name(team["lena"], name, code)
    assert "xqz" not in f"{error.value.message}{error.value.hint}".lower()


def test_a_name_that_is_not_there(team: Team) -> None:
    """Is not repeated."""
    with pytest.raises(BadInput) as error:
        remove_name(team["lena"], CANARY)
    assert "xqz" not in f"{error.value.message}{error.value.hint}".lower()


def test_no_name_leaves_the_catalog(team: Team) -> None:
    """Not by an event, a log, or a representation; what is removed is in no page any more."""
    lena = team["lena"]
    names = "\n".join(f"Nome{a}{b},P{a}{b}" for a in "abcdefghij" for b in "abcdefghijklmnopqrst")
    import_names(lena, f"name,code\n{names}\n".encode())
    add_name(lena, CANARY, "P01", "xqznote")
    (identity,) = [i for i in list_names(lena) if i.note]
    assert "xqz" not in repr(identity).lower()
    assert not any(b"xqzcan" in e.body.lower() for e in list_events(lena.catalog))
    for file in team.study.root.rglob("*"):
        if file.is_file():
            assert b"xqzcanaria" not in file.read_bytes().lower(), file
    remove_name(lena, CANARY)
    key = catalog_key(lena.vault.identities[lena.roster.period])
    team.close()
    pages = all_bytes(team.study.root / "catalog.db", key)
    assert b"Nomeab" in pages
    assert b"Xqzcanaria" not in pages
    assert b"xqznote" not in pages


def test_names_that_vanish_are_found(team: Team) -> None:
    """Without them a check is blind, so their number is told."""
    add_name(team["lena"], CANARY, "P01")
    assert audited(team) == []
    team["lena"].catalog.run("DELETE FROM identities")
    assert any("it has 0 names, and 1 were told" in line for line in audited(team))


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE identities SET name = 'Xqzoutra'",
        "UPDATE identities SET code = 'P02'",
        "UPDATE identities SET note = 'x'",
        "UPDATE identities SET nonce = zeroblob(32)",
        "INSERT INTO identities VALUES ('Xqzoutra', 'P02', '', zeroblob(32))",
        "DELETE FROM identities",
    ],
)
def test_what_another_hand_did_to_the_key_is_found(team: Team, by_hand: str) -> None:
    """By an audit, and before anything is checked with it; no name is told."""
    lena = team["lena"]
    add_name(lena, CANARY, "P01")
    assert (known_names(lena), audited(team)) == ((CANARY,), [])
    lena.catalog.run(by_hand)
    (found,) = audited(team)
    assert found.startswith("identity key")
    assert "xqz" not in found.lower()
    with pytest.raises(ForgedStore) as error:
        known_names(lena)
    assert "xqz" not in f"{error.value.message}{error.value.hint}".lower()


def test_a_key_that_no_lead_told_is_not_believed(team: Team) -> None:
    """Neither with no event at all, nor with one that an interpreter wrote and signed."""
    ivo = team["ivo"]
    put_identities(ivo.catalog, [Identity("Rosa", "P01")])
    with pytest.raises(ForgedStore):
        known_names(ivo)
    with ivo.catalog.transaction():
        digest = key_commitment(ivo.catalog)
        counts = {"added": 1, "changed": 0, "removed": 0, "count": 1}
        ivo.tell("names", {**counts, "names_sha256": digest})
    with pytest.raises(ForgedStore):
        known_names(ivo)
    add_name(team["lena"], "Rosa", "P02")
    assert known_names(ivo) == ("Rosa",)


def test_the_digest_of_the_same_names_is_another_each_time(team: Team) -> None:
    """So nobody learns from the log that a name is back, or finds one by trying."""
    lena, digests = team["lena"], []
    for _ in range(2):
        add_name(lena, CANARY, "P01")
        digests.append(key_commitment(lena.catalog))
        remove_name(lena, CANARY)
    assert len({*digests}) == 2


def test_the_command_line_says_no_name_but_in_the_list(team: Team, tmp_path: Path) -> None:
    """Typed as it is said, without quotation marks; or asked for, to stay out of the history."""
    pw = tmp_path / "pw"
    pw.write_text(PASSPHRASE)
    who = ["--vault", str(team.study.root), "--as", "lena", "--passphrase-file", str(pw)]

    def typed(*words: str, answer: str = "") -> str:
        result = CliRunner().invoke(confere, ["names", *words, *who], input=answer)
        return result.output + str(result.exception or "")

    assert "1 added; 1 in the identity key" in typed("add", *CANARY.split(), "P01")
    (tmp_path / "names.csv").write_text("name,code,note\nMaria José,P02,\n")
    assert "1 added; 2 in the identity key" in typed("import", str(tmp_path / "names.csv"))
    shown = typed("list")
    assert f"P01      {CANARY}" in shown
    assert "Maria José" in typed("list", "--json")
    told = typed("add", "Xqzcanaria") + typed("remove", "Xqzcanaria") + typed("import", "no.csv")
    assert "xqz" not in told.lower()
    asked = typed("remove", answer=f"{CANARY}\n")
    assert "1 removed; 1 in the identity key" in asked
