"""The way of one recording through every act, with the rules that hold on the way."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from confere import wiring
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.draft import waiting
from confere.acts.hand_over import hand_over
from confere.acts.offload import Dock, offload_folder
from confere.acts.queue import Stage, queue
from confere.acts.reading import open_transcript, signed_file
from confere.acts.rescue import by_identity, by_passphrase, rescue
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import play, return_segment, verify
from confere.cli.player import SilentPlayer
from confere.crypto import encrypt
from confere.crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from confere.domain import Role, State
from confere.errors import (
    AlteredTranscript,
    BadProof,
    BadSignature,
    BadValue,
    DamagedObject,
    DamagedVault,
    MovedOn,
    NotAllowed,
    NotAudio,
    NotPlayed,
    NotReady,
    OwnWork,
    PracticeOnly,
    Signed,
    UnknownLanguage,
)
from confere.intake.outcome import Silent
from confere.intake.receipt import Receipt
from confere.vault import Vault, register
from confere.vault.events import list_events
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, WRONG, Study

PLAYER = SilentPlayer()


def offload_card(study: Study, folder: Path, *, keep: bool = False) -> Receipt:
    """Offload a folder into a study's vault, without waiting."""
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    return offload_folder(dock, folder, Silent(), keep=keep)


def recorded(study: Study, card: Path, pitch_hz: float = 300) -> str:
    """Offload and take in one recording; return its id."""
    write_tone(card / "ZOOM0001.WAV", pitch_hz=pitch_hz)
    offload_card(study, card)
    with opened(study, "lena") as desk:
        return take_in(desk)[0].id


class opened:
    """Sit down at the vault as somebody, and close it afterwards."""

    def __init__(self, study: Study, name: str) -> None:
        self._study, self._name = study, name

    def __enter__(self) -> Desk:
        self._desk = self._study.desk(self._name)
        return self._desk

    def __exit__(self, *_: object) -> None:
        self._desk.vault.close()


@pytest.fixture
def drafted(study: Study, tmp_path: Path) -> str:
    """A recording with a draft of two Portuguese sentences and an English one."""
    recording = recorded(study, tmp_path / "card")
    lines = [("pt", "Bom dia."), ("en", "Good morning."), ("pt", "Não sei.")]
    with opened(study, "lena") as desk:
        draft(desk, recording, FakeSpeechEngine(lines), FakeTranslationEngine())
    return recording


def corrected(study: Study, recording: str) -> None:
    """Let the interpreter take every segment as it stands, but the first, which is corrected."""
    with opened(study, "ivo") as desk:
        correct(desk, recording, "1", Correction(target="Good day."))
        for number in ("2", "3"):
            correct(desk, recording, number, Correction())


def verified(study: Study, recording: str) -> None:
    """Let the verifier play and verify every segment."""
    with opened(study, "vera") as desk:
        for number in ("1", "2", "3"):
            assert play(desk, recording, number, PLAYER)
            verify(desk, recording, number)


@pytest.fixture
def signed(study: Study, drafted: str) -> str:
    """A recording whose transcript is signed."""
    corrected(study, drafted)
    verified(study, drafted)
    with opened(study, "vera") as desk:
        sign(desk, drafted, PASSPHRASE)
    return drafted


# --- from the recorder to the draft --------------------------------------------------------------


def test_a_recording_goes_into_the_vault_and_off_the_recorder(study: Study, tmp_path: Path) -> None:
    """After an offload the file is gone from the card, sealed in the vault, and opens there."""
    original = write_tone(tmp_path / "card" / "a.wav").read_bytes()
    receipt = offload_card(study, tmp_path / "card")
    assert [o.fate for o in receipt.outcomes] == ["taken"]
    assert list((tmp_path / "card").iterdir()) == []
    with opened(study, "lena") as desk:
        (recording,) = take_in(desk)
        with desk.vault.open_audio(recording.id) as audio:
            assert audio.read() == original


def test_keeping_deletes_nothing(study: Study, tmp_path: Path) -> None:
    """With --keep the file is copied and proved, and stays."""
    file = write_tone(tmp_path / "card" / "a.wav")
    offload_card(study, tmp_path / "card", keep=True)
    assert file.exists()


def test_nothing_in_the_vault_is_in_the_clear(study: Study, signed: str) -> None:
    """Neither sound, nor words, nor the recorder's file name stand in any file of the vault."""
    canaries = [
        b"RIFF",
        b"Bom dia",
        b"Good day",
        b"ZOOM0001",
        b"SQLite format",
        PASSPHRASE.encode(),
    ]
    for file in study.root.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert [c for c in canaries if c in content] == [], file


def test_parts_of_one_recording_share_an_interview(study: Study, tmp_path: Path) -> None:
    """The two files of a split recording become two recordings of one interview."""
    for part in (1, 2):
        write_tone(tmp_path / "card" / f"ZOOM0004_LR-000{part}.WAV", pitch_hz=200 + part)
    offload_card(study, tmp_path / "card")
    with opened(study, "lena") as desk:
        first, second = sorted(take_in(desk), key=lambda r: r.part)
    assert (first.part, second.part) == (1, 2)
    assert first.interview_id == second.interview_id


def test_taking_in_twice_changes_nothing(study: Study, tmp_path: Path) -> None:
    """A note that comes back (a crash before its removal) is not entered again."""
    write_tone(tmp_path / "card" / "a.wav")
    offload_card(study, tmp_path / "card")
    (note,) = (study.root / "intake").iterdir()
    content = note.read_bytes()
    with opened(study, "lena") as desk:
        assert len(take_in(desk)) == 1
        note.write_bytes(content)
        assert take_in(desk) == []
        assert len(register.list_recordings(desk.catalog)) == 1
    assert list((study.root / "intake").iterdir()) == []


def test_the_same_content_twice_is_drafted_once(study: Study, tmp_path: Path) -> None:
    """What was copied again is marked as a duplicate and waits for nothing."""
    for name in ("a.wav", "b.wav"):
        write_tone(tmp_path / "card" / name, pitch_hz=222)
    offload_card(study, tmp_path / "card")
    with opened(study, "lena") as desk:
        assert len(take_in(desk)) == 2
        assert len(waiting(desk)) == 1
        assert len(register.duplicates(desk.catalog)) == 1


def test_a_damaged_note_is_named_and_stays(study: Study, tmp_path: Path) -> None:
    """A note that does not open is told, not thrown away."""
    write_tone(tmp_path / "card" / "a.wav")
    offload_card(study, tmp_path / "card")
    (note,) = (study.root / "intake").iterdir()
    content = bytearray(note.read_bytes())
    content[-1] ^= 1
    note.write_bytes(content)
    with opened(study, "lena") as desk, pytest.raises(DamagedObject, match="intake/"):
        take_in(desk)
    assert note.exists()


def test_a_note_of_another_recording_is_refused(study: Study, tmp_path: Path) -> None:
    """A note that was renamed to stand for another recording is told as forged."""
    write_tone(tmp_path / "card" / "a.wav", pitch_hz=200)
    write_tone(tmp_path / "card" / "b.wav", pitch_hz=300)
    offload_card(study, tmp_path / "card")
    one, other = sorted((study.root / "intake").iterdir())
    one.write_bytes(other.read_bytes())
    with opened(study, "lena") as desk, pytest.raises(BadSignature, match="another recording"):
        take_in(desk)


def test_a_recording_without_its_key_file_is_named(study: Study, tmp_path: Path) -> None:
    """What is missing in a recording's folder is told when it is taken in."""
    write_tone(tmp_path / "card" / "a.wav")
    offload_card(study, tmp_path / "card")
    next((study.root / "recordings").glob("*/key.age")).unlink()
    with opened(study, "lena") as desk, pytest.raises(DamagedVault, match="key.age"):
        take_in(desk)


@pytest.mark.parametrize("name", ["key.age", "audio.age"])
def test_a_damaged_object_is_named(study: Study, tmp_path: Path, name: str) -> None:
    """A flipped bit in a recording's files is found on reading, and the file is named."""
    recording = recorded(study, tmp_path / "card")
    file = study.root / "recordings" / recording / name
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    with opened(study, "lena") as desk, pytest.raises(DamagedObject):
        draft(desk, recording, FakeSpeechEngine(), FakeTranslationEngine())
    with opened(study, "lena") as desk:
        assert queue(desk)[0].stage is Stage.TROUBLE


def test_a_draft_is_laid_out_for_the_people(study: Study, drafted: str) -> None:
    """Portuguese gets its English; English stays as it is; nobody is guessed as a speaker."""
    with opened(study, "ivo") as desk:
        segments = open_transcript(desk, drafted).transcript.segments
    assert [s.language for s in segments] == ["pt", "en", "pt"]
    assert segments[1].source == segments[1].target == "Good morning."
    assert segments[0].target not in ("", segments[0].source)
    assert {s.speaker for s in segments} == {"UNK"}
    assert {s.state for s in segments} == {State.DRAFT}


def test_a_draft_is_made_once(study: Study, drafted: str) -> None:
    """A draft is kept for ever, so there is no second one."""
    with opened(study, "lena") as desk, pytest.raises(NotReady):
        draft(desk, drafted, FakeSpeechEngine(), FakeTranslationEngine())


def test_a_failed_draft_is_shown_and_can_be_repeated(study: Study, tmp_path: Path) -> None:
    """Speech in no known language is told in the queue, and a later try clears that."""
    recording = recorded(study, tmp_path / "card")
    with opened(study, "lena") as desk:
        stranger = FakeSpeechEngine(heard="hi")
        with pytest.raises(UnknownLanguage):
            draft(desk, recording, stranger, FakeTranslationEngine())
        (item,) = queue(desk)
        assert item.stage is Stage.TROUBLE
        assert "hi" in item.detail
        draft(desk, recording, FakeSpeechEngine(), FakeTranslationEngine())
        assert queue(desk)[0].stage is Stage.CORRECTION


def test_a_practice_engine_drafts_only_in_a_practice_vault(tmp_path: Path) -> None:
    """The act itself refuses, whatever the configuration says."""
    from doubles.studies import make_study

    study = make_study(tmp_path / "real", practice=False)
    recording = recorded(study, tmp_path / "card")
    with opened(study, "lena") as desk, pytest.raises(PracticeOnly):
        draft(desk, recording, FakeSpeechEngine(), FakeTranslationEngine())


# --- the second pair of eyes ---------------------------------------------------------------------


def test_the_queue_follows_the_recording(study: Study, drafted: str) -> None:
    """Each act moves the recording on to the next person."""
    stages = []
    with opened(study, "lena") as desk:
        stages.append(queue(desk)[0].stage)
        corrected(study, drafted)
        stages.append(queue(desk)[0].stage)
        verified(study, drafted)
        stages.append(queue(desk)[0].stage)
    with opened(study, "vera") as desk:
        sign(desk, drafted, PASSPHRASE)
        stages.append(queue(desk)[0].stage)
    assert stages == [Stage.CORRECTION, Stage.VERIFICATION, Stage.SIGNATURE, Stage.SIGNED]


def test_nobody_verifies_their_own_work(study: Study, drafted: str) -> None:
    """Somebody who is interpreter and verifier is refused on what they touched, and only there."""
    from confere.acts.setup import add_person

    with opened(study, "lena") as desk:
        add_person(desk, "bia", frozenset({Role.INTERPRETER, Role.VERIFIER}), PASSPHRASE)
    with opened(study, "bia") as desk:
        correct(desk, drafted, "1", Correction(target="Good day."))
        correct(desk, drafted, "2", Correction())
    with opened(study, "ivo") as desk:
        correct(desk, drafted, "3", Correction())
    with opened(study, "bia") as desk:
        for number in ("1", "2"):
            play(desk, drafted, number, PLAYER)
            with pytest.raises(OwnWork):
                verify(desk, drafted, number)
        play(desk, drafted, "3", PLAYER)
        assert verify(desk, drafted, "3").state is State.VERIFIED


def test_roles_are_kept(study: Study, drafted: str) -> None:
    """An interpreter does not verify or sign, a verifier does not accept, neither exports."""
    with opened(study, "ivo") as desk:
        for refused in (
            lambda: verify(desk, drafted, "1"),
            lambda: return_segment(desk, drafted, "1", "why", WRONG),
            lambda: sign(desk, drafted, PASSPHRASE),
            lambda: hand_over(desk, [drafted], ["json"], study.root.parent / "out"),
        ):
            with pytest.raises(NotAllowed):
                refused()
    with opened(study, "vera") as desk, pytest.raises(NotAllowed):
        correct(desk, drafted, "1", Correction())


def test_what_was_not_played_is_not_verified(study: Study, drafted: str) -> None:
    """Without playing, and without a written reason, there is no verification."""
    corrected(study, drafted)
    with opened(study, "vera") as desk:
        with pytest.raises(NotPlayed):
            verify(desk, drafted, "1")
        assert verify(desk, drafted, "1", unplayed_reason="The cable hums.").state == "verified"


def test_playing_half_of_it_does_not_count(study: Study, drafted: str) -> None:
    """A player that was stopped leaves no coverage."""

    class Stopped:
        def play(self, sound: Iterator[object], rate_hz: int) -> bool:
            next(iter(sound))
            return False

    corrected(study, drafted)
    with opened(study, "vera") as desk:
        assert not play(desk, drafted, "1", Stopped())
        with pytest.raises(NotPlayed):
            verify(desk, drafted, "1")


def test_somebody_elses_playing_does_not_count(study: Study, drafted: str) -> None:
    """Coverage belongs to the person to whom it was played."""
    corrected(study, drafted)
    with opened(study, "ivo") as desk:
        play(desk, drafted, "1", PLAYER)
    with opened(study, "vera") as desk, pytest.raises(NotPlayed):
        verify(desk, drafted, "1")


def test_a_version_that_moved_on_is_refused(study: Study, drafted: str) -> None:
    """Who names an older version is told so, and nothing changes."""
    with opened(study, "ivo") as desk:
        correct(desk, drafted, "1", Correction(target="Good day."), seen_version=0)
        with pytest.raises(MovedOn):
            correct(desk, drafted, "1", Correction(target="Morning."), seen_version=0)
        assert open_transcript(desk, drafted).transcript.segments[0].target == "Good day."


def test_a_change_after_verification_clears_it(study: Study, drafted: str) -> None:
    """Then it waits for the verifier again."""
    corrected(study, drafted)
    verified(study, drafted)
    with opened(study, "ivo") as desk:
        assert correct(desk, drafted, "1", Correction(target="Hello.")).state is State.CORRECTED
    with opened(study, "vera") as desk, pytest.raises(NotReady):
        sign(desk, drafted, PASSPHRASE)


def test_nothing_changes_after_the_signature(study: Study, signed: str) -> None:
    """No act moves a signed segment, whoever asks."""
    with opened(study, "ivo") as desk:
        for correction in (Correction(target="Other."), Correction(), Correction(speaker="P01")):
            with pytest.raises(Signed):
                correct(desk, signed, "1", correction)
    with opened(study, "vera") as desk:
        for refused in (
            lambda: verify(desk, signed, "1"),
            lambda: return_segment(desk, signed, "1", "why", WRONG),
            lambda: sign(desk, signed, PASSPHRASE),
        ):
            with pytest.raises(Signed):
                refused()
    with opened(study, "lena") as desk:
        opened_again = open_transcript(desk, signed)
    assert opened_again.signed is not None
    assert opened_again.signed.document["verifier"]["name"] == "vera"


# --- the database's own rules, and what goes past them ----------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE segments SET target = 'x'",
        "UPDATE segments SET target = 'x', version = version + 1",
        "DELETE FROM segments",
        "UPDATE revisions SET by = 'x'",
        "DELETE FROM revisions",
        "UPDATE drafts SET draft = '{}'",
        "DELETE FROM drafts",
        "UPDATE sign_offs SET signed = x'00'",
        "DELETE FROM sign_offs",
        "UPDATE events SET body = x'00'",
        "DELETE FROM events",
        "UPDATE played SET start_ms = 0",
        "DELETE FROM played",
    ],
)
def test_the_database_refuses_to_rewrite_history(study: Study, signed: str, statement: str) -> None:
    """Even with the catalog open, what must stay cannot be changed or removed."""
    with opened(study, "lena") as desk, pytest.raises(sqlcipher.IntegrityError):
        desk.catalog.run(statement)


def test_the_database_refuses_own_work(study: Study, drafted: str) -> None:
    """A verification by an author is refused below the software's own rules too."""
    corrected(study, drafted)
    with opened(study, "vera") as desk:
        segment = open_transcript(desk, drafted).transcript.segments[0]
        with pytest.raises(sqlcipher.IntegrityError, match="own work"):
            desk.catalog.run(
                "INSERT INTO revisions (segment_id, version, by, at, decision, before, after)"
                " VALUES (?, ?, 'ivo', '', 'verify', '{}', '{}')",
                (segment.id, segment.version + 1),
            )


def past_the_triggers(desk: Desk, statement: str) -> None:
    """Write to the catalog as somebody who drops its rules first."""
    for row in desk.catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        desk.catalog.run(f"DROP TRIGGER {row['name']}")
    desk.catalog.run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE segments SET target = 'x' WHERE position = 1",
        "UPDATE segments SET speaker = 'x' WHERE position = 2",
        "UPDATE segments SET state = 'verified' WHERE position = 2",
        "UPDATE recordings SET sha256 = 'x'",
        "DELETE FROM sign_offs",
        "DELETE FROM segments WHERE position = 2 AND id NOT IN (SELECT segment_id FROM revisions)",
    ],
)
def test_a_change_past_the_rules_is_found_at_the_next_opening(
    study: Study, signed: str, statement: str
) -> None:
    """With the database's rules dropped, the signature still tells."""
    with opened(study, "lena") as desk:
        desk.catalog.run("PRAGMA foreign_keys = OFF")
        if statement.startswith("DELETE FROM segments"):
            statement = "DELETE FROM segments WHERE position = 2"
        past_the_triggers(desk, statement)
        with pytest.raises(AlteredTranscript):
            open_transcript(desk, signed)


def test_a_swapped_signed_file_is_found(study: Study, signed: str) -> None:
    """The file in the recording's folder and the catalog must hold the same envelope."""
    with opened(study, "lena") as desk:
        file = study.root / signed_file(signed, 1)
        key = desk.vault.recording_key(signed)
        file.write_bytes(encrypt(b"{}", [key.recipient]))
        with pytest.raises(AlteredTranscript):
            open_transcript(desk, signed)


def test_the_catalog_is_no_plain_database(study: Study) -> None:
    """A program without the key sees no database at all."""
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(study.root / "catalog.db").execute("SELECT * FROM segments")


# --- handing over ----------------------------------------------------------------------------------


def test_only_what_is_signed_is_exported(study: Study, drafted: str, tmp_path: Path) -> None:
    """An unsigned transcript is refused, and the folder stays empty."""
    with opened(study, "lena") as desk:
        with pytest.raises(NotReady):
            hand_over(desk, [drafted], ["json"], tmp_path / "out")
        assert not (tmp_path / "out").exists()
        made = hand_over(desk, [drafted], ["webvtt"], tmp_path / "out", draft=True)
    assert "DRAFT" in made.files[0].read_text("utf-8")


def test_a_stranger_checks_the_exported_signature(
    study: Study, signed: str, tmp_path: Path
) -> None:
    """The script for strangers accepts the export, and refuses it with one letter changed."""
    with opened(study, "lena") as desk:
        made = hand_over(desk, [signed], ["json", "docx", "webvtt"], tmp_path / "out")
    (file,) = [p for p in made.files if p.suffix == ".json" and p.name != "manifest.json"]
    script = Path(__file__).parents[2] / "scripts" / "verify_transcript.py"

    def run() -> int:
        return subprocess.run([sys.executable, script, file], capture_output=True).returncode

    assert run() == 0
    file.write_bytes(file.read_bytes().replace(b"Good day.", b"Good dayz"))
    assert run() != 0


def test_the_recorders_file_name_is_in_no_export(study: Study, signed: str, tmp_path: Path) -> None:
    """A file name may hold a person's name, so it does not leave the vault."""
    with opened(study, "lena") as desk:
        made = hand_over(desk, [signed], ["json", "webvtt"], tmp_path / "out")
    assert [p for p in made.files if b"ZOOM0001" in p.read_bytes() or "ZOOM" in p.name] == []


def test_an_export_with_audio_says_that_it_identifies(
    study: Study, signed: str, tmp_path: Path
) -> None:
    """Audio goes along only when asked for by name, and is then the very recording."""
    original = write_tone(tmp_path / "again.wav").read_bytes()
    with opened(study, "lena") as desk:
        without = hand_over(desk, [signed], ["json"], tmp_path / "a")
        with_ = hand_over(desk, [signed], ["json"], tmp_path / "b", with_audio=True)
    assert not without.identifiable
    assert with_.identifiable
    assert [p.read_bytes() for p in with_.files if p.suffix == ".wav"] == [original]
    assert not list((tmp_path / "a").glob("*.wav"))


def test_an_export_does_not_go_into_the_vault(study: Study, signed: str) -> None:
    """Nothing in the clear may lie in the vault's folder."""
    with opened(study, "lena") as desk, pytest.raises(BadValue, match="vault"):
        hand_over(desk, [signed], ["json"], study.root / "out")


# --- the chain of events, and the day without us ---------------------------------------------------


def test_every_act_leaves_a_signed_event(study: Study, signed: str) -> None:
    """The events tell the way of the recording, each signed by who acted."""
    with opened(study, "lena") as desk:
        events = list_events(desk.catalog, signed)
        roster = desk.roster
    told = [e.value()["what"] for e in events]
    assert told[:3] == ["offload", "take in", "draft"]
    assert told[-1] == "sign"
    assert {"correct", "accept", "play", "verify"} <= set(told)
    for event in events:
        event.check()
        by = event.value()["by"]
        if not by.startswith("machine:"):
            assert event.key == roster.person(by).verify_keys["event"]


def test_no_event_holds_a_word(study: Study, signed: str) -> None:
    """Events have ids, digests and counts, and no text of anybody."""
    with opened(study, "lena") as desk:
        bodies = b"".join(e.body for e in list_events(desk.catalog))
    for word in (b"Bom dia", b"Good", b"ZOOM"):
        assert word not in bodies


def test_the_recovery_key_alone_opens_a_recording(study: Study, tmp_path: Path) -> None:
    """Recovery key, key.age, audio.age: three steps with nothing else of Confere."""
    original = write_tone(tmp_path / "again.wav").read_bytes()
    recording = recorded(study, tmp_path / "card")
    folder = study.root / "recordings" / recording
    rescue(folder / "key.age", by_identity(study.recovery_key), tmp_path / "key.txt")
    rescue(
        folder / "audio.age",
        by_identity((tmp_path / "key.txt").read_text()),
        tmp_path / "audio.wav",
    )
    assert (tmp_path / "audio.wav").read_bytes() == original


def test_a_rescue_that_fails_leaves_nothing(study: Study, tmp_path: Path) -> None:
    """A damaged file gives an error and no half of a plaintext."""
    recording = recorded(study, tmp_path / "card")
    folder = study.root / "recordings" / recording
    rescue(folder / "key.age", by_identity(study.recovery_key), tmp_path / "key.txt")
    content = bytearray((folder / "audio.age").read_bytes())
    content[-3] ^= 1
    (tmp_path / "bad.age").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DamagedObject):
        rescue(
            tmp_path / "bad.age",
            by_identity((tmp_path / "key.txt").read_text()),
            tmp_path / "out.wav",
        )
    assert sorted(tmp_path.iterdir()) == before


def test_an_interrupted_offload_is_finished_or_removed(study: Study, tmp_path: Path) -> None:
    """A partial folder gets its name if its note is there, and is removed if not."""
    recording = recorded(study, tmp_path / "card")
    done = study.root / "recordings" / recording
    done.rename(done.with_name(f"{recording}.partial"))
    (study.root / "intake" / f"{recording}.age").write_bytes(b"a note")
    other = study.root / "recordings" / "0000000000000000.partial"
    other.mkdir()
    (other / "audio.age").write_bytes(b"half")
    from confere.vault.objects import finish_interrupted

    finish_interrupted(Vault(study.root).storage)
    assert [p.name for p in (study.root / "recordings").iterdir()] == [recording]


def test_a_file_that_is_no_audio_stays_on_the_recorder(study: Study, tmp_path: Path) -> None:
    """It is reported, and nothing of it is in the vault."""
    card = tmp_path / "card"
    card.mkdir()
    (card / "a.wav").write_bytes(b"RIFF but nothing more")
    receipt = offload_card(study, card)
    assert isinstance(receipt.left[0].error, NotAudio)
    assert (card / "a.wav").exists()
    assert list((study.root / "recordings").iterdir()) == []


def test_the_json_of_a_draft_is_not_a_signed_one(
    study: Study, drafted: str, tmp_path: Path
) -> None:
    """A draft's JSON says that it is a draft and carries no signature."""
    with opened(study, "lena") as desk:
        made = hand_over(desk, [drafted], ["json"], tmp_path / "out", draft=True)
    value = json.loads(made.files[0].read_bytes())
    assert value["draft"] is True
    assert "signature" not in value


def test_only_one_offload_at_a_time(study: Study, tmp_path: Path) -> None:
    """A second one is told at once, and everything stays on its card."""
    file = write_tone(tmp_path / "card" / "a.wav")
    with Vault(study.root).alone("offload"), pytest.raises(NotReady, match="offload"):
        offload_card(study, tmp_path / "card")
    assert file.exists()


def test_a_passphrase_alone_opens_a_persons_file(study: Study, tmp_path: Path) -> None:
    """What comes out is an age identity file that opens the study key."""
    rescue(study.root / "people" / "ivo.age", by_passphrase(PASSPHRASE), tmp_path / "ivo.txt")
    identity = by_identity((tmp_path / "ivo.txt").read_text())
    rescue(study.root / "keys" / "study-1.age", identity, tmp_path / "study.txt")
    assert (
        (tmp_path / "study.txt")
        .read_text()
        .startswith("# confere study key 1\nAGE-SECRET-KEY-PQ-1")
    )


def test_an_export_does_not_overwrite_another(study: Study, signed: str, tmp_path: Path) -> None:
    """The same again is fine; another export in the same folder would void the first manifest."""
    with opened(study, "lena") as desk:
        hand_over(desk, [signed], ["json"], tmp_path / "out")
        first = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
        hand_over(desk, [signed], ["json"], tmp_path / "out")
        before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
        assert [name for name in first if first[name] != before[name]] == ["manifest.json"]
        with pytest.raises(BadValue, match="there already"):
            hand_over(desk, [signed], ["webvtt"], tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


def test_a_manifest_carries_the_log_with_the_export_itself(
    study: Study, signed: str, tmp_path: Path
) -> None:
    """Its checkpoint is signed by the lead and covers the event of this very export."""
    with opened(study, "lena") as desk:
        for _ in range(2):  # the second time, it is renewed
            hand_over(desk, [signed], ["json"], tmp_path / "out")
            value = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
            assert value["study"] == {"id": desk.roster.study_id, "name": "Prova"}
            keys = desk.roster.signers("checkpoint")
            origin = f"confere/{desk.roster.study_id}"
            checkpoint, signers = open_checkpoint(value["checkpoint"], keys, origin)
            assert signers == ("lena",)
            event = list_events(desk.catalog)[-1]
            assert event.value()["what"] == "export"
            assert desk.vault.log.find(event.entry) == checkpoint.size - 1


def test_a_manifest_that_saw_another_log_is_not_renewed(
    study: Study, signed: str, tmp_path: Path
) -> None:
    """It is the witness that the log was put back: it stays as it is, and the lead is told."""
    file = tmp_path / "out" / "manifest.json"
    with opened(study, "lena") as desk:
        hand_over(desk, [signed], ["json"], tmp_path / "out")
        value = json.loads(file.read_bytes())
        later = Checkpoint(f"confere/{desk.roster.study_id}", 1000, b"r" * 32)
        value["checkpoint"] = sign_checkpoint(later, "lena", desk.vault.signing_key("checkpoint"))
        file.write_text(json.dumps(value))
        before = file.read_bytes()
        events = len(list_events(desk.catalog))
        with pytest.raises(BadProof, match="1000 entries"):
            hand_over(desk, [signed], ["json"], tmp_path / "out")
        assert file.read_bytes() == before
        assert len(list_events(desk.catalog)) == events
