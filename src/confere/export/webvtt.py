"""WebVTT: captions for a player, one file for each of the two texts.

https://www.w3.org/TR/webvtt1/. Every segment is a cue whose identifier is the segment's id and whose
text is in a voice span, ``<v P01>…``; what nobody verified begins with ``[NOT VERIFIED]``. A segment
where nothing is said has no cue.
"""

from __future__ import annotations

import re

from webvtt import Caption, WebVTT

from confere.domain import clock
from confere.export import languages
from confere.export.characters import one_line, printable
from confere.export.notices import UNVERIFIED, notices
from confere.export.values import ExportFile, ExportInput, Line

_EMPTY_LINES = re.compile(r"\n\s*\n")


def write(given: ExportInput) -> list[ExportFile]:
    """Return ``….pt.vtt`` and ``….en.vtt``, or one file if only one language is spoken."""
    source, target = given.source_language, given.target_language
    files = {target: [(line, line.target) for line in given.lines]}
    if source != target:
        files = {source: [(line, line.source) for line in given.lines]} | files
    return [
        ExportFile(
            f"{given.stem}.{languages.tag(code).split('-')[0]}.vtt", _captions(given, code, cues)
        )
        for code, cues in files.items()
    ]


def _captions(given: ExportInput, language: str, cues: list[tuple[Line, str]]) -> bytes:
    captions = [_cue(line, text) for line, text in cues if text.strip() or _unheard(line)]
    written = WebVTT(captions=captions, header_comments=_notes(given, language))
    return (str(written.content).rstrip("\n") + "\n").encode()


def _notes(given: ExportInput, language: str) -> list[str]:
    """Return the comments at the head of a file: warnings first, then what this is."""
    about = [
        f"Study: {given.study}",
        f"Recording: {given.recording_id}, part {given.part}",
        f"Language: {languages.name(language)}",
    ]
    if not given.draft:
        about += [
            f"Version: {given.version}",
            f"Verified and signed by {given.verified_by} at {given.signed_at}",
            f"SHA-256 of the signed transcript: {given.digest}",
        ]
    return [*notices(given), "\n".join(map(_note_line, about))]


def _note_line(text: str) -> str:
    # The arrow would end the comment and begin a cue.
    return one_line(text).replace("-->", "→")


def _unheard(line: Line) -> bool:
    """Whether the machine left out what somebody says there: a draft tells that in the text's place."""
    return bool(line.marks) and not line.source.strip()


def _cue(line: Line, text: str) -> Caption:
    end_ms = max(line.end_ms, line.start_ms + 1)  # a cue of no length is not allowed
    speaker = _escaped(one_line(line.speaker))
    spoken = _escaped(_EMPTY_LINES.sub("\n", printable(text).strip()))
    if not spoken:
        spoken = " ".join(f"[{mark}]" for mark in line.marks)
    if line.unverified:
        spoken = f"[{UNVERIFIED}] {spoken}"
    voiced = f"<v {speaker}>{spoken}" if speaker else spoken
    return Caption(clock(line.start_ms), clock(end_ms), voiced, identifier=one_line(line.id))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
