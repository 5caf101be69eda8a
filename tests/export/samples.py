"""Transcripts to export: an ordinary one, and one with everything that could break a file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from confere.crypto.canonical import canonical_json
from confere.domain import EngineRecord, Interview, Recording, Segment, State, Transcript
from confere.export import ExportInput, from_draft, from_signed

SIGNED_AT = "2026-03-03T09:30:00+01:00"
INTERVIEW = Interview(
    "1d6h4n9t2w7z3r8e", "São Paulo", "2026-03-01", ("P01", "P02"), "Maria was crying."
)
RECORDING = Recording(
    id="3f9k2m7q1x8c5v0b",
    interview_id=INTERVIEW.id,
    part=2,
    name="Maria da Silva.WAV",
    size_bytes=5_292_044,
    sha256="11" * 32,
    sealed_sha256="22" * 32,
    duration_ms=3_725_000,
    recorded_at="2026-03-01T14:00:00",
    offloaded_at="2026-03-01T20:00:00Z",
)
#: language, speaker, source, target
ORDINARY = [
    ("en", "I1", "Where were you?", "Where were you?"),
    (
        "pt",
        "P01",
        "Eu estava em casa; a água já tinha chegado.",
        "I was at home; the water had come.",
    ),
    ("pt", "P02", "Não.", "No."),
]
HOSTILE = [
    "<b>bold</b> & <script>alert(1)</script>",
    "00:00:01.000 --> 00:00:02.000",
    "line\n\n\nafter empty lines\r\n\r\nand more",
    "vertical\x0btab, form\x0cfeed, next\x85line, para\u2029graph",
    "nul \x00 escape \x1b[31m bell \x07 delete \x7f c1 \x9b",
    "not characters \ufffe \uffff",
    "\u202eright to left\u202c שלום مرحبا",
    "e\u0301 combining, 👩‍👩‍👧 joined, 𝄞 beyond the plane",
    "NOTE this is no note",
    "WEBVTT",
    "{\\field{\\*\\fldinst HYPERLINK}} =HYPERLINK(0) ]]> _x000D_",
    "tab\tin\tit, trailing space ",
    "नमस्ते কেমন আছেন",
    "word " * 3_000,
    "unbroken" * 1_000,
    "-->",
    "&lt;already escaped&gt; &amp;",
    "",
    " \n ",
]


def engine(practice: bool = False) -> EngineRecord:
    """Return the record of an engine."""
    return EngineRecord("engine", "1.0", "a-model", "33" * 32, practice, {"beam_size": 5})


def transcript(rows: list[tuple[str, str, str, str]], practice: bool = False) -> Transcript:
    """Return a transcript of the given rows, one every five seconds."""
    segments = tuple(
        Segment(
            f"seg{n}", RECORDING.id, n, n * 5_000, n * 5_000 + 4_200, *_row(row), State.DRAFT, 0
        )
        for n, row in enumerate(rows)
    )
    return Transcript(RECORDING, segments, (), {}, engine(practice), engine())


def _row(row: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    language, speaker, source, target = row
    return speaker, language, source, target


def envelope(rows: list[tuple[str, str, str, str]], practice: bool = False) -> bytes:
    """Return an envelope of the given rows; its signature is nobody's, since exports check none."""
    fields = ("speaker", "language", "source", "target")
    segments = [
        {
            "id": f"seg{n}",
            "position": n,
            "start_ms": n * 5_000,
            "end_ms": n * 5_000 + 4_200,
            **dict(zip(fields, _row(row), strict=True)),
            "verified_by": "Vera",
        }
        for n, row in enumerate(rows)
    ]
    document: dict[str, Any] = {
        "study": {"id": "study-1", "name": "Flooded Cities", "protocol": "2.1"},
        "recording": {"id": RECORDING.id, "part": 2, "duration_ms": RECORDING.duration_ms},
        "version": 1,
        "practice": practice,
        "target_language": "en",
        "draft": {"speech": {"model": "medium"}, "translation": {"model": "pt_en"}},
        "segments": segments,
        "correctors": ["Inês"],
        "verifier": {"name": "Vera", "key": "ed25519:…", "played": []},
        "statement": {"en": "I verified this.", "pt": "Conferi isto."},
        "signed_at": SIGNED_AT,
    }
    return canonical_json({"document": document, "signature": {}})


def signed(rows: list[tuple[str, str, str, str]] = ORDINARY, practice: bool = False) -> ExportInput:
    """Return the export of a signed transcript."""
    return from_signed(envelope(rows, practice), INTERVIEW)


def draft(rows: list[tuple[str, str, str, str]] = ORDINARY, practice: bool = False) -> ExportInput:
    """Return the export of an unsigned transcript."""
    return from_draft(
        transcript(rows, practice),
        INTERVIEW,
        study="Flooded Cities",
        version=1,
        target_language="en",
    )


def hostile() -> ExportInput:
    """Return a draft where every text, and every name, is hostile."""
    rows = [("pt", text.strip()[:9] or "P01", text, text[::-1]) for text in HOSTILE]
    given = draft([*rows, ("en", "", HOSTILE[0], HOSTILE[0])])
    bad = "--> <x>&\x00\n\n"
    return replace(
        given,
        study=bad,
        interview=replace(INTERVIEW, site=bad, date=bad, participants=(bad,)),
        models=(bad,),
        correctors=(bad,),
    )


def digests(given: ExportInput) -> list[tuple[str, str]]:
    """Return the names and digests of every kind of export, in order."""
    from confere.export import KINDS

    written = [file for write in KINDS.values() for file in write(given)]
    return [(file.name, hashlib.sha256(file.content).hexdigest()) for file in written]
