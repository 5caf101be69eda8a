"""Makes of recorders: how one is recognised, and what its files' names mean."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from confere.errors import BadProfile
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate
from confere.intake.parts import group_parts
from confere.intake.profiles import GENERIC, Profile, Profiles, generic, load, parse, shipped
from confere.intake.recorder import Recorder
from confere.intake.source import Identity, SourceFile
from confere.intake.transfer import Tools
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.shelf import MemoryShelf

PROFILES = load([shipped()])


def make(name: str) -> Profile:
    """Return a shipped profile."""
    return next(profile for profile in PROFILES.makes if profile.name == name)


def recognised(*paths: str, label: str = "") -> str:
    """Return what a volume with these files is taken for."""

    def names(folder: tuple[str, ...]) -> Mapping[str, bool]:
        at = len(folder)
        split = [path.split("/") for path in paths]
        return {p[at]: len(p) > at + 1 for p in split if tuple(p[:at]) == folder and len(p) > at}

    return PROFILES.recognise(label, names).name


@pytest.mark.parametrize(
    ("paths", "label", "expected"),
    [
        (["STEREO/FOLDER01/ZOOM0001.WAV"], "H2N_SD", "zoom"),
        (["MULTI/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV"], "", "zoom"),
        (["FOLDER01/ZOOM0001/ZOOM0001_Tr1.WAV"], "NO NAME", "zoom"),
        (["stereo/folder01/251103-102208.MP3"], "", "zoom"),
        (["RECORDER/FOLDER_A/191003_0017.MP3"], "DM750", "olympus"),
        (["DSS_FLDA/WS550001.WMA"], "", "olympus"),
        (["REC_FILE/FOLDER01/261009_0830.mp3"], "IC RECORDER", "sony"),
        (["PRIVATE/SONY/REC_FILE/FOLDER01/261009_0830.mp3"], "", "sony"),
        (["SOUND/TASCAM_0001_1.wav"], "", "tascam"),
        (["MUSIC/190904_0005.wav"], "DR-05", "tascam"),
        (["VOICE/A/DVT_A001.MP3"], "", "philips"),
        (["Recordings/Voice Recorder/Voice 001.m4a"], "", "phone"),
        (["VOICE/song.mp3"], "USB STICK", GENERIC),
        (["MUSIC/Beatles/01.mp3", "photos/1.jpg"], "USB STICK", GENERIC),
        (["DCIM/100CANON/MVI_0001.MP4"], "EOS_DIGITAL", GENERIC),
        ([], "", GENERIC),
    ],
)
def test_a_recorder_is_recognised_by_what_is_on_it(
    paths: list[str], label: str, expected: str
) -> None:
    """The folders and files that its make leaves, and the label; a stick with music is none."""
    assert recognised(*paths, label=label) == expected


def test_a_phone_is_never_emptied_unasked() -> None:
    """Private messages lie beside the interviews; a folder is named for it."""
    assert not make("phone").automatic
    assert not PROFILES.generic.automatic
    assert all(p.automatic for p in PROFILES.makes if p.name != "phone")


def test_the_likelier_make_wins_over_a_folder_that_two_share() -> None:
    """A card that was in two recorders is the one with the label, then the one with more marks."""
    both = ["STEREO/FOLDER01/ZOOM0001.WAV", "REC_FILE/FOLDER01/261009_0830.mp3"]
    assert recognised(*both, label="IC RECORDER") == "sony"
    assert recognised(*both, label="H5_SD") == "zoom"
    assert recognised(*both, "4CH/FOLDER01/x") == "zoom"
    assert recognised("Recordings/a.m4a", both[0]) == "zoom"


# --- names ----------------------------------------------------------------------------------------


def file(path: str) -> SourceFile:
    """Return a file as a walk would."""
    return SourceFile(tuple(path.split("/")), Identity(1, zlib.crc32(path.encode()), 1000, 0))


def sessions(profile: str, *paths: str) -> list[list[tuple[str, int, str]]]:
    """Return the sessions as lists of name, part and track."""
    grouped = group_parts([file(path) for path in paths], make(profile))
    return [[(part.file.name, part.number, part.track) for part in parts] for parts in grouped]


def test_the_tracks_of_a_zoom_are_one_session() -> None:
    """Tracks of a take share the part's number and are told apart; another take is another session."""
    folder = "MULTI/FOLDER01/ZOOM0001"
    tracks = [
        f"{folder}/ZOOM0001_{track}-000{part}.WAV" for part in (1, 2) for track in ("LR", "Tr1")
    ]
    assert sessions("zoom", *tracks, "MULTI/FOLDER01/ZOOM0002/ZOOM0002_LR.WAV") == [
        [
            ("ZOOM0001_LR-0001.WAV", 1, "LR"),
            ("ZOOM0001_Tr1-0001.WAV", 1, "Tr1"),
            ("ZOOM0001_LR-0002.WAV", 2, "LR"),
            ("ZOOM0001_Tr1-0002.WAV", 2, "Tr1"),
        ],
        [("ZOOM0002_LR.WAV", 1, "LR")],
    ]


def test_the_tracks_of_a_tascam_are_one_session() -> None:
    """A pair of inputs is a track; the next number is another recording."""
    assert sessions("tascam", "MUSIC/TASCAM_0001S12.wav", "MUSIC/TASCAM_0001S34.wav",
                    "MUSIC/TASCAM_0002S12.wav") == [
        [("TASCAM_0001S12.wav", 1, "S12"), ("TASCAM_0001S34.wav", 1, "S34")],
        [("TASCAM_0002S12.wav", 1, "S12")],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "name", "at"),
    [
        ("zoom", "STEREO/FOLDER01/251103-102208.MP3", "2025-11-03T10:22:08"),
        ("zoom", "STEREO/FOLDER01/ZOOM0001.WAV", ""),
        ("olympus", "RECORDER/FOLDER_A/191003_0017.MP3", "2019-10-03"),
        ("sony", "REC_FILE/FOLDER01/261009_0830.mp3", "2026-10-09T08:30"),
        ("sony", "REC_FILE/FOLDER01/261009_0830_01.mp3", "2026-10-09T08:30"),
        ("tascam", "MUSIC/190904_0005.mp3", "2019-09-04"),
        ("philips", "VOICE/A/260511_100754_00.mp3", "2026-05-11T10:07:54"),
        ("phone", "WhatsApp Voice Notes/202328/PTT-20230715-WA0000.opus", "2023-07-15"),
        ("phone", "Recordings/Call/Voice 001_230605_173503.m4a", "2023-06-05T17:35:03"),
    ],
)
def test_a_name_tells_the_recorders_clock(profile: str, name: str, at: str) -> None:
    """As far as the name tells it; two recordings of a day are two."""
    ((part,),) = group_parts([file(name)], make(profile))
    assert (part.named_at, part.profile, part.track) == (at, profile, "")


def test_two_recordings_of_one_minute_are_two() -> None:
    """A running number behind the time counts recordings, not parts."""
    names = ("A/260511_100754_00.mp3", "A/260511_100754_01.mp3")
    assert len(group_parts([file(n) for n in names], make("philips"))) == 2


# --- a recorder that nobody named -----------------------------------------------------------------


def test_nothing_is_taken_from_elsewhere_when_nobody_named_the_recorder(tmp_path: Path) -> None:
    """Music in another folder of a card that looks like a recorder is left, and told."""
    card, shelf = tmp_path / "card", MemoryShelf()
    record(card, "STEREO/FOLDER01/ZOOM0001.WAV", audio(100))
    music = record(card, "My music/song.wav", audio(50))
    errand = Errand("study", "laptop", profile=make("zoom"), only_where_audio_lies=True)
    with Recorder(card) as recorder:
        receipt = offload(recorder, Tools(shelf, probe, FakeClock()), errand)
    assert {o.path: o.fate for o in receipt.outcomes} == {
        "STEREO/FOLDER01/ZOOM0001.WAV": Fate.TAKEN,
        "My music/song.wav": Fate.ELSEWHERE,
    }
    assert files_of(card) == {"My music/song.wav": music}
    assert receipt.kind == make("zoom").title
    (kept,) = shelf.kept.values()
    assert kept.note.profile == "zoom"


# --- the files ------------------------------------------------------------------------------------

GOOD = """\
format = 1
title = "Nagra SNN"
automatic = true

[recognise]
labels = ["NAGRA*"]
folders = ["NAGRA/REC??"]

[audio]
folders = ["NAGRA"]

[names]
patterns = [
    "{take}_{part:3}",
]

[side]
extensions = [".NGR"]
"""


def test_a_new_make_is_a_new_file(tmp_path: Path) -> None:
    """Without a line of code; what holds for all recorders holds for it, too."""
    (tmp_path / "nagra.toml").write_text(GOOD)
    profiles = load([shipped(), tmp_path])
    nagra = profiles.recognise("nagra 1", lambda _folder: {})
    assert (nagra.name, nagra.title, nagra.automatic) == ("nagra", "Nagra SNN", True)
    assert nagra.is_side_file(file("NAGRA/REC01/a.ngr"))
    assert nagra.is_side_file(file("NAGRA/REC01/notes.txt"))
    assert nagra.in_system_folder(file(".Trashes/a.wav"))
    assert len(group_parts([file("NAGRA/a1_001.wav"), file("NAGRA/a1_002.wav")], nagra)) == 1


def test_a_file_of_ones_own_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    """By its name; all others stay."""
    (tmp_path / "zoom.toml").write_text(GOOD)
    profiles = load([shipped(), tmp_path])
    assert len(profiles.makes) == len(PROFILES.makes)
    assert "Nagra SNN" in [profile.title for profile in profiles.makes]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("format = 1", "format = 2"), 1, "format is 2"),
        (("format = 1\n", ""), 1, "format is None"),
        (('title = "Nagra SNN"', ""), 1, "title is missing"),
        (("automatic = true", 'automatic = "yes"'), 3, "automatic must be true or false"),
        (("labels", "lables"), 6, "there is no key 'lables' under [recognise]"),
        (("[audio]", "[audoi]"), 9, "there is no table [audoi]"),
        (('["NAGRA"]', '"NAGRA"'), 10, "folders must be a list of texts"),
        (('["NAGRA"]', "[1]"), 10, "folders must be a list of texts"),
        (('["NAGRA"]', '["../etc"]'), 10, "is no path"),
        (('["NAGRA"]', '["/NAGRA"]'), 10, "is no path"),
        (("{part:3}", "{prat:3}"), 14, "{prat:3} means nothing"),
        ((".NGR", "NGR"), 18, "is no extension"),
        (("title =", "title"), 2, "Expected"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    change: tuple[str, str], line: int, message: str
) -> None:
    """The error names file, line and key."""
    with pytest.raises(BadProfile) as told:
        parse(GOOD.replace(*change, 1), "nagra.toml", generic())
    assert told.value.message.startswith(f"nagra.toml, line {line}: ")
    assert message in told.value.message


def test_what_cannot_be_recognised_is_not_taken_unasked() -> None:
    """A file that says automatic and nothing else would claim every stick."""
    with pytest.raises(BadProfile, match="automatic needs something"):
        parse('format = 1\ntitle = "x"\nautomatic = true\n', "x.toml", generic())


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Bytes that are no text, a folder in its place, and no profile of all recorders."""
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(BadProfile, match=r"bad\.toml"):
        load([shipped(), tmp_path])
    with pytest.raises(BadProfile, match=r"generic\.toml"):
        load([tmp_path])


# --- looking at a volume --------------------------------------------------------------------------


def test_a_volume_is_looked_at_without_following_links(tmp_path: Path) -> None:
    """A link to a folder that looks like a recorder is none, and neither is a name in any bytes."""
    real = tmp_path / "elsewhere"
    record(real, "FOLDER01/ZOOM0001.WAV", b"x")
    card = tmp_path / "card"
    card.mkdir()
    (card / "STEREO").symlink_to(real)
    Path(os.fsdecode(os.fsencode(card) + b"/\xff\n")).mkdir()
    with Recorder(card) as recorder:
        assert PROFILES.recognise("", recorder.names).name == GENERIC
    record(card, "4CH/FOLDER01/SR001MS.WAV", b"x")
    with Recorder(card) as recorder:
        assert PROFILES.recognise("", recorder.names).name == "zoom"


def test_profiles_without_makes_know_nothing() -> None:
    """Everything is a folder of which nobody knows anything."""
    assert Profiles(generic()).recognise("H5_SD", lambda _folder: {}).name == GENERIC
