"""What waits for whom: every recording with what somebody can do on it next, or why nothing."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from confere.acts.desk import Desk
from confere.acts.drafting import Drafted, drafts_under_way
from confere.acts.editing import all_editing
from confere.acts.plan import count_spared
from confere.acts.reading import open_transcript
from confere.domain import Person, Role, State
from confere.review.independence import Independence, independence, warnings
from confere.review.states import MAY, Decision
from confere.vault import assignments, comments, progress, register, transcripts
from confere.vault.assignments import Assignment
from confere.vault.comments import Comment


class Stage(StrEnum):
    """Where a recording stands on its way, and so whom it waits for."""

    DRAFTING = "to be drafted"
    TROUBLE = "drafting failed"
    CORRECTION = "to be corrected"
    VERIFICATION = "to be verified"
    SIGNATURE = "to be signed"
    SIGNED = "signed"


class Todo(NamedTuple):
    """What somebody can do on a recording now: how many segments, or sign; or ``why`` nothing."""

    correct: int = 0
    verify: int = 0
    sign: bool = False
    why: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return not self.why


class Waiting(NamedTuple):
    """One recording in the queue.

    ``counts`` says how many segments stand in which state, ``detail`` why drafting failed. ``since``
    is when something was last decided in it, or else when it was drafted or came in. ``due`` is the
    earliest day (ISO 8601) among those of ``taken``, or empty; ``editing`` are those who have a segment
    of it open. ``comments`` are the open ones
    addressed to the person who asks. ``left`` are the verifiers who may still sign it; None once
    it is signed. ``todo`` is of the person who asks, ``everybody`` of all, only for a lead who asks.
    ``spared`` of the corrected segments need not be verified by the recording's sampling plan.
    ``drafting`` is how its draft stands, None once there is one.
    """

    recording_id: str
    interview_id: str
    part: int
    offloaded_at: str
    duration_ms: int
    stage: Stage
    counts: Mapping[State, int]
    detail: str
    languages: tuple[str, ...]
    since: str
    due: str
    taken: tuple[Assignment, ...]
    comments: int
    editing: tuple[str, ...]
    left: tuple[str, ...] | None
    todo: Todo
    everybody: Mapping[str, Todo]
    spared: int
    drafting: Drafted | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One recording looked at closely. ``independence`` is None without a draft, or once signed."""

    waiting: Waiting
    warnings: tuple[str, ...]
    independence: Independence | None
    comments: tuple[Comment, ...]


def queue(
    desk: Desk,
    *,
    mine: bool = False,
    everybody: bool = False,
    language: str = "",
    limit: int | None = None,
) -> list[Waiting]:
    """Return every recording with what it waits for: the earliest due first, then the oldest.

    At most ``limit`` of them. ``mine`` leaves out where the person who acts can do nothing, has taken
    nothing and is asked nothing; ``language`` leaves in where it is spoken. ``everybody`` says of
    everybody what they can do; raises NotAllowed for who is no lead.
    """
    if everybody:
        desk.require("see what waits for everybody", Role.LEAD)
    me = desk.person
    wanted = progress.Wanted(language=language.lower())
    if mine:
        wanted = progress.Wanted(me.name, corrects(me), verifies(me), language.lower())
    look = _Look(desk, everybody)
    found: list[Waiting] = []
    for waiting in look.all(wanted, limit):
        if not mine or waiting.todo or waiting.comments or look.has(me.name, waiting):
            found.append(waiting)
            if len(found) == limit:
                break
    return found


def waiting_of(desk: Desk, recording_id: str) -> Waiting:
    """Return what one recording waits for, and what the person who acts can do on it."""
    return _Look(desk, everybody=False).one(recording_id)


def count_recordings(desk: Desk) -> int:
    """Return how many recordings the whole queue has."""
    return progress.count_recordings(desk.catalog)


def corrects(person: Person) -> bool:
    """Whether somebody does the interpreter's work."""
    return bool(person.roles & MAY[Decision.ACCEPT])


def verifies(person: Person) -> bool:
    """Whether somebody does the verifier's work."""
    return bool(person.roles & MAY[Decision.SIGN])


def look_closely(desk: Desk, given: str) -> Detail:
    """Say of one recording who may verify which segment and who may sign, and why not the others.

    Raises NoSuchThing, Destroyed, AlteredTranscript, BadSignature; NotReady for a duplicate.
    """
    recording_id = register.find_recording(desk.catalog, given)
    register.get_recording(desk.catalog, recording_id)  # raises for one that was destroyed
    # A duplicate stands in no queue: what it says is decided in the recording that it repeats.
    original = register.duplicates(desk.catalog).get(recording_id, recording_id)
    waiting = _Look(desk, everybody=True).one(original)
    close = None
    if transcripts.has_draft(desk.catalog, original) and waiting.stage is not Stage.SIGNED:
        transcript = open_transcript(desk, original).transcript
        close = independence(transcript, desk.roster.people.values())
    found = tuple(c for c in comments.list_comments(desk.catalog, original) if c.is_open)
    said = close.warnings if close else early_warnings(desk, waiting)
    return Detail(waiting, said, close, found)


def early_warnings(desk: Desk, waiting: Waiting) -> tuple[str, ...]:
    """Return what must be said early of a recording: that nobody, or only one, is left to sign it."""
    if waiting.left is None or len(waiting.left) > 1:
        return ()
    to_correct = waiting.stage not in (Stage.VERIFICATION, Stage.SIGNATURE)
    return warnings(waiting.left, desk.roster.people.values(), to_correct)


class _Look:
    """Reads the catalog once, and makes of it what waits."""

    def __init__(self, desk: Desk, everybody: bool) -> None:
        self._catalog, self._me = desk.catalog, desk.person.name
        self._people = desk.roster.people
        self._asked = list(self._people.values()) if everybody else [desk.person]
        self._everybody = everybody
        self._verifiers = tuple(sorted(n for n, p in self._people.items() if verifies(p)))
        self._left = functools.cache(self._who_is_left)  # few groups of people, many recordings
        self._drafting = functools.cache(lambda: drafts_under_way(desk))  # most wait for people
        self._editing = {
            recording_id: tuple(sorted({name for names in segments.values() for name in names}))
            for recording_id, segments in all_editing(desk).items()
        }

    def all(self, wanted: progress.Wanted, limit: int | None) -> Iterator[Waiting]:
        """Return what is wanted: the earliest due first, then the oldest; ``limit`` will be looked at."""
        first, whole = assignments.list_due(self._catalog, self._people), limit is None
        page = -1 if limit is None else 2 * limit  # not all that is read is for who asks
        for start in range(0, len(first), max(len(first), 1) if whole else page):
            among = first if whole else first[start : start + page]
            rows = progress.list_progress(self._catalog, wanted, among)
            yield from sorted(self._page(rows, whole), key=lambda waiting: waiting.due)
        for offset in itertools.count(0, page):
            rows = progress.list_progress(
                self._catalog, wanted, first, others=True, limit=page, offset=offset
            )
            yield from self._page(rows, whole)
            if whole or len(rows) < page:
                return

    def one(self, recording_id: str) -> Waiting:
        """Return one of them."""
        rows = progress.list_progress(self._catalog, progress.Wanted(), [recording_id])
        return next(self._page(rows, whole=False))

    def _page(self, rows: list[Any], whole: bool) -> Iterator[Waiting]:
        """Return what is to be said of some recordings; ``whole``: they are most of all there are."""
        catalog = self._catalog
        ids = None if whole else [row[0] for row in rows]
        self._workers = progress.list_workers(catalog, self._verifiers, ids)
        self._askers = {
            p.name: _Asker(p, progress.count_verifications(catalog, p.name, ids))
            for p in self._asked
        }
        self._asker = self._askers[self._me]
        self._taken: defaultdict[str, tuple[Assignment, ...]] = defaultdict(tuple)
        for assignment in assignments.list_assignments(catalog, ids):
            if assignment.name in self._people:  # whoever left the study does nothing more
                self._taken[assignment.recording_id] += (assignment,)
        self._comments = comments.count_open(catalog, self._me, ids)
        self._spared = count_spared(catalog, ids)
        return map(self._waiting, rows)

    def has(self, name: str, waiting: Waiting) -> bool:
        """Whether somebody has taken it."""
        return any(assignment.name == name for assignment in waiting.taken)

    def _waiting(self, row: Any) -> Waiting:
        it = progress.Progress._make(row)
        id_ = it.recording_id
        spared = self._spared.get(id_, 0)
        stage, counts = _stage(row[6:13], bool(it.trouble), bool(it.signed), spared)
        if spared:
            it = it._replace(corrected=it.corrected - spared)
        worked = self._workers.get(id_, _NOBODY)
        taken = self._taken.get(id_, ())
        everybody: Mapping[str, Todo] = _NO_ONE
        if self._everybody:
            everybody = {
                name: asker.todo(it, stage, name in worked) for name, asker in self._askers.items()
            }
        return Waiting(
            id_,
            it.interview_id,
            it.part,
            it.offloaded_at,
            it.duration_ms,
            stage,
            counts,
            it.trouble if stage is Stage.TROUBLE else "",
            _words(it.languages),
            it.latest or it.offloaded_at,
            min((a.due for a in taken if a.due), default="") if taken else "",
            taken,
            self._comments.get(id_, 0),
            self._editing.get(id_, ()),
            None if stage is Stage.SIGNED else self._left(worked),
            self._asker.todo(it, stage, self._me in worked),
            everybody,
            spared,
            self._drafting()(id_, it.duration_ms) if it.draft is None else None,
        )

    def _who_is_left(self, worked: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self._verifiers if name not in worked)


_NOBODY: frozenset[str] = frozenset()
_NO_ONE: Mapping[str, Todo] = MappingProxyType({})


class _Asker:
    """Somebody who asks what they can do."""

    def __init__(self, person: Person, verified: Mapping[str, int]) -> None:
        self._corrects = corrects(person)
        self._verifies = verifies(person)
        self._verified = verified

    def todo(self, it: progress.Progress, stage: Stage, worked: bool) -> Todo:
        """Say what they can do on a recording; ``worked``: they worked on a segment of it."""
        if stage is Stage.SIGNED:
            return _DONE
        if it.draft is None:
            return _UNDRAFTED if stage is Stage.DRAFTING else _FAILED
        unfinished = it.draft + it.edited + it.needs_work + it.stale
        correct = unfinished if self._corrects else 0
        verify, sign = 0, False
        if self._verifies and not worked:
            mine = self._verified.get(it.recording_id, 0)
            verify = it.corrected - it.stale + it.verified - mine
            sign = stage is Stage.SIGNATURE and not verify
        if correct or verify or sign:
            return Todo(correct, verify, sign)
        return self._nothing(worked)

    def _nothing(self, worked: bool) -> Todo:
        if not (self._corrects or self._verifies):
            return _NO_ROLE
        if not self._verifies:
            return _CORRECTED
        return _WORKED if worked else _NOT_YET


_DONE = Todo(why="it is signed")
_UNDRAFTED = Todo(why="the machine has not drafted it yet: confere draft")
_FAILED = Todo(why="the machine could not draft it")
_NO_ROLE = Todo(why="neither interpreter nor verifier")
_CORRECTED = Todo(why="all of it is corrected, and waits for a verifier")
_WORKED = Todo(why="worked on it: whoever signs has verified everything and worked on nothing")
_NOT_YET = Todo(why="what is left waits for an interpreter")


@functools.lru_cache(4096)
def _stage(
    numbers: tuple[int | None, ...], failed: bool, signed: bool, spared: int
) -> tuple[Stage, Mapping[State, int]]:
    """Return the stage of a recording with so many segments in each state, and these numbers.

    ``spared`` of the corrected ones need not be verified. Many recordings stand alike: what is
    returned is shared, and nobody changes it.
    """
    draft, edited, corrected, needs_work, _, _, stale = numbers
    if draft is None:
        return (Stage.TROUBLE if failed else Stage.DRAFTING), _NONE
    counts = {state: n for state, n in zip(_COUNTED, numbers[:-1], strict=True) if n}
    if signed:
        return Stage.SIGNED, counts
    if draft or edited or needs_work or stale:
        return Stage.CORRECTION, counts
    wanted = (corrected or 0) > spared
    return (Stage.VERIFICATION if wanted else Stage.SIGNATURE), counts


@functools.lru_cache(256)
def _words(text: str | None) -> tuple[str, ...]:
    return tuple(text.split()) if text else ()


_NONE: Mapping[State, int] = MappingProxyType({})
#: The states in the order of `Progress`; what is in no other is counted nowhere.
_COUNTED = (
    State.DRAFT,
    State.EDITED,
    State.CORRECTED,
    State.NEEDS_WORK,
    State.VERIFIED,
    State.LOCKED,
)
