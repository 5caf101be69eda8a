"""Which files belong together, and which are no recordings."""

from __future__ import annotations

import pytest

from confere.intake.parts import group_parts
from confere.intake.profiles import generic
from confere.intake.source import Identity, SourceFile


def file(path: str) -> SourceFile:
    """Return a file as a walk would."""
    return SourceFile(tuple(path.split("/")), Identity(1, hash(path), 1000, 0))


def sessions(*paths: str) -> list[list[tuple[str, int]]]:
    """Return the sessions as lists of path and part."""
    grouped = group_parts([file(path) for path in paths], generic())
    return [[(part.file.path, part.number) for part in parts] for parts in grouped]


def test_the_parts_of_a_zoom_recording_are_one_session() -> None:
    """Same folder, stem and extension: one session, parts in the order of their numbers."""
    assert sessions("Z/ZOOM0004_LR-0002.WAV", "Z/ZOOM0004_LR-0001.WAV") == [
        [("Z/ZOOM0004_LR-0001.WAV", 1), ("Z/ZOOM0004_LR-0002.WAV", 2)]
    ]


@pytest.mark.parametrize(
    "other",
    [
        "Y/ZOOM0004_LR-0002.WAV",  # another folder
        "Z/ZOOM0005_LR-0002.WAV",  # another take
        "Z/ZOOM0004_LR-0002.MP3",  # another kind
        "Z/ZOOM0004_LR-002.WAV",  # no part number
        "Z/ZOOM0004_LR.WAV",
    ],
)
def test_what_differs_in_more_than_the_number_is_another_session(other: str) -> None:
    """Nothing but the number may differ between parts."""
    assert len(sessions("Z/ZOOM0004_LR-0001.WAV", other)) == 2


def test_running_numbers_of_recordings_are_not_parts() -> None:
    """Without a number of its own in the stem, ``-NNNN`` counts recordings."""
    assert sessions("REC-0001.WAV", "REC-0002.WAV") == [
        [("REC-0001.WAV", 1)],
        [("REC-0002.WAV", 1)],
    ]


def test_a_missing_part_stays_missing() -> None:
    """Numbers are kept as they are; where a recorder begins at 0 they are moved up by one."""
    assert sessions("Z1-0001.WAV", "Z1-0003.WAV") == [[("Z1-0001.WAV", 1), ("Z1-0003.WAV", 3)]]
    assert sessions("Z1-0000.WAV", "Z1-0001.WAV") == [[("Z1-0000.WAV", 1), ("Z1-0001.WAV", 2)]]


def test_every_session_has_its_own_id_and_its_parts_share_it() -> None:
    """Group ids are new each time, and equal within a session only."""
    files = [file("A1-0001.WAV"), file("A1-0002.WAV"), file("B.WAV")]
    first, second = group_parts(files, generic()), group_parts(files, generic())
    groups = [{part.group for part in parts} for parts in (*first, *second)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == 4


@pytest.mark.parametrize(
    ("path", "side"),
    [
        ("ZOOM0001.hprj", True),
        ("NOTES.TXT", True),
        ("photo.JPG", True),
        ("._ZOOM0001.WAV", True),
        ("ZOOM0001.WAV", False),
        ("memo.DS2", False),
        ("recording", False),
        ("take.xyz", False),
    ],
)
def test_only_what_is_surely_no_recording_is_a_side_file(path: str, side: bool) -> None:
    """Known side files are kept from the decoder; odd extensions are for the probe to judge."""
    assert generic().is_side_file(file(path)) is side


@pytest.mark.parametrize(
    ("path", "system"),
    [
        ("System Volume Information/a.wav", True),
        (".Trashes/501/a.wav", True),
        (".Trash-1000/files/a.wav", True),
        ("$RECYCLE.BIN/a.wav", True),
        ("STEREO/FOLDER01/a.wav", False),
    ],
)
def test_wastebaskets_are_system_folders(path: str, system: bool) -> None:
    """What somebody threw away is not taken."""
    assert generic().in_system_folder(file(path)) is system
