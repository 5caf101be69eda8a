"""What the checks see in a transcript, dismissed with a reason, and open again when anything changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.checks import (
    dismiss,
    handle_length,
    look,
    look_at,
    look_at_segment,
    raise_again,
)
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.names import add_name, remove_name
from confere.acts.offload import Dock, offload_folder
from confere.acts.sign import sign
from confere.acts.split import merge, split, undo
from confere.acts.take_in import take_in
from confere.acts.verify import verify
from confere.errors import (
    AlteredTranscript,
    BadValue,
    Destroyed,
    NoSuchThing,
    NotAllowed,
    NotReady,
    Signed,
)
from confere.intake.outcome import Silent
from confere.review.checks import Level
from confere.review.checks.dismissals import Seen, count_open
from confere.vault import Vault
from confere.vault.events import latest_event, list_events
from confere.vault.study_keys import catalog_key
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.pages import all_bytes
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE
from doubles.teams import Team

#: The first and the third are the same; their translation lacks a person and a mark.
SPOKEN = "Vieram três pessoas ontem. [risos]"
TOLD = "Two people came yesterday."
OTHERWISE = "Three xqzcanario came by yesterday. [laughter]"
LINES = (("pt", SPOKEN), ("en", "Good morning to you all."), ("pt", SPOKEN), ("pt", "Não."))
WHY = "She said two xqzreason, and corrected herself."


@pytest.fixture
def recording(team: Team, tmp_path: Path) -> str:
    """A drafted recording in which numbers and marks are wrong."""
    write_tone(tmp_path / "card" / "a.wav", seconds=12)
    dock = Dock(Vault(team.study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    (taken,) = take_in(team["lena"])
    translations = FakeTranslationEngine({SPOKEN: TOLD, "Não.": "No."})
    draft(team["lena"], taken.id, FakeSpeechEngine(LINES), translations)
    correct(team["ivo"], taken.id, "1", Correction(source=SPOKEN, target=TOLD))
    correct(team["ivo"], taken.id, "3", Correction(source=SPOKEN, target=TOLD))
    return taken.id


def open_errors(team: Team, recording: str, number: int) -> list[str]:
    """Return the errors that are open in a segment, as the interpreter sees them."""
    looked = look(team["ivo"], recording)
    seen = looked.of(looked.transcript.segments[number - 1].id)
    return [i.finding.message_id for i in seen if i.is_open and i.finding.level is Level.ERROR]


def of(desk_seen: Iterator[Seen] | tuple[Seen, ...], message_id: str) -> Seen:
    """Return the one that says this."""
    return next(it for it in desk_seen if it.finding.message_id == message_id)


def number_key(team: Team, recording: str) -> str:
    """Return the key of what is wrong with the number in the first segment."""
    looked = look(team["ivo"], recording)
    return of(looked.of(looked.transcript.segments[0].id), "numbers.differ").finding.key


def audited(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


BOTH = ["numbers.differ", "marks.missing"]


def test_everything_is_seen_and_told_as_a_reading(team: Team, recording: str) -> None:
    """In both texts, by segment; one segment is looked at alone, without its twins."""
    before = len(list_events(team["vera"].catalog))
    looked = look(team["vera"], recording)
    assert len(list_events(team["vera"].catalog)) == before + 1
    assert latest_event(team["vera"].catalog, "read") is not None
    first, english, third, _ = looked.transcript.segments
    assert {i.finding.message_id for i in looked.of(first.id)} >= set(BOTH)
    assert looked.of(english.id) == ()
    assert look_at(team["vera"], looked.transcript) == looked.seen
    assert look_at_segment(team["vera"], looked.transcript, third) == looked.of(third.id)
    assert len(list_events(team["vera"].catalog)) == before + 1
    assert count_open(looked.seen)[Level.ERROR] == 4


def test_handles_tell_all_apart(team: Team, recording: str) -> None:
    """Two segments with the same texts show the same one; dismissing names the segment too."""
    looked = look(team["ivo"], recording)
    handles = {looked.handle(it) for it in looked.seen}
    keys = {it.finding.key for it in looked.seen}
    assert len(handles) == len(keys)
    assert all(len(handle) == handle_length(looked.seen) >= 4 for handle in handles)


def test_a_dismissal_keeps_who_and_why(team: Team, recording: str) -> None:
    """The finding stays, and is open no longer; there, and in no other segment."""
    key = number_key(team, recording)
    made = dismiss(team["vera"], recording[:6], "1", key[:4].upper(), f" {WHY} ")
    assert made.dismissal is not None
    assert (made.dismissal.by, made.dismissal.reason) == ("vera", WHY)
    assert made in look(team["ivo"], recording).seen
    assert open_errors(team, recording, 1) == ["marks.missing"]
    assert sorted(open_errors(team, recording, 3)) == sorted(BOTH)
    assert audited(team) == []


@pytest.mark.parametrize(
    "change",
    [
        Correction(source=SPOKEN + " Foi."),
        Correction(target=TOLD + " Yes."),
        Correction(language="es"),
    ],
    ids=["source", "target", "language"],
)
def test_another_text_is_open_again(team: Team, recording: str, change: Correction) -> None:
    """A dismissal speaks of what stood there; put back as it was, it holds again."""
    mark = of(look(team["ivo"], recording).seen, "marks.missing").finding.key
    dismiss(team["ivo"], recording, "1", mark, WHY)
    assert "marks.missing" not in open_errors(team, recording, 1)
    correct(team["ivo"], recording, "1", change)
    assert "marks.missing" in open_errors(team, recording, 1)
    with pytest.raises(NoSuchThing):
        dismiss(team["ivo"], recording, "1", mark, WHY)
    undo(team["ivo"], recording, "1")
    assert "marks.missing" not in open_errors(team, recording, 1)
    assert audited(team) == []


def test_a_corrected_text_has_nothing_to_dismiss(team: Team, recording: str) -> None:
    """What is not seen cannot be found right."""
    key = number_key(team, recording)
    correct(team["ivo"], recording, "1", Correction(target="Three people came. [laughter]"))
    assert open_errors(team, recording, 1) == []
    with pytest.raises(NoSuchThing, match="finding"):
        dismiss(team["ivo"], recording, "1", key, WHY)


def test_neither_part_of_a_split_has_it(team: Team, recording: str) -> None:
    """Nor what is merged; what is put together again by undoing has it."""
    dismiss(team["ivo"], recording, "1", number_key(team, recording), WHY)
    split(team["ivo"], recording, "1", at_ms=1_000, source_at=len("Vieram três "), target_at=4)
    assert "numbers.differ" in open_errors(team, recording, 1)
    undo(team["ivo"], recording, "1")
    assert "numbers.differ" not in open_errors(team, recording, 1)
    merge(team["ivo"], recording, "1", anyway=True)
    assert "numbers.differ" in open_errors(team, recording, 1)
    assert audited(team) == []


def test_two_dismiss_at_once(team: Team, recording: str) -> None:
    """The second is told who was first; both at different findings both hold."""
    key = number_key(team, recording)
    mark = of(look(team["ivo"], recording).seen, "marks.missing").finding.key
    dismiss(team["ivo"], recording, "1", key, WHY)
    with pytest.raises(NotReady, match="ivo dismissed it"):
        dismiss(team["vera"], recording, "1", key, "The same.")
    dismiss(team["vera"], recording, "1", mark, WHY)
    assert open_errors(team, recording, 1) == []


def test_it_is_taken_back_by_anybody_who_works(team: Team, recording: str) -> None:
    """Then it is open, and may be dismissed for another reason: the last one holds."""
    key = number_key(team, recording)
    with pytest.raises(NotReady, match="open"):
        raise_again(team["vera"], recording, "1", key)
    dismiss(team["ivo"], recording, "1", key, WHY)
    again = raise_again(team["vera"], recording, "1", key, "No, she did not.")
    assert again.is_open
    assert sorted(open_errors(team, recording, 1)) == sorted(BOTH)
    dismiss(team["vera"], recording, "1", key, "Heard it again: she did.")
    looked = look(team["ivo"], recording)
    held = of(looked.of(looked.transcript.segments[0].id), "numbers.differ").dismissal
    assert held is not None
    assert (held.by, held.reason) == ("vera", "Heard it again: she did.")
    assert audited(team) == []


def test_what_only_all_segments_show_is_dismissed_too(team: Team, recording: str) -> None:
    """The same words, translated otherwise elsewhere."""
    correct(team["ivo"], recording, "3", Correction(target=OTHERWISE))
    looked = look(team["ivo"], recording)
    first = looked.transcript.segments[0]
    twin = of(looked.of(first.id), "inconsistent.target")
    dismiss(team["ivo"], recording, "1", twin.finding.key[:12], WHY)
    looked = look(team["ivo"], recording)
    assert not of(looked.of(first.id), "inconsistent.target").is_open


def test_what_is_refused(team: Team, recording: str) -> None:
    """No reason, no such finding, an ambiguous one, a lead who works on nothing, no reader."""
    key = number_key(team, recording)
    for reason in ("", " \n"):
        with pytest.raises(BadValue, match="reason"):
            dismiss(team["ivo"], recording, "1", key, reason)
    for given in ("", "zzzz", "0" * 64):
        with pytest.raises(NoSuchThing):
            dismiss(team["ivo"], recording, "1", given, WHY)
    with pytest.raises(NoSuchThing):
        dismiss(team["ivo"], recording, "2", key, WHY)
    with pytest.raises(NoSuchThing):
        dismiss(team["ivo"], recording, "99", key, WHY)
    with pytest.raises(NotAllowed):
        dismiss(team["lena"], recording, "1", key, WHY)
    with pytest.raises(NotAllowed):
        raise_again(team["lena"], recording, "1", key)
    assert sorted(open_errors(team, recording, 1)) == sorted(BOTH)
    assert latest_event(team["lena"].catalog, "dismiss") is None


def test_the_log_never_has_the_words(team: Team, recording: str) -> None:
    """Nor the key, from which short texts can be guessed: where, which check, and a commitment."""
    correct(team["ivo"], recording, "1", Correction(target=OTHERWISE.replace("Three", "Two")))
    key = number_key(team, recording)
    dismiss(team["ivo"], recording, "1", key, WHY)
    raise_again(team["vera"], recording, "1", key, WHY)
    events = list_events(team["lena"].catalog)
    for event, what in zip(events[-2:], ("dismiss", "raise again"), strict=True):
        value = event.value()
        assert value["what"] == what
        assert set(value["of"]) == {
            "recording", "segment", "message_id", "level", "dismissal_sha256",
        }  # fmt: skip
        assert value["of"]["dismissal_sha256"] != key
    assert (
        events[-1].value()["of"]["dismissal_sha256"] != events[-2].value()["of"]["dismissal_sha256"]
    )
    for secret in (b"xqzcanario", b"xqzreason", key.encode(), key[:12].encode()):
        assert not any(secret in event.body for event in events)


def test_a_name_of_the_identity_key_is_an_error(team: Team, recording: str) -> None:
    """From the moment that it is in the key; who corrects sees the word that is there, not the key."""
    correct(team["ivo"], recording, "4", Correction(source="A Xqz não.", target="Not Xqz."))
    assert open_errors(team, recording, 4) == []
    add_name(team["lena"], "Xqz Segredo", "P01")
    looked = look(team["ivo"], recording)
    name = of(looked.seen, "identity.name")
    assert name.finding.parameters["text"] == "Xqz"
    assert "Segredo" not in repr(looked.seen)
    dismiss(team["vera"], recording, "4", name.finding.key, "The dog.")
    rows = team["lena"].catalog.rows("SELECT message FROM dismissals")
    assert [row[0] for row in rows] == ["A name of the identity key stands in both texts."]
    remove_name(team["lena"], "xqz segredo")
    assert open_errors(team, recording, 4) == []
    assert audited(team) == []


def test_it_goes_with_its_recording(team: Team, recording: str) -> None:
    """No row and no page has a word of it."""
    dismiss(team["ivo"], recording, "1", number_key(team, recording), WHY)
    lena = team["lena"]
    for name in ("ivo", "vera", "wanda", "bia"):
        team[name].vault.close()
    key = catalog_key(lena.vault.identities[lena.roster.period])
    assert b"xqzreason" in all_bytes(team.study.root / "catalog.db", key)
    destroy(lena, recording, "withdrawn")
    assert b"xqzreason" not in all_bytes(team.study.root / "catalog.db", key)
    assert lena.catalog.rows("SELECT 1 FROM dismissals") == []
    with pytest.raises(Destroyed):
        look(lena, recording)
    assert audited(team) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE dismissals SET reason = 'other'", "was told by no event"),
        ("UPDATE dismissals SET by = 'wanda'", "was told by no event"),
        ("UPDATE dismissals SET withdrawn = 1", "its dismissal is missing"),
        ("DELETE FROM dismissals", "its dismissal is missing from the catalog"),
        (
            "INSERT INTO dismissals (recording_id, segment_id, finding, message_id, level, message,"
            " by, at, reason, nonce) SELECT recording_id, segment_id, 'k', message_id, level,"
            " message, 'vera', at, reason, nonce FROM dismissals",
            "was told by no event",
        ),
    ],
)
def test_another_hand_is_found(team: Team, recording: str, statement: str, finding: str) -> None:
    """The rules of the catalog refuse what changes a row; the audit finds whatever got past them."""
    dismiss(team["ivo"], recording, "1", number_key(team, recording), WHY)
    catalog = team["lena"].catalog

    def refused(act: Callable[[], object]) -> bool:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the driver's own, which only the vault imports
            return "dismissal" in str(error)
        return False

    if not statement.startswith("INSERT"):
        assert refused(lambda: catalog.run(statement))
    for trigger in ("dismissals_stay", "dismissals_remain"):
        catalog.run(f"DROP TRIGGER {trigger}")
    catalog.run(statement)
    assert any(finding in line for line in audited(team)), audited(team)


def verified(team: Team, recording: str) -> None:
    """Bring a recording to where nothing but open errors keeps it from being signed."""
    for number in ("2", "4"):
        correct(team["ivo"], recording, number, Correction())
    for number in ("1", "2", "3", "4"):
        verify(team["vera"], recording, number, unplayed_reason="sat in the room")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dismissals SET by = 'vera'",
        "UPDATE dismissals SET reason = 'other'",
        "DELETE FROM dismissals WHERE withdrawn = 1",
    ],
)
def test_another_hand_does_not_get_it_signed(team: Team, recording: str, statement: str) -> None:
    """A dismissal under another's name, in other words, or held by taking away what took it back."""
    ivo, vera = team["ivo"], team["vera"]
    verified(team, recording)
    errors = [i for i in look(ivo, recording).seen if i.finding.level is Level.ERROR]
    for it in errors:
        dismiss(ivo, recording, it.segment_id, it.finding.key, WHY)
    last = errors[-1]
    raise_again(vera, recording, last.segment_id, last.finding.key)
    if not statement.startswith("DELETE"):
        dismiss(ivo, recording, last.segment_id, last.finding.key, WHY)
    for trigger in ("dismissals_stay", "dismissals_remain"):
        vera.catalog.run(f"DROP TRIGGER {trigger}")
    vera.catalog.run(statement)
    with pytest.raises(AlteredTranscript):
        sign(vera, recording, PASSPHRASE)


def test_an_open_error_keeps_it_from_being_signed(team: Team, recording: str) -> None:
    """Dismissed, it stands in the signed document with who and why; then nothing is dismissed any more."""
    ivo, vera = team["ivo"], team["vera"]
    verified(team, recording)
    with pytest.raises(NotReady, match="1, 3"):
        sign(vera, recording, PASSPHRASE)
    errors = [i for i in look(ivo, recording).seen if i.finding.level is Level.ERROR]
    for it in errors:
        dismiss(ivo, recording, it.segment_id, it.finding.key, WHY)
    signed = sign(vera, recording, PASSPHRASE)
    told = signed.document["checks_dismissed"]
    assert {(d["segment"], d["check"]) for d in told} == {
        (i.segment_id, i.finding.message_id) for i in errors
    }
    assert {(d["by"], d["reason"]) for d in told} == {("ivo", WHY)}
    first = errors[0]
    with pytest.raises(Signed):
        raise_again(vera, recording, first.segment_id, first.finding.key)
    assert count_open(look(vera, recording).seen)[Level.ERROR] == 0
    assert audited(team) == []
