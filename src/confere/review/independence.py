"""Who may still verify a segment or sign a transcript, and why not the others; said early.

Rules for this file: values in, values out; it decides nothing. What it tells is what ``states``
(roles), ``changes`` (nobody verifies what they worked on) and ``document`` (whoever signs has worked on
nothing and verifies everything) will answer when somebody tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from confere.domain import Person, Revision, Segment, State, Transcript
from confere.review import history
from confere.review.states import MAY, SIGNED, Decision


class Hindrance(StrEnum):
    """Why somebody may not: the values are what people read."""

    ROLE = "is not a verifier"
    CHANGED = "changed it"
    ACCEPTED = "accepted it as it stood"


@dataclass(frozen=True, slots=True)
class Open:
    """A segment that is not signed: who may verify it, and why not the others, by name.

    ``verified_by`` is whose verification holds now, or empty.
    """

    segment_id: str
    number: str
    state: State
    verified_by: str
    may: tuple[str, ...]
    why_not: Mapping[str, Hindrance]


@dataclass(frozen=True, slots=True)
class Signing:
    """Who may still sign the whole, and why not the others: ``ROLE``, or the segments worked on."""

    may: tuple[str, ...]
    not_verifiers: tuple[str, ...]
    worked_on: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Independence:
    """Everything there is to say of one transcript; ``warnings`` come worst first."""

    segments: tuple[Open, ...]
    signing: Signing
    warnings: tuple[str, ...]


def independence(transcript: Transcript, people: Iterable[Person]) -> Independence:
    """Look at a transcript that is not signed; ``people`` are all of the study."""
    everybody = sorted(people, key=lambda person: person.name)
    revisions = history.by_segment(transcript)
    segments = tuple(
        _open(transcript, segment, revisions[segment.id], everybody)
        for segment in transcript.segments
        if segment.state not in SIGNED
    )
    signing = _signing(segments, everybody)
    to_correct = any(
        s.state in (State.DRAFT, State.EDITED, State.NEEDS_WORK) for s in transcript.segments
    )
    return Independence(segments, signing, warnings(signing.may, everybody, to_correct))


def warnings(able: Iterable[str], people: Iterable[Person], to_correct: bool) -> tuple[str, ...]:
    """Return what to say early, given who may still sign a transcript; worst first.

    ``to_correct`` says whether segments wait for an interpreter, who thereby becomes unable to sign.
    """
    able, everybody = sorted(able), list(people)
    if not able:
        return (
            "Nobody is left who may sign this: every verifier worked on it, or there is none. "
            "A lead adds a verifier: confere person add NAME --role verifier",
        )
    if len(able) > 1:
        return ()
    (last,) = able
    correctors = {p.name for p in everybody if p.roles & MAY[Decision.ACCEPT]}
    if to_correct and correctors == {last}:
        return (
            f"{last} is the only interpreter and the only one left who may sign this: once {last} "
            "corrects it, nobody is. A lead adds a verifier: confere person add NAME --role verifier",
        )
    both = (
        f", and is an interpreter too: others correct it, not {last}" if last in correctors else ""
    )
    return (
        f"Only {last} is left who may verify and sign this{both}. If {last} changes or accepts a "
        "segment, nobody is: return it with a reason instead.",
    )


def _open(
    transcript: Transcript, segment: Segment, revisions: list[Revision], people: list[Person]
) -> Open:
    authors = transcript.authors(segment.id)
    workers = history.workers(transcript, segment.id)
    found = {p.name: _hindrance(p, authors, workers) for p in people}
    held = history.verification(revisions)
    return Open(
        segment.id,
        segment.number,
        segment.state,
        held.by if held else "",
        tuple(name for name, why in found.items() if why is None),
        {name: why for name, why in found.items() if why is not None},
    )


def _hindrance(person: Person, authors: Set[str], workers: Set[str]) -> Hindrance | None:
    if not person.roles & MAY[Decision.VERIFY]:
        return Hindrance.ROLE
    if person.name in authors:
        return Hindrance.CHANGED
    return Hindrance.ACCEPTED if person.name in workers else None


def _signing(segments: tuple[Open, ...], people: list[Person]) -> Signing:
    verifiers = [p.name for p in people if p.roles & MAY[Decision.SIGN]]
    worked_on = {name: tuple(s.number for s in segments if name in s.why_not) for name in verifiers}
    return Signing(
        may=tuple(name for name in verifiers if not worked_on[name]),
        not_verifiers=tuple(p.name for p in people if p.name not in worked_on),
        worked_on={name: numbers for name, numbers in worked_on.items() if numbers},
    )
