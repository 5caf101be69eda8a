"""Captions, read back with webvtt-py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import webvtt

from confere.export import ExportInput
from confere.export.notices import DRAFT, PRACTICE
from confere.export.webvtt import write
from export.samples import HOSTILE, RECORDING, draft, hostile, signed


def opened(given: ExportInput) -> dict[str, Any]:
    """Return the captions of each file by its ending, read strictly."""
    return {
        file.name.split(".", 1)[1]: webvtt.from_string(file.content.decode(), strict=True)
        for file in write(given)
    }


def test_one_file_for_each_text() -> None:
    """The source and the target are a file each, with the same cues."""
    files = opened(signed())
    assert list(files) == ["pt.vtt", "en.vtt"]
    cues = [(c.identifier, c.start, c.end, c.voice, c.text) for c in files["en.vtt"]]
    assert cues[1] == (
        "seg1",
        "00:00:05.000",
        "00:00:09.200",
        "P01",
        "I was at home; the water had come.",
    )
    assert [c.text for c in files["pt.vtt"]][1:] == [
        "Eu estava em casa; a água já tinha chegado.",
        "Não.",
    ]


def test_only_one_language() -> None:
    """Where only the target language is spoken there is one file."""
    assert list(opened(signed([("en", "I1", "Yes.", "Yes.")]))) == ["en.vtt"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (signed(), []),
        (draft(), [DRAFT]),
        (signed(practice=True), [PRACTICE]),
        (draft(practice=True), [DRAFT, PRACTICE]),
    ],
)
def test_notes(given: ExportInput, said: list[str]) -> None:
    """The notes at the head tell what the file is, with the warnings first."""
    for captions in opened(given).values():
        *warnings, about = captions.header_comments
        assert warnings == said
        assert "Study: Flooded Cities" in about and RECORDING.id in about
        assert (given.digest in about and "Vera" in about) is not given.draft or given.draft


def test_hostile_text() -> None:
    """Whatever is in a text stays in its own cue, and no cue is lost, added or moved."""
    [target] = [v for k, v in opened(hostile()).items() if k == "pt.vtt"]
    spoken = [n for n, text in enumerate(HOSTILE) if text.strip()]
    expected = [f"seg{n}" for n in spoken] + [f"seg{len(HOSTILE)}"]
    assert [c.identifier for c in target] == expected
    for n, caption in zip(spoken, target, strict=False):
        assert caption.start_in_seconds == n * 5
        words = caption.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert words.split()[0] in HOSTILE[n].replace("\x0b", "\n").split()[0]


def test_markup_is_text() -> None:
    """Angle brackets and ampersands of a text are no markup."""
    [file, _] = write(draft([("pt", "<P&1>", "a <b> & c --> d", "x")]))
    assert b"<v &lt;P&amp;1&gt;>a &lt;b&gt; &amp; c --&gt; d" in file.content


def test_nothing_said_has_no_cue() -> None:
    """A segment where nothing is said has no caption."""
    assert len(opened(draft([("pt", "P01", "", "")]))["pt.vtt"]) == 0


def test_missed_speech_has_a_cue() -> None:
    """Where the machine heard a voice and wrote nothing, a draft's captions say so."""
    given = draft([("pt", "P01", "", ""), ("pt", "P01", "Sim.", "")])
    lines = [replace(line, marks=("missed-speech",)) for line in given.lines]
    files = opened(replace(given, lines=tuple(lines)))
    assert [c.text for c in files["pt.vtt"]] == ["[missed-speech]", "Sim."]
    assert [c.text for c in files["en.vtt"]] == ["[missed-speech]"]


def test_speaker_unknown() -> None:
    """A segment without a speaker has a cue without a voice."""
    [caption] = opened(draft([("pt", "", "Sim.", "Yes.")]))["pt.vtt"]
    assert (caption.voice, caption.text) == (None, "Sim.")


def test_no_length() -> None:
    """A segment without length has a cue of one millisecond, since none may have none."""
    given = draft()
    line = replace(given.lines[1], end_ms=given.lines[1].start_ms)
    [caption] = opened(replace(given, lines=(line,)))["pt.vtt"]
    assert (caption.start, caption.end) == ("00:00:05.000", "00:00:05.001")


def test_bytes() -> None:
    """The file is UTF-8 without a mark, with line feeds, and ends with one."""
    for file in write(hostile()):
        assert file.content.startswith(b"WEBVTT\n") and file.content.endswith(b"\n")
        assert b"\r" not in file.content and b"\x00" not in file.content
        assert not file.content.endswith(b"\n\n")
