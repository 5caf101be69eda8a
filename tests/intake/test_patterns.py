"""What the names of files say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.errors import BadValue
from confere.intake.patterns import Named, compiled


@pytest.mark.parametrize(
    ("pattern", "stem", "expected"),
    [
        ("{take}-{part:4}", "ZOOM0004_LR-0002", Named("zoom0004_lr-/", 2, "", "")),
        ("{take}-{part:4}", "REC-0002", None),
        ("{take}-{part:4}", "ZOOM0004_LR-002", None),
        ("{take}_{track:LR,Tr#}", "zoom0004_TR2", Named("zoom0004_/", None, "TR2", "")),
        ("{take}_{track:Tr#,Tr##}", "Z1_Tr12", Named("z1_/", None, "Tr12", "")),
        ("{name}_{number:4}{track:S##}", "TASCAM_0001S12", Named("tascam_0001/", None, "S12", "")),
        (
            "{year:2}{month}{day}_{number}",
            "191003_0017",
            Named("191003_0017", None, "", "2019-10-03"),
        ),
        (
            "{year:2}{month}{day}_{hour}{minute}",
            "261009_0830",
            Named("261009_0830", None, "", "2026-10-09T08:30"),
        ),
        (
            "{year:4}{month}{day}-{hour}{minute}{second}",
            "20240115-092530",
            Named("20240115-092530", None, "", "2024-01-15T09:25:30"),
        ),
        ("{year:2}{month}{day}", "261399", Named("261399", None, "", "")),
        ("{year:4}{month}{day}", "00000101", Named("00000101", None, "", "")),
        ("a.b{number}", "aXb1", None),
        ("a.b{number}", "a.b1", Named("a.b1", None, "", "")),
        ("{part}", "١٢", None),
    ],
)
def test_a_pattern_reads_a_name(pattern: str, stem: str, expected: Named | None) -> None:
    """Parts, tracks and times, and what belongs together; a day that is none is left out."""
    assert compiled(pattern).match(stem) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{take",
        "take}",
        "{}",
        "{tack}",
        "{take:3}",
        "{part:x}",
        "{part:0}",
        "{track}",
        "{track:LR,}",
        "{year}",
        "{year:3}{month}{day}",
        "{month}{day}",
        "{year:2}{month}{day}{minute}",
        "{take}{name}",
        "{part}-{part}",
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    """Before any file is looked at."""
    with pytest.raises(BadValue, match="the pattern"):
        compiled(pattern)


@given(st.text(max_size=50))
def test_any_pattern_is_compiled_or_refused(pattern: str) -> None:
    """Whatever somebody writes, no other error comes out of it."""
    try:
        made = compiled(pattern)
    except BadValue:
        return
    made.match(pattern)


def test_a_hostile_name_does_not_keep_the_matching_busy() -> None:
    """The longest name that a walk lets through, made to be tried at every place."""
    pattern = compiled("{take}_{number}-{number}_{track:S##,M#,D##,V##,V#}-{part}")
    assert pattern.match("1_1-1_S1" * 95) is None
