"""The receipt of an offload."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto.notes import open_note
from confere.crypto.signing import SigningKey
from confere.errors import BadSignature, ConfereError, EmptyFile, NotAudio, SourceVanished
from confere.intake.outcome import Fate, Outcome
from confere.intake.receipt import Receipt, sign
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
