"""Which files of a recorder belong together: the parts of a recording that was cut, and its tracks.

Recorders cut long recordings (``ZOOM0004_LR-0001.WAV``, ``ZOOM0004_LR-0002.WAV``) and record several
tracks at once (``ZOOM0004_Tr1.WAV``, ``ZOOM0004_Tr2.WAV``). Which names mean what, a profile says. The
rule around it: the same folder and extension, and names that differ in part and track only. A part's
take has a number of its own, or ``REC-0001`` and ``REC-0002``, two interviews, would become one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from confere.domain import new_id
from confere.intake.patterns import Named
from confere.intake.profiles import Profile
from confere.intake.source import SourceFile


@dataclass(frozen=True, slots=True)
class Part:
    """A file with its place in a recorded session.

    ``number`` counts from 1; tracks recorded at the same time share it and differ in ``track``.
    ``named_at`` is the time that the name tells by the recorder's clock, or empty.
    """

    file: SourceFile
    group: str
    number: int
    track: str = ""
    named_at: str = ""
    profile: str = ""


def group_parts(files: Iterable[SourceFile], profile: Profile) -> list[tuple[Part, ...]]:
    """Return the sessions in the order of their paths, each with its parts in the order of time.

    Every session gets a new random id: recorders count from 1 again on every card, so nothing on
    the card could serve. A gap in the numbers stays a gap: ``-0001`` and ``-0003`` are parts 1 and 3.
    """
    sessions: dict[tuple[object, ...], list[tuple[SourceFile, Named | None]]] = {}
    for file in sorted(files, key=lambda f: f.parts):
        named = profile.named(file)
        sessions.setdefault(_belongs_to(file, named), []).append((file, named))
    return [_session(members, profile.name) for members in sessions.values()]


def _belongs_to(file: SourceFile, named: Named | None) -> tuple[object, ...]:
    """Return what the parts and tracks of a session have in common."""
    if named is None or (named.part is None and not named.track):
        return ("alone", file.parts)
    return ("together", file.parts[:-1], named.take, file.suffix)


def _session(members: list[tuple[SourceFile, Named | None]], profile: str) -> tuple[Part, ...]:
    group = new_id()
    numbers = [1 if named is None or named.part is None else named.part for _, named in members]
    shift = 1 if min(numbers) == 0 else 0  # some recorders begin at -0000
    parts = [
        Part(
            file,
            group,
            number + shift,
            named.track if named else "",
            named.at if named else "",
            profile,
        )
        for (file, named), number in zip(members, numbers, strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: part.number))
