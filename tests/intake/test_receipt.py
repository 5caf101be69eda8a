"""The receipt of an offload."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto.checkpoint import Checkpoint
from confere.crypto.notes import open_note
from confere.crypto.signing import SigningKey
from confere.errors import (
    BadSignature,
    BadValue,
    ConfereError,
    EmptyFile,
    NotAudio,
    SourceVanished,
)
from confere.intake.outcome import Fate, Outcome
from confere.intake.receipt import Custody, Receipt, checkpoint_of, sign
from confere.intake.recorder import Deletion
from doubles.notes import a_note

KEY = SigningKey.from_seed(b"m" * 32)

TAKEN = Outcome("STEREO/ZOOM0001.WAV", 1000, Fate.TAKEN, a_note(), Deletion.DELETED)
RECEIPT = Receipt(
    id="e" * 16,
    study="Cities and Care",
    machine="laptop-2",
    recorder="H5_SD",
    begun="2026-03-01T18:00:00+00:00",
    ended="2026-03-01T18:03:11+00:00",
    outcomes=(
        TAKEN,
        Outcome("B.WAV", 7, Fate.EMPTY, error=EmptyFile("B.WAV")),
        Outcome("C.XYZ", 9, Fate.NOT_AUDIO, error=NotAudio("C.XYZ")),
        Outcome("NOTES.TXT", 9, Fate.SIDE_FILE),
        Outcome("D.WAV", 9, Fate.FAILED, error=SourceVanished("D.WAV")),
    ),
)

TEXT = """\
Receipt of an offload

study      Cities and Care
machine    laptop-2
recorder   H5_SD
begun      2026-03-01T18:00:00+00:00
ended      2026-03-01T18:03:11+00:00
receipt    eeeeeeeeeeeeeeee

TAKEN: 1
Each was sealed, read back from the vault's disk, and read a second time from the
recorder; the SHA-256 of all three readings agree.

  1. STEREO/ZOOM0001.WAV
     00:00:05.000 long, 1000 bytes
     recording rrrrrrrrrrrrrrrr, part 1 of session gggggggggggggggg
     SHA-256 0000000000000000…, sealed ffffffffffffffff…
     on the recorder: deleted

LEFT ON THE RECORDER: 3

  1. B.WAV, 7 bytes
     B.WAV is empty (0 bytes)
  2. C.XYZ, 9 bytes
     C.XYZ does not open as audio
  3. NOTES.TXT, 9 bytes
     not a recording

NOT FINISHED: still on the recorder, run the offload again: 1

  1. D.WAV, 9 bytes
     D.WAV could not be read to the end

Deleted is not erased: from flash memory, deleted files can often be restored.
"""


def test_the_receipt_tells_everything() -> None:
    """Every file is told, taken or left, with its reason; and what deleting is not."""
    assert RECEIPT.text() == TEXT


def test_the_outcomes_are_parted_into_three() -> None:
    """Each outcome is taken, left or unfinished."""
    parts = (*RECEIPT.taken, *RECEIPT.left, *RECEIPT.unfinished)
    assert sorted(o.path for o in parts) == sorted(o.path for o in RECEIPT.outcomes)


def test_the_problem_is_what_somebody_has_to_act_on() -> None:
    """A failed file is a problem; files that are no audio are not."""
    assert isinstance(RECEIPT.problem, SourceVanished)
    assert replace(RECEIPT, outcomes=RECEIPT.outcomes[:4]).problem is None
    doubt = replace(TAKEN, deletion=Deletion.UNCERTAIN, error=ConfereError("perhaps"))
    assert replace(RECEIPT, outcomes=(doubt,)).problem is doubt.error
    assert "perhaps" in replace(RECEIPT, outcomes=(doubt,)).text()


def test_a_receipt_of_nothing_says_so() -> None:
    """Nothing found is told as such."""
    text = replace(RECEIPT, outcomes=()).text()
    assert "TAKEN: 0" in text
    assert text.endswith("Nothing was deleted.\n")


def test_a_truncated_recording_is_marked() -> None:
    """A file that was cut short is taken, and the receipt says what it is."""
    cut = replace(TAKEN, note=replace(a_note(), truncated=True))
    assert "cut short" in replace(RECEIPT, outcomes=(cut,)).text()


def test_a_signed_receipt_is_a_note_that_opens() -> None:
    """The signature holds over the very text; any change breaks it."""
    note = sign(RECEIPT, "laptop-2", KEY)
    assert open_note(note, {"laptop-2": KEY.verify_key}).text == TEXT
    with pytest.raises(BadSignature):
        open_note(note.replace("1000 bytes", "9999 bytes"), {"laptop-2": KEY.verify_key})


@given(st.text(), st.text(), st.sampled_from(Fate))
def test_no_text_can_add_a_line(study: str, message: str, fate: Fate) -> None:
    """Whatever a name or a message holds, the receipt keeps its lines and can be signed."""
    outcome = Outcome("A.WAV", 1, fate, error=ConfereError(message))
    receipt = replace(RECEIPT, study=study, outcomes=(outcome,))
    plain = replace(RECEIPT, study="s", outcomes=(replace(outcome, error=ConfereError("m")),))
    assert receipt.text().count("\n") == plain.text().count("\n")
    note = sign(receipt, "laptop-2", KEY)
    assert open_note(note, {"laptop-2": KEY.verify_key}).text == receipt.text()


# --- the custody log -----------------------------------------------------------------------------

CHECKPOINT = Checkpoint("confere/" + "s" * 16, 17, b"r" * 32)
LOGGED = replace(RECEIPT, custody=Custody(CHECKPOINT.text(), certified=True))
LOG_TEXT = """\
custody log
confere/ssssssssssssssss
17
cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=
Each of the recordings above has its entry in this log.
Keep this receipt apart from this laptop: with these lines anybody can check later that
nothing of the log was changed or cut off (confere audit --since).

Deleted is not erased: from flash memory, deleted files can often be restored.
"""


def test_the_log_stands_behind_the_files() -> None:
    """Three lines that can be typed from paper, and what they are for."""
    assert LOGGED.text() == TEXT.replace(TEXT.splitlines()[-1] + "\n", LOG_TEXT)


def test_a_machine_that_is_not_certified_is_told_as_such() -> None:
    """The log's present state is there; nothing claims that it tells of the recordings."""
    text = replace(RECEIPT, custody=Custody(CHECKPOINT.text(), certified=False)).text()
    assert "THIS MACHINE IS NOT CERTIFIED YET" in text
    assert "has its entry" not in text
    assert checkpoint_of(text) == CHECKPOINT


def test_a_log_without_entries_is_told_as_such() -> None:
    """Then there is nothing to type."""
    text = replace(RECEIPT, custody=Custody("", certified=False)).text()
    assert "no entries yet" in text
    assert checkpoint_of(text) is None


def test_a_recording_without_an_entry_is_told() -> None:
    """Only those of this receipt count, and the reason is a problem to act on."""
    problem = ConfereError("the log is busy")
    waiting = frozenset({a_note().recording_id, "of another receipt"})
    receipt = replace(
        RECEIPT, outcomes=(TAKEN,), custody=Custody(CHECKPOINT.text(), True, waiting, problem)
    )
    assert "NOT IN THE LOG YET: 1 of the recordings above" in receipt.text()
    assert "has its entry" not in receipt.text()
    assert receipt.problem is problem


def test_nothing_taken_claims_no_entry() -> None:
    """A receipt of nothing still tells where the log stood."""
    text = replace(LOGGED, outcomes=()).text()
    assert "has its entry" not in text
    assert checkpoint_of(text) == CHECKPOINT


def test_the_checkpoint_is_found_in_text_note_and_typing() -> None:
    """Signed or not, indented, with another system's line ends; the last of several counts."""
    note = sign(LOGGED, "laptop-2", KEY)
    older = replace(RECEIPT, custody=Custody(Checkpoint("a", 1, b"o" * 32).text(), True)).text()
    typed = "\r\n".join(f"  {line} " for line in LOG_TEXT.splitlines()[:4])
    for text in (LOGGED.text(), note, typed, older + note):
        assert checkpoint_of(text) == CHECKPOINT
    assert checkpoint_of(TEXT) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "custody log",
        "custody log\nconfere/s\n17",
        "custody log\n\n17\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "custody log\nconfere/s\n-1\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "custody log\nconfere/s\n17\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycn=",
        "custody log\nconfere/s\n17\nl",
    ],
)
def test_a_mistyped_checkpoint_is_refused(wrong: str) -> None:
    """It is told as a typing error, not as an incident."""
    with pytest.raises(BadValue, match="are not a checkpoint"):
        checkpoint_of(wrong)


@given(st.text(), st.text(), st.sampled_from(Fate))
def test_no_name_or_message_can_pass_for_the_log(path: str, message: str, fate: Fate) -> None:
    """Whatever stands in a file's name or a message, the checkpoint is the real one."""
    for text in ("custody log", path):
        error = ConfereError(f"{message}\ncustody log\n{text}")
        outcome = Outcome(text, 1, fate, error=error)
        receipt = replace(LOGGED, study=text, recorder=text, outcomes=(outcome,))
        assert checkpoint_of(receipt.text()) == CHECKPOINT
        assert checkpoint_of(replace(receipt, custody=None).text()) is None
