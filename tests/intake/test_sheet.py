"""The receipt on paper: one page, the same for the same receipt, and nothing that matters is missing."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import replace

import pytest

from confere.crypto.signing import SigningKey
from confere.errors import SourceVanished
from confere.intake.outcome import Fate, Outcome
from confere.intake.receipt import Custody, Receipt, sign
from confere.intake.recorder import Deletion
from confere.intake.sheet import LANGUAGES, sheet
from doubles.notes import a_note

KEY = SigningKey.from_seed(b"m" * 32)
CHECKPOINT = "confere/abc\n17\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n"
LOST = Outcome("STEREO/D.WAV", 9, Fate.FAILED, error=SourceVanished("D.WAV"))


def a_receipt(*paths: str, deletion: Deletion = Deletion.DELETED) -> Receipt:
    """One that took these files, and lost one."""
    taken = tuple(Outcome(path, 1000, Fate.TAKEN, a_note(), deletion) for path in paths)
    return Receipt(
        id="e" * 16,
        study="Cidades e Cuidado",
        machine="laptop-2",
        recorder="H5_SD",
        begun="2026-03-01T18:00:00+00:00",
        ended="2026-03-01T18:03:11+00:00",
        outcomes=(*taken, LOST),
        custody=Custody(CHECKPOINT, certified=True),
    )


def drawn(receipt: Receipt, language: str = "en") -> bytes:
    """The file."""
    return sheet(receipt, sign(receipt, "laptop-2", KEY), language)


def words(pdf: bytes) -> str:
    """What is written on the page, piece by piece, as the page's own commands say it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    shown = [zlib.decompress(s) for s in streams if s[:1] == b"\x78"]
    pieces = re.findall(rb"\((.*?)(?<!\\)\) Tj", b"\n".join(shown), re.DOTALL)
    return "\n".join(re.sub(rb"\\(.)", rb"\1", p).decode("latin-1") for p in pieces)


def pages(pdf: bytes) -> int:
    """How many pages the file has."""
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_page_and_vouches_for_the_text(language: str) -> None:
    """With few files and with very many: head, digest of the signed text, and the log's three lines."""
    for count in (0, 1, 500):
        receipt = a_receipt(*(f"STEREO/{n:03}.WAV" for n in range(count)))
        pdf = drawn(receipt, language)
        text = words(pdf)
        assert pages(pdf) == 1
        signed = sign(receipt, "laptop-2", KEY)
        assert hashlib.sha256(signed.encode()).hexdigest() in text
        for line in (*CHECKPOINT.split(), "Cidades e Cuidado", "laptop-2", "H5_SD", "e" * 16):
            assert line in text
        assert "STEREO/D.WAV" in text  # what somebody has to look at comes first, however many


def test_the_same_receipt_gives_the_same_bytes() -> None:
    """Nothing of the moment in which it is drawn is in it."""
    assert drawn(a_receipt("A.WAV")) == drawn(a_receipt("A.WAV"))
    assert drawn(a_receipt("A.WAV")) != drawn(a_receipt("B.WAV"))


def test_what_does_not_fit_is_counted() -> None:
    """No file is passed over in silence."""
    text = words(drawn(a_receipt(*(f"{n:03}.WAV" for n in range(500)))))
    listed = len(re.findall(r"^\d{3}\.WAV$", text, re.MULTILINE))
    assert listed > 15
    assert f"... and {500 - listed} more" in text


def test_deleted_and_kept_are_told_apart() -> None:
    """And what is uncertain sends to the text."""
    assert "deleted" in words(drawn(a_receipt("A.WAV")))
    kept = words(drawn(a_receipt("A.WAV", deletion=Deletion.KEPT)))
    assert "kept, as asked" in kept
    assert "Deleted is not erased" not in kept
    assert "LOOK" in words(drawn(a_receipt("A.WAV", deletion=Deletion.UNCERTAIN)))
    assert "apagado" in words(drawn(a_receipt("A.WAV"), "pt"))


def test_a_machine_without_a_certificate_is_told() -> None:
    """As in the text."""
    receipt = a_receipt("A.WAV")
    assert "NOT CERTIFIED" not in words(drawn(receipt))
    bare = replace(receipt, custody=Custody("", certified=False))
    assert "NOT CERTIFIED" in words(drawn(bare))
    assert "no entries yet" in words(drawn(bare))


def test_letters_that_the_page_lacks_are_told() -> None:
    """Accents are shown; another script is not, and the page says so."""
    assert "Conceição.WAV" in words(drawn(a_receipt("Conceição.WAV")))
    assert "A ? stands" not in words(drawn(a_receipt("Conceição.WAV")))
    other = words(drawn(a_receipt("साक्षात्कार.WAV", "a\x1b[31m.WAV")))
    assert "A ? stands" in other
    assert "\x1b" not in other
