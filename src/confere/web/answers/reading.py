"""Opening a transcript, following it, and what stands beside one segment."""

from __future__ import annotations

from typing import Any

from confere.acts import checks, following
from confere.acts.desk import Desk
from confere.acts.passage import open_passage
from confere.acts.plan import sampled
from confere.acts.playback import Playback
from confere.acts.queue import Waiting, waiting_of
from confere.acts.reading import Opened, open_transcript, tell_read
from confere.acts.suggest import TranslationMemory
from confere.acts.words import list_words
from confere.domain import Coverage, Interview, Passage, Role, Segment, Transcript
from confere.review import history
from confere.review.checks.dismissals import Seen, count_open
from confere.review.sampling import Sample
from confere.review.words import touched
from confere.vault import comments, draws, register
from confere.web.answers.assigning import may, taken
from confere.web.answers.naming import Names, recording_name
from confere.web.answers.segments import Beside, judged, open_comments, segments_json
from confere.web.sitting import Sitting
from confere.web.sound.sounds import Sounds

#: How many segments are checked for one question: the catalog's thread is held up no longer than 100 ms.
_CHECKED_AT_ONCE = 150


class Readings:
    """Tells, once a sitting and recording, that its texts were shown."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._told = desk, set[str]()

    def tell(self, recording_id: str) -> None:
        """Write the reading, unless this sitting has."""
        if recording_id not in self._told:
            tell_read(self._desk, recording_id)
            self._told.add(recording_id)


class Ahead:
    """What a page is about to ask for. It is handed out only while nothing at all has changed since."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: tuple[str, object, dict[str, Any]] | None = None

    def make(self, sitting: Sitting, recording: str) -> None:
        """Have the transcript ready; raises as opening it does."""
        before = self._moment(sitting)
        self._made = (recording, before, _begun_with(sitting, recording))

    def take(self, sitting: Sitting, recording: str) -> dict[str, Any] | None:
        """Return it, once, or None."""
        made, self._made = self._made, None
        if made is None or made[:2] != (recording, self._moment(sitting)):
            return None
        return made[2]

    def _moment(self, sitting: Sitting) -> object:
        return self._desk.catalog.changes(), sitting.part(Playback).changes


def transcript_ahead(sitting: Sitting, recording: str) -> None:
    """Make what `transcript` will answer, while the page's scripts are on their way. Shows it to nobody."""
    sitting.part(Ahead).make(sitting, recording)


def transcript(sitting: Sitting, recording: str) -> dict[str, Any]:
    """Return everything that the page of a transcript begins with."""
    begun = sitting.part(Ahead).take(sitting, recording) or _begun_with(sitting, recording)
    id_ = begun["recording"]["id"]
    sitting.part(Sounds).admit(id_, begun["duration_ms"])
    sitting.part(Readings).tell(id_)
    return begun


def _begun_with(sitting: Sitting, recording: str) -> dict[str, Any]:
    desk = sitting.desk
    desk.require("open a transcript", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    cursor = following.cursor(desk)
    opened = open_transcript(desk, recording)
    it = opened.transcript
    id_ = it.recording.id
    interview = register.get_interview(desk.catalog, it.recording.interview_id)
    waiting = waiting_of(desk, register.duplicates(desk.catalog).get(id_, id_))
    study = desk.vault.locked.settings.study
    played = played_to(sitting, it)
    return {
        "recording": {
            "id": id_,
            "part": it.recording.part,
            "name": recording_name(it.recording, interview),
            "sha256": it.recording.sha256,
        },
        "interview": _interview(interview),
        "study": {
            "name": desk.roster.study_name,
            "protocol": study.protocol,
            "played_percent": desk.vault.locked.settings.review.played_percent,
            "lock_minutes": desk.vault.locked.settings.web.lock_minutes,
        },
        "me": _me(desk, opened, waiting),
        "state": str(waiting.stage),
        "version": len(opened.reopenings) + 1,
        "versions": [
            {
                "version": s.document["version"],
                "at": s.document["signed_at"],
                "by": s.document["verifier"]["name"],
            }
            for s in opened.versions
        ],
        "practice": opened.practice,
        "languages": list(study.languages),
        "target_language": study.target,
        "speakers": list(dict.fromkeys(s.speaker for s in it.segments)),
        "people": sorted(n for n, p in desk.roster.people.items() if p.reads),
        "segments": segments_json(it, it.segments, beside(sitting, it)),
        "played": [list(span) for span in played.spans],
        "taken": taken(waiting.taken),
        "may": may(desk),
        "plan": _plan(desk, it),
        "cursor": cursor,
        "duration_ms": it.recording.duration_ms,
    }


def news(sitting: Sitting, recording: str, cursor: str) -> dict[str, Any]:
    """Return what changed since a cursor; answers at once."""
    desk = sitting.desk
    found = following.news_of(desk, recording, cursor)
    segments: list[dict[str, Any]] = []
    if found.passage is not None:
        passage = found.passage
        wanted = set(found.changed)
        # What they are tied to may have come or gone with them.
        segments = segments_json(passage, passage.segments, beside(sitting, passage))
        segments += [
            {"id": s.id, "state": str(s.state), "version": s.version}
            for s in passage.merged
            if s.id in wanted
        ]
    return {
        "cursor": found.cursor,
        "segments": segments,
        "editing": {segment: list(names) for segment, names in found.editing.items()},
        "closed": found.closed,
    }


def findings(sitting: Sitting, recording: str, first: int) -> dict[str, Any]:
    """Return how many findings are open in some segments, from a number on: by id, by level.

    ``next`` is where to go on, or null. What only all segments together show is left out.
    """
    desk = sitting.desk
    whole = open_transcript(desk, recording).transcript
    some = whole.segments[first - 1 : first - 1 + _CHECKED_AT_ONCE]
    following_ = first + _CHECKED_AT_ONCE
    return {
        "findings": {s.id: counted(checks.look_at_segment(desk, whole, s)) for s in some},
        "next": following_ if following_ <= len(whole.segments) else None,
    }


def segment(sitting: Sitting, recording: str, segment: str) -> dict[str, Any]:
    """Return one segment with its findings, comments and draft in full."""
    desk = sitting.desk
    passage, it = open_passage(desk, recording, segment)
    seen = checks.look_at_segment(desk, passage, it)
    [whole] = segments_json(passage, [it], beside(sitting, passage))
    return {
        **whole,
        "findings": [finding_json(one) for one in seen],
        "comments": [
            {
                "id": c.id,
                "by": c.by,
                "at": c.at,
                "to": list(c.addressed),
                "text": c.text,
                "resolved_by": c.resolved_by,
                "resolved_at": c.resolved_at,
            }
            for c in comments.list_comments(desk.catalog, it.recording_id)
            if c.segment_id == it.id
        ],
        "draft": _draft(passage, it),
    }


def story(sitting: Sitting, recording: str, segment: str) -> list[dict[str, Any]]:
    """Return every revision of a segment, and of what it came from, oldest first."""
    passage, it = open_passage(sitting.desk, recording, segment)
    own = 0
    told = []
    for revision in passage.story(it.id):
        own += revision.segment_id == it.id
        told.append(
            {
                "version": own if revision.segment_id == it.id else None,
                "by": revision.by,
                "at": revision.at,
                "decision": revision.decision,
                "reason": revision.reason,
                **judged(revision),
                "before": dict(revision.before),
                "after": {n: v for n, v in revision.after.items() if n not in history.LINKS},
            }
        )
    return told


def suggestions(sitting: Sitting, recording: str, segment: str) -> dict[str, Any]:
    """Return what was translated so before, and what the word list says of this segment."""
    desk = sitting.desk
    it, found = sitting.part(TranslationMemory).suggest_for(recording, segment)
    words = touched(list_words(desk).entries, [it])
    names = Names(sitting)
    return {
        "suggestions": [
            {
                "score": s.score,
                "exact": s.exact,
                "source": s.pair.source,
                "target": s.pair.target,
                "from": {
                    "recording": s.pair.recording_id,
                    "name": names.of_any(s.pair.recording_id),
                    "number": s.origin.number,
                },
                "verified_by": s.origin.by,
                "verified_at": s.origin.at,
            }
            for s in found
        ],
        "words": [
            {"source": e.source, "target": e.target, "status": str(e.status), "note": e.note}
            for one in words
            for e in one.entries
        ],
    }


def played_to(sitting: Sitting, transcript: Passage) -> Coverage:
    """Return what was played to the person who asks, in this sitting too."""
    me = sitting.desk.person.name
    kept = transcript.played.get(me, Coverage())
    return Coverage.of(
        (*kept.spans, *sitting.part(Playback).accepted(transcript.recording.id).spans)
    )


def counted(seen: tuple[Seen, ...]) -> dict[str, int]:
    """Return how many are open, by level."""
    return {str(level): count for level, count in count_open(seen).items()}


def finding_json(it: Seen) -> dict[str, Any]:
    """Return one thing that a check sees, with its dismissal."""
    finding, dismissal = it.finding, it.dismissal
    return {
        "key": finding.key,
        "check": finding.check,
        "level": str(finding.level),
        "message_id": finding.message_id,
        "parameters": dict(finding.parameters),
        "message": finding.message,
        "source_spans": [list(span) for span in finding.source_spans],
        "target_spans": [list(span) for span in finding.target_spans],
        "dismissal": {"by": dismissal.by, "at": dismissal.at, "reason": dismissal.reason}
        if dismissal
        else None,
    }


def beside(sitting: Sitting, passage: Passage) -> Beside:
    """Return what stands beside the segments of a passage, for who asks."""
    desk, id_ = sitting.desk, passage.recording.id
    return Beside(
        desk.person.name,
        played_to(sitting, passage),
        following.others(desk, id_),
        open_comments(desk, id_),
        _spared(desk, passage),
    )


def _spared(desk: Desk, passage: Passage) -> frozenset[str]:
    """Return what the plan leaves out; only of a whole transcript, for it takes looking at all of it."""
    if not isinstance(passage, Transcript):
        return frozenset()
    sample = _sample(desk, passage)
    return sample.spared if sample else frozenset()


def _sample(desk: Desk, transcript: Transcript) -> Sample | None:
    if draws.get_shown(desk.catalog, transcript.recording.id) is None:
        return None
    return sampled(desk, transcript)


def _plan(desk: Desk, transcript: Transcript) -> dict[str, Any]:
    sample = _sample(desk, transcript)
    if sample is None:
        return {"kind": "full"}
    return {
        "kind": "sampled",
        "outcome": sample.verdict.outcome.value,
        "sample": sample.verdict.sample,
        "checked": sample.verdict.checked,
        "wrong": sample.verdict.wrong,
    }


def _interview(interview: Interview) -> dict[str, Any]:
    return {
        "id": interview.id,
        "site": interview.site,
        "date": interview.date,
        "participants": list(interview.participants),
        "interviewers": list(interview.interviewers),
        "interpreter": interview.interpreter,
    }


def _me(desk: Desk, opened: Opened, waiting: Waiting) -> dict[str, Any]:
    roles = desk.person.roles
    in_work = opened.signed is None
    return {
        "name": desk.person.name,
        "roles": sorted(roles),
        "corrects": in_work and Role.INTERPRETER in roles,
        "verifies": in_work and Role.VERIFIER in roles,
        "signs": waiting.todo.sign,
        "why": waiting.todo.why,
    }


def _draft(passage: Passage, segment: Segment) -> dict[str, str]:
    """Return both texts as the machine wrote them; of a part, as it was when it was split off."""
    first = history.as_of(segment, history.by_segment(passage)[segment.id], 0)
    return {"source": first.source, "target": first.target}
