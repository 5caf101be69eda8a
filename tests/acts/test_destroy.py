"""Ending retention: what is gone, what stays, and what a cut-off leaves."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.comment import add_comment
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy, foresee
from confere.acts.draft import waiting
from confere.acts.find import find
from confere.acts.hand_over import hand_over
from confere.acts.offload import Dock, offload_folder
from confere.acts.queue import queue
from confere.acts.reading import open_transcript, tell_read
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import keep_played, play, verify
from confere.cli.player import SilentPlayer
from confere.domain import Role
from confere.errors import BadValue, Destroyed, NotAllowed, NotReady
from confere.intake.outcome import Silent
from confere.vault import Storage, Vault, register
from confere.vault.catalog import Catalog
from confere.vault.destruction import FILES, PAGES, get_destruction, list_destructions
from confere.vault.events import list_events
from confere.vault.study_keys import catalog_key
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.pages import all_bytes
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, Study

#: A word that stands in everything that must go: said, corrected, returned, noted, a file's name.
CANARY = "xqzcanario"
REASON = "withdrawn"


@contextlib.contextmanager
def opened(study: Study, name: str = "lena") -> Iterator[Desk]:
    """Sit down at the vault as somebody, and close it afterwards."""
    desk = study.desk(name)
    try:
        yield desk
    finally:
        desk.vault.close()


def recorded(study: Study, card: Path, name: str, pitch_hz: float) -> str:
    """Offload and take in one recording; return its id."""
    write_tone(card / name, seconds=9, pitch_hz=pitch_hz)
    offload_folder(
        Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock()), card, Silent(), keep=False
    )
    with opened(study) as desk:
        return take_in(desk)[0].id


def drafted(study: Study, recording_id: str, *lines: tuple[str, str]) -> None:
    """Let the machine write a draft."""
    with opened(study) as desk:
        draft(desk, recording_id, FakeSpeechEngine(lines), FakeTranslationEngine())


def signed(study: Study, recording_id: str) -> None:
    """Correct, verify and sign it, with the canary in every text there can be."""
    with opened(study, "ivo") as desk:
        correct(desk, recording_id, "1", Correction(source=f"{CANARY} um", target=f"{CANARY} one"))
        correct(desk, recording_id, "1", Correction(source="Um.", target="One."))
        correct(desk, recording_id, "2", Correction())
        add_comment(desk, recording_id, "1", f"Is {CANARY} a name?", ["vera"])
    with opened(study, "vera") as desk:
        assert play(desk, recording_id, "1", SilentPlayer())
        verify(desk, recording_id, "1")
        verify(desk, recording_id, "2", unplayed_reason=f"{CANARY} again")
        sign(desk, recording_id, PASSPHRASE)


def noted(study: Study, recording_id: str) -> None:
    """Write down what the interview was."""
    with opened(study) as desk:
        interview = register.get_recording(desk.catalog, recording_id).interview_id
        desk.catalog.run(
            "UPDATE interviews SET site = ?1, date = '2026-11-22', participants = ?2, notes = ?1,"
            " version = version + 1"
            " WHERE id = ?3",
            (CANARY, f'["{CANARY}"]', interview),
        )


@pytest.fixture
def doomed(study: Study, tmp_path: Path) -> str:
    """A signed recording that is full of the canary."""
    recording_id = recorded(study, tmp_path / "card", f"{CANARY}.WAV", 300)
    drafted(study, recording_id, ("pt", f"{CANARY} disse."), ("pt", f"O {CANARY} não."))
    noted(study, recording_id)
    signed(study, recording_id)
    return recording_id


@pytest.fixture
def other(study: Study, tmp_path: Path) -> str:
    """Another recording, with a draft."""
    recording_id = recorded(study, tmp_path / "card", "other.WAV", 500)
    drafted(study, recording_id, ("pt", "Bom dia."), ("pt", "Não sei."))
    return recording_id


def on_disk(study: Study, desk: Desk) -> bytes:
    """Return every page of the catalog and its log in the clear, as the study's key opens them."""
    key = catalog_key(desk.vault.identities[desk.roster.period])
    return all_bytes(study.root / "catalog.db", key)


def is_gone(study: Study, recording_id: str) -> None:
    """Assert that nothing of it is left but what may stay."""
    with opened(study) as desk:
        assert not list((study.root / "recordings").glob(f"{recording_id}*"))
        assert not list((study.root / "intake").iterdir())
        assert CANARY.encode() not in on_disk(study, desk)
        assert desk.catalog.value("PRAGMA freelist_count") == 0
        assert desk.catalog.value("SELECT count(*) FROM unwiped") == 0
        desk.catalog.check()
        gone = get_destruction(desk.catalog, recording_id)
        assert gone is not None
        (told,) = [
            e.value()
            for e in list_events(desk.catalog, recording_id)
            if e.value()["what"] == "destroy"
        ]
        assert (gone.at, gone.by, gone.reason) == (told["at"], "lena", REASON)


# --- what goes and what stays -------------------------------------------------------------------


def test_it_stands_on_the_disk_before(study: Study, doomed: str) -> None:
    """The test below looks where the words are: draft, revisions, texts, index, signature, interview."""
    with opened(study) as desk:
        assert on_disk(study, desk).count(CANARY.encode()) > 10


def test_nothing_of_it_is_left(study: Study, doomed: str, other: str) -> None:
    """No file, no row, no page of the catalog or of its log, used or free, has a word of it."""
    with opened(study) as desk:
        ended = destroy(desk, doomed, f" {REASON} ")
        assert ended.left == ()
        assert CANARY.encode() not in on_disk(study, desk)  # already now, with the catalog open
    is_gone(study, doomed)


def test_the_search_index_forgets_it(study: Study, doomed: str, other: str) -> None:
    """Its words are found no more, and no row of the index's own tables has any of them."""
    with opened(study) as desk:
        assert find(desk, CANARY, 9).count == 1
        destroy(desk, doomed, REASON)
        assert find(desk, CANARY, 9).count == 0
        tables = ("data", "idx", "docsize", "config")
        rows = [
            tuple(r) for t in tables for r in desk.catalog.rows(f"SELECT * FROM segment_index_{t}")
        ]
        assert not any(CANARY.encode() in bytes(v) for r in rows for v in r if isinstance(v, bytes))
        desk.catalog.run("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, segment_index, row)")
        terms = {row[0] for row in desk.catalog.rows("SELECT term FROM temp.v")}
        assert terms == {"bom", "dia", "nao", "sei", "say"}
        assert find(desk, "dia", 9).hits[0].recording_id == other


def test_the_translation_memory_forgets_it(study: Study, doomed: str, other: str) -> None:
    """Three letters of a destroyed text are in no row of its index; those of another stay."""
    with opened(study, "ivo") as desk:
        correct(desk, other, "2", Correction(target="I do not know."))
    with opened(study, "vera") as desk:
        verify(desk, other, "2", unplayed_reason="as before")
    with opened(study) as desk:
        desk.catalog.run("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, pair_index, row)")
        known = "SELECT term FROM temp.v"
        assert {"xqz", "rio", "não"} <= {row[0] for row in desk.catalog.rows(known)}
        destroy(desk, doomed, REASON)
        assert {row[0] for row in desk.catalog.rows(known)} == {
            "não", "ão ", "o s", " se", "sei", "ei.",
        }  # fmt: skip
        for table in ("data", "idx", "config"):
            for row in desk.catalog.rows(f"SELECT * FROM pair_index_{table}"):
                assert not any(b"xqz" in bytes(v) for v in row if isinstance(v, bytes))
        desk.catalog.run("INSERT INTO pair_index (pair_index, rank) VALUES ('integrity-check', 1)")


def test_what_stays(study: Study, doomed: str) -> None:
    """Id, digests, lengths, times, who did what when; and every event keeps its place in the log."""
    with opened(study) as desk:
        before = desk.catalog.row("SELECT * FROM recordings")
        events = [(e.body, e.entry) for e in list_events(desk.catalog)]
        destroy(desk, doomed, REASON)
        after = desk.catalog.row("SELECT * FROM recordings")
        assert before and after
        gone = {"name", "note"}
        assert {k for k in before.keys() if before[k] != after[k]} == gone  # noqa: SIM118
        assert [(e.body, e.entry) for e in list_events(desk.catalog)][: len(events)] == events
        assert all(desk.vault.log.find(entry) is not None for _, entry in events)
        interview = register.get_interview(desk.catalog, after["interview_id"])
        assert (interview.site, interview.date, interview.participants, interview.notes) == (
            "",
            "",
            (),
            "",
        )
        assert register.find_recording(desk.catalog, doomed[:6]) == doomed


def test_every_act_says_what_happened(study: Study, doomed: str, tmp_path: Path) -> None:
    """One clear error, whatever is asked for; and the queue leaves it out."""
    with opened(study) as desk:
        destroy(desk, doomed, REASON)
        says = f"{doomed} was destroyed by lena at 2026-"
        with pytest.raises(Destroyed, match=says):
            open_transcript(desk, doomed)
        with pytest.raises(Destroyed, match=says):
            hand_over(desk, [doomed], ["json"], tmp_path / "out")
        with pytest.raises(Destroyed, match=says):
            destroy(desk, doomed, REASON)
        with pytest.raises(Destroyed, match=says):
            draft(desk, doomed, FakeSpeechEngine(), FakeTranslationEngine())
        assert queue(desk) == []
        assert waiting(desk) == []
    with opened(study, "vera") as desk:
        with pytest.raises(Destroyed, match=says):
            sign(desk, doomed, PASSPHRASE)
        with pytest.raises(Destroyed, match=says):
            play(desk, doomed, "1", SilentPlayer())
    with opened(study, "ivo") as desk, pytest.raises(Destroyed, match=says):
        correct(desk, doomed, "1", Correction())


def test_the_others_are_as_they_were(study: Study, doomed: str, other: str) -> None:
    """Another recording opens, is found and can be worked on."""
    with opened(study) as desk:
        before = open_transcript(desk, other)
        destroy(desk, doomed, REASON)
        assert open_transcript(desk, other) == before
        with desk.vault.open_audio(other) as audio:
            assert audio.read(4) == b"RIFF"
    with opened(study, "ivo") as desk:
        assert correct(desk, other, "1", Correction(target="Good day.")).version == 1


def test_an_interview_with_another_part_keeps_its_notes(study: Study, tmp_path: Path) -> None:
    """What is written of an interview goes with its last recording."""
    card = tmp_path / "card"
    for part in (1, 2):
        write_tone(card / f"ZOOM0001_LR-000{part}.WAV", pitch_hz=300 + part)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    with opened(study) as desk:
        first, second = take_in(desk)
        assert first.interview_id == second.interview_id
    noted(study, first.id)
    with opened(study) as desk:
        assert not foresee(desk, first.id).last
        destroy(desk, first.id, REASON)
        assert register.get_interview(desk.catalog, first.interview_id).notes == CANARY
        assert foresee(desk, second.id).last
        destroy(desk, second.id, REASON)
    is_gone(study, second.id)


# --- the same sound twice -----------------------------------------------------------------------


def test_the_same_sound_again_is_a_new_recording(study: Study, doomed: str, tmp_path: Path) -> None:
    """Offloaded after the destruction, it is no duplicate of what is gone."""
    with opened(study) as desk:
        destroy(desk, doomed, REASON)
    again = recorded(study, tmp_path / "card", "again.WAV", 300)
    with opened(study) as desk:
        recording = register.get_recording(desk.catalog, again)
        assert recording.sha256 == desk.catalog.value(
            "SELECT sha256 FROM recordings WHERE id = ?", (doomed,)
        )
        assert register.duplicates(desk.catalog) == {}
        assert [r.id for r in waiting(desk)] == [again]


def test_duplicates_of_it_stay_usable(study: Study, doomed: str, tmp_path: Path) -> None:
    """The oldest stands for the sound from now on, the next is its duplicate; the lead is told."""
    # The tests' clock stands still, and of two offloaded at once the smaller number is the older.
    names = ("second.WAV", "third.WAV")
    second, third = sorted(recorded(study, tmp_path / "card", name, 300) for name in names)
    with opened(study) as desk:
        assert register.duplicates(desk.catalog) == {second: doomed, third: doomed}
        ended = destroy(desk, doomed, REASON)
        assert ended.doomed.same_sound == (second, third)
        assert register.duplicates(desk.catalog) == {third: second}
        assert [r.id for r in waiting(desk)] == [second]
        with desk.vault.open_audio(second) as audio:
            assert audio.read(4) == b"RIFF"


def test_destroying_a_duplicate_leaves_the_kept_one(
    study: Study, other: str, tmp_path: Path
) -> None:
    """It has a key of its own, and what it is a duplicate of is not touched."""
    second = recorded(study, tmp_path / "card", "second.WAV", 500)
    with opened(study) as desk:
        assert destroy(desk, second, REASON).doomed.same_sound == (other,)
        assert [w.recording_id for w in queue(desk)] == [other]
        with desk.vault.open_audio(other) as audio:
            assert audio.read(4) == b"RIFF"
    third = recorded(study, tmp_path / "card", "third.WAV", 500)
    with opened(study) as desk:
        assert register.duplicates(desk.catalog)[third] == other


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ivo", "vera"])
def test_only_a_lead_destroys(study: Study, doomed: str, name: str) -> None:
    """Nobody else, and nothing is changed."""
    with opened(study, name) as desk, pytest.raises(NotAllowed):
        destroy(desk, doomed, REASON)
    with opened(study) as desk:
        assert open_transcript(desk, doomed).signed is not None
        assert list_destructions(desk.catalog) == []


def test_without_a_reason_nothing_is_destroyed(study: Study, doomed: str) -> None:
    """An ethics board will ask for it."""
    with opened(study) as desk, pytest.raises(BadValue, match="reason"):
        destroy(desk, doomed, "  ")
    with opened(study) as desk:
        assert open_transcript(desk, doomed).signed is not None


def test_a_damaged_recording_can_be_destroyed(study: Study, doomed: str) -> None:
    """A folder that is gone or spoiled does not hinder."""
    shutil.rmtree(study.root / "recordings" / doomed)
    with opened(study) as desk:
        destroy(desk, doomed, REASON)
    is_gone(study, doomed)


def test_what_was_under_way_meanwhile_is_refused(study: Study, doomed: str) -> None:
    """A draft or a playback that ends after the destruction brings nothing back."""
    with opened(study) as desk, opened(study, "vera") as player:
        recording = register.get_recording(player.catalog, doomed)
        destroy(desk, doomed, REASON)
        with pytest.raises(Exception, match="was destroyed"):
            keep_played(player, recording, (0, 1000))
        with pytest.raises(Destroyed):
            register.set_duration(player.catalog, doomed, 1)


# --- cut off ------------------------------------------------------------------------------------


class Cut(BaseException):
    """A power cut."""


def cut_before(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, nth: int) -> None:
    """End the process, as far as the vault can tell, before the nth call of a method from here."""
    original: Callable[..., object] = getattr(owner, name)
    calls = iter(range(1, 1000))

    def method(self: object, *given: object, **named: object) -> object:
        if next(calls) == nth:
            raise Cut
        return original(self, *given, **named)

    monkeypatch.setattr(owner, name, method)


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [
        (Storage, "append", 1),  # the log: the catalog knows, and nothing else
        (Storage, "shred", 1),
        (Storage, "remove", 1),  # overwritten, not removed
        (Storage, "remove", 2),  # the key is gone, the rest is there
        (Storage, "remove", 3),
        (Storage, "remove", 4),
        (Catalog, "wipe", 1),  # the files are gone, the pages are not
    ],
)
def test_cut_off_it_is_finished_by_the_next_who_unlocks(
    study: Study, doomed: str, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, nth: int
) -> None:
    """From the transaction on there is no way back, only forward; whoever reads will do."""
    with opened(study) as desk:
        cut_before(monkeypatch, owner, name, nth)
        with pytest.raises(Cut):
            destroy(desk, doomed, REASON)
    monkeypatch.undo()
    with opened(study, "ivo"):
        pass
    is_gone(study, doomed)


def test_cut_off_before_the_transaction_nothing_happened(
    study: Study, doomed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: the words come out of every table, or out of none."""
    with opened(study) as desk:
        monkeypatch.setattr("confere.vault.destruction._hand_on", _cut)
        with pytest.raises(Cut):
            destroy(desk, doomed, REASON)
    monkeypatch.undo()
    with opened(study) as desk:
        assert open_transcript(desk, doomed).signed is not None
        assert find(desk, CANARY, 9).count == 1


def _cut(*_: object) -> None:
    raise Cut


def test_the_key_is_overwritten_before_it_goes(
    study: Study, doomed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the two, the file is there and holds nothing of the key."""
    key = study.root / "recordings" / doomed / "key.age"
    before = key.read_bytes()
    with opened(study) as desk:
        cut_before(monkeypatch, Storage, "remove", 1)
        with pytest.raises(Cut):
            destroy(desk, doomed, REASON)
    assert len(key.read_bytes()) == len(before)
    assert not set(key.read_bytes().splitlines()) & set(before.splitlines())


def test_what_comes_back_from_a_copy_goes_again(study: Study, doomed: str, tmp_path: Path) -> None:
    """Destroyed stays destroyed, also when its folder is put back by hand."""
    folder = study.root / "recordings" / doomed
    shutil.copytree(folder, tmp_path / "copy")
    with opened(study) as desk:
        destroy(desk, doomed, REASON)
    shutil.copytree(tmp_path / "copy", folder)
    (study.root / "intake" / f"{doomed}.age").write_bytes(b"a note")
    is_gone(study, doomed)


# --- while others are at it ---------------------------------------------------------------------


def test_while_somebody_reads_the_old_pages_wait(study: Study, doomed: str) -> None:
    """The key and the words are gone at once; the pages are wiped by the next who unlocks alone."""
    with opened(study, "vera") as reader, opened(study) as desk:
        reader.catalog.run("BEGIN")
        reader.catalog.rows("SELECT id FROM segments")
        assert destroy(desk, doomed, REASON).left == (PAGES,)
        assert not (study.root / "recordings" / doomed).exists()
        with opened(study, "ivo") as waits:  # nobody is kept from working by it
            assert waits.catalog.value("SELECT count(*) FROM unwiped") == 1
        reader.catalog.run("COMMIT")
    is_gone(study, doomed)


def test_somebody_who_only_has_it_open_hinders_nothing(study: Study, doomed: str) -> None:
    """An open catalog that is not being read is no hindrance, and goes on afterwards."""
    with opened(study, "vera") as reader, opened(study) as desk:
        assert destroy(desk, doomed, REASON).left == ()
        with pytest.raises(Destroyed):
            open_transcript(reader, doomed)
        assert find(reader, CANARY, 9).count == 0


def test_while_the_roster_changes_the_key_waits(
    study: Study, doomed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resealing would bring a key file back that goes meanwhile; it says so, and the next one does it."""
    monkeypatch.setattr("confere.acts.destroy._WAIT_S", 0)
    with opened(study) as desk:
        with desk.vault.locked.alone("roster"):
            assert destroy(desk, doomed, REASON).left == (FILES,)
        assert (study.root / "recordings" / doomed / "key.age").exists()
    is_gone(study, doomed)


def test_a_locked_catalog_is_no_damage(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds it locked is told to wait, not to restore a backup."""
    with opened(study) as desk, opened(study, "ivo") as busy:
        monkeypatch.setattr("confere.vault.catalog._WAIT_MS", 0)
        with (
            busy.catalog.transaction(),
            pytest.raises(NotReady, match="open"),
            desk.catalog.transaction(),
        ):
            raise AssertionError("two writers at once")


# --- reading is told ----------------------------------------------------------------------------


def test_reading_is_told(study: Study, doomed: str, other: str) -> None:
    """Showing a transcript, and every recording of which a search shows a text, once."""
    with opened(study, "ivo") as desk:
        tell_read(desk, other)
        assert {hit.recording_id for hit in find(desk, "nao", 9).hits} == {doomed, other}
        find(desk, "nowhere", 9)
        reads = [
            (v["by"], v["of"]["recording"])
            for v in (e.value() for e in list_events(desk.catalog))
            if v["what"] == "read"
        ]
        assert reads[0] == ("ivo", other)
        assert sorted(reads[1:]) == sorted([("ivo", doomed), ("ivo", other)])


def test_any_reader_finds(study: Study, other: str) -> None:
    """A verifier, an interpreter, a lead; a fieldworker opens nothing at all."""
    for name in ("lena", "ivo", "vera"):
        with opened(study, name) as desk:
            assert desk.person.roles <= {Role.LEAD, Role.INTERPRETER, Role.VERIFIER}
            assert find(desk, "bom dia", 9).count == 1
