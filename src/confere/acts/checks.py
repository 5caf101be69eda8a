"""Look at what the checks see, and dismiss what is right as it stands.

A check decides nothing and changes nothing. What it sees as an error keeps a transcript from being
signed until the text is corrected, or until somebody says in writing why it is right; who said so,
and why, stands in the signed document. That holds for these texts: with another word it is open again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from confere.acts.desk import Desk
from confere.acts.names import known_names
from confere.acts.reading import Opened, open_transcript, tell_read
from confere.domain import Passage, Role, Segment, Transcript
from confere.errors import DamagedCatalog, NoSuchThing, NotReady, Signed
from confere.review import entries
from confere.review.checks import (
    Context,
    Level,
    SegmentTexts,
    check_inconsistent,
    check_segment,
    check_transcript,
)
from confere.review.checks.dismissals import Dismissal, Seen, seen
from confere.vault import dismissals, identities, transcripts, word_lists
from confere.vault.dismissals import DismissalRow

_READERS = (Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
_WORKERS = (Role.INTERPRETER, Role.VERIFIER)
SHORTEST_HANDLE = 4  # hex digits of a finding's key


@dataclass(frozen=True)
class Looked:
    """A transcript, and everything that the checks see in it, in the order of its segments."""

    opened: Opened
    seen: tuple[Seen, ...]

    @property
    def transcript(self) -> Transcript:
        """What was looked at."""
        return self.opened.transcript

    def of(self, segment_id: str) -> tuple[Seen, ...]:
        """Return what is seen in one segment, errors first."""
        return self._by_segment.get(segment_id, ())

    def handle(self, it: Seen) -> str:
        """Return what people call a finding: as much of its key as tells it from all others here."""
        return it.finding.key[: self._handle_length]

    @cached_property
    def _by_segment(self) -> Mapping[str, tuple[Seen, ...]]:
        found: defaultdict[str, list[Seen]] = defaultdict(list)
        for it in self.seen:
            found[it.segment_id].append(it)
        return {segment_id: tuple(all_) for segment_id, all_ in found.items()}

    @cached_property
    def _handle_length(self) -> int:
        return handle_length(self.seen)


def handle_length(all_: Iterable[Seen]) -> int:
    """Return how many hex digits tell the keys of some findings apart."""
    keys = {it.finding.key for it in all_}
    length = SHORTEST_HANDLE
    while len({key[:length] for key in keys}) < len(keys):
        length += 1
    return length


def look(desk: Desk, given: str) -> Looked:
    """Return what the checks see in the transcript of a recording. Told as the reading it is.

    Raises NotAllowed, and whatever hinders opening the transcript.
    """
    desk.require("see what the checks find", *_READERS)
    with desk.catalog.moment():
        opened = open_transcript(desk, given)
        found = look_at(desk, opened.transcript)
    tell_read(desk, opened.transcript.recording.id)
    return Looked(opened, found)


def look_at(desk: Desk, transcript: Transcript) -> tuple[Seen, ...]:
    """Return what the checks see in an open transcript; tells nothing.

    Some 1 s for 2,500 segments. Raises ForgedStore for an identity key that no lead left so.
    """
    texts = [_texts(segment) for segment in transcript.segments]
    context = replace(_context(desk), names=known_names(desk))
    found = check_transcript(texts, context)
    return seen(found, _dismissals(desk, transcript.recording.id))


def look_at_segment(desk: Desk, passage: Passage, segment: Segment) -> tuple[Seen, ...]:
    """Return what the checks see in one segment of an open passage, as it is given.

    Some milliseconds: without what only all segments together show (``inconsistent``).
    """
    found = {segment.id: check_segment(_texts(segment), _context(desk))}
    return seen(found, _dismissals(desk, passage.recording.id, segment.id))


def dismiss(desk: Desk, given: str, number: str, finding: str, reason: str) -> Seen:
    """Say why what a check sees in a segment is right; return it as it is then.

    ``finding`` is the beginning of its key. Only what is seen now can be dismissed. Raises
    NoSuchThing, NotReady for what is dismissed already, Signed, NotAllowed, BadValue without a reason.
    """
    written = entries.reason(reason, "dismiss what a check sees")
    return _decide(desk, given, number, finding, written, withdrawn=False)


def raise_again(desk: Desk, given: str, number: str, finding: str, reason: str = "") -> Seen:
    """Take a dismissal back, one's own or another's: the finding is open again; raises as `dismiss`."""
    return _decide(desk, given, number, finding, entries.text(reason), withdrawn=True)


def _decide(
    desk: Desk, given: str, number: str, finding: str, reason: str, *, withdrawn: bool
) -> Seen:
    desk.require("dismiss what a check sees", *_WORKERS)
    with desk.catalog.transaction():
        opened = open_transcript(desk, given)
        transcript = opened.transcript
        segment = transcripts.find_segment(transcript, number)
        if opened.signed is not None:
            raise Signed(transcript.recording.id)
        it = _find(desk, transcript, segment, finding)
        _require_other(it, segment, withdrawn=withdrawn)
        row = DismissalRow(
            recording_id=transcript.recording.id,
            segment_id=segment.id,
            finding=it.finding.key,
            message_id=it.finding.message_id,
            level=it.finding.level.value,
            message=it.finding.message,
            withdrawn=int(withdrawn),
            by=desk.person.name,
            at=desk.now(),
            reason=reason,
        )
        _keep(desk, row)
    return replace(it, dismissal=None if withdrawn else _dismissal(row))


def _keep(desk: Desk, row: DismissalRow) -> None:
    """Write a dismissal and tell it: a commitment, never the key, which short texts can be guessed from."""
    commitment = dismissals.add_dismissal(desk.catalog, row)
    desk.tell(
        row.told_as,
        {
            "recording": row.recording_id,
            "segment": row.segment_id,
            "message_id": row.message_id,
            "level": row.level,
            "dismissal_sha256": commitment,
        },
    )


def _find(desk: Desk, transcript: Transcript, segment: Segment, given: str) -> Seen:
    """Return what is seen now under a handle; raises NoSuchThing when that is not exactly one."""
    all_ = list(look_at_segment(desk, transcript, segment))
    if not _starting(all_, given):  # what only all segments together show takes longer
        texts = [_texts(other) for other in transcript.segments]
        found = check_inconsistent(texts, _context(desk)).get(segment.id, [])
        kept = _dismissals(desk, transcript.recording.id, segment.id)
        all_ += seen({segment.id: found}, kept)
    matching = _starting(all_, given)
    if len(matching) != 1:
        kind = "finding" if not matching else "single finding beginning with"
        hint = f"'confere check RECORDING {segment.number}' shows what is seen in the segment now."
        raise NoSuchThing(kind, given, hint)
    return matching[0]


def _starting(all_: Iterable[Seen], given: str) -> list[Seen]:
    wanted = given.strip().lower()
    return [it for it in all_ if wanted and it.finding.key.startswith(wanted)]


def _require_other(it: Seen, segment: Segment, *, withdrawn: bool) -> None:
    held = it.dismissal
    if held is None and withdrawn:
        raise NotReady(f"it is open in segment {segment.number} already", "There is nothing to do.")
    if held is not None and not withdrawn:
        raise NotReady(
            f"{held.by} dismissed it at {held.at}",
            "To give another reason, take that one back first: confere dismiss ... --again.",
        )


def _context(desk: Desk) -> Context:
    return Context(
        words=word_lists.current_words(desk.catalog),
        names=identities.list_names(desk.catalog),
        target_language=desk.vault.locked.settings.study.target,
    )


def _texts(segment: Segment) -> SegmentTexts:
    return SegmentTexts(
        id=segment.id,
        source=segment.source,
        target=segment.target,
        language=segment.language,
        speaker=segment.speaker,
        marks=segment.marks,
        duration_ms=segment.end_ms - segment.start_ms,
    )


def _dismissals(
    desk: Desk, recording_id: str, segment_id: str | None = None
) -> Iterable[Dismissal]:
    return map(_dismissal, dismissals.list_dismissals(desk.catalog, recording_id, segment_id))


def _dismissal(row: DismissalRow) -> Dismissal:
    if row.level not in list(Level):
        raise DamagedCatalog(f"a dismissal in segment {row.segment_id} is not in its form")
    return Dismissal(
        segment_id=row.segment_id,
        finding=row.finding,
        message_id=row.message_id,
        level=Level(row.level),
        message=row.message,
        withdrawn=bool(row.withdrawn),
        by=row.by,
        at=row.at,
        reason=row.reason,
    )
