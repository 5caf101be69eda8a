"""Drafts, segments, revisions, played coverage and sign-offs in the catalog."""

from __future__ import annotations

import functools
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from confere.crypto.canonical import canonical_json
from confere.domain import (
    Coverage,
    Draft,
    EngineRecord,
    ErrorKind,
    Judgement,
    Passage,
    Revision,
    Segment,
    Severity,
    SpokenSegment,
    State,
    Transcript,
    Transcription,
    Word,
)
from confere.errors import AlteredTranscript, NoSuchThing, NotReady
from confere.vault.catalog import Catalog
from confere.vault.register import get_recording

NONCE_BYTES = 32
#: The columns of a revision, in the order of its commitment.
REVISION = "segment_id, version, by, at, decision, before, after, reason, kind, severity"
#: The columns that make a `Revision`, in its order.
MADE = "segment_id, by, at, decision, before, after, reason, kind, severity"
#: What of a segment may change, and only with a revision.
_CHANGING = (
    "start_ms, end_ms, speaker, language, source, target, state, version, target_stale, marks,"
    " probability, merged_into, spared"
)
SEGMENT = f"id, recording_id, position, parent, place, {_CHANGING}"
#: The order in which people read segments; their number is the rank in it.
ORDER = "coalesce(place, position), start_ms, position"
#: The number that people see of a row `s` of segments. It is counted only where people split or merged.
NUMBER = (
    "CASE WHEN EXISTS (SELECT 1 FROM segments o WHERE o.recording_id = s.recording_id"
    " AND (o.place IS NOT NULL OR o.merged_into IS NOT NULL))"
    " THEN (SELECT count(*) FROM segments o WHERE o.recording_id = s.recording_id"
    " AND o.merged_into IS NULL AND (coalesce(o.place, o.position), o.start_ms, o.position)"
    " <= (coalesce(s.place, s.position), s.start_ms, s.position)) ELSE s.position END"
)
_STATES = {str(state): state for state in State}
#: What the state of a segment is written as that `merged_into` or `spared` tells more of.
_WRITTEN = {State.MERGED: State.EDITED, State.UNVERIFIED: State.CORRECTED}


def commitment(nonce: bytes, *values: str | int) -> str:
    """Return what an event tells of a text: a digest (hex) that nobody can guess the text from.

    The nonce, 32 random bytes, is kept beside the text. SHA-256(nonce ‖ canonical JSON of the
    values).
    """
    return hashlib.sha256(nonce + canonical_json(list(values))).hexdigest()


def revision_commitment(nonce: bytes, values: Sequence[str | int]) -> str:
    """Return the commitment to a revision, given the values of `REVISION`.

    Kind and severity come in only where there is an error: so it was before there were any.
    """
    *first, kind, severity = values
    return commitment(nonce, *first, *((kind, severity) if kind else ()))


def add_draft(
    catalog: Catalog, recording_id: str, draft: Draft, segments: Sequence[Segment]
) -> str:
    """Keep a draft for ever and lay out its segments for the people; return its commitment."""
    # Value by value: of four hours, a copy as dictionaries would take more memory than everything else.
    text = json.dumps(draft, default=_fields, ensure_ascii=False)
    nonce = secrets.token_bytes(NONCE_BYTES)
    catalog.run(
        "INSERT INTO drafts (recording_id, draft, drafted_at, nonce) VALUES (?, ?, ?, ?)",
        (recording_id, text, draft.drafted_at, nonce),
    )
    for segment in segments:
        _insert(catalog, segment, segment.position, None)
    return commitment(nonce, text)


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, for JSON."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def has_draft(catalog: Catalog, recording_id: str) -> bool:
    """Whether the machine has drafted a recording."""
    return catalog.row("SELECT 1 FROM drafts WHERE recording_id = ?", (recording_id,)) is not None


def require_draft(catalog: Catalog, recording_id: str) -> None:
    """Raise NotReady when the machine has not drafted a recording."""
    if not has_draft(catalog, recording_id):
        raise _not_drafted(recording_id)


def get_draft(catalog: Catalog, recording_id: str) -> Draft:
    """Return the draft as the machine wrote it; raises NotReady when there is none."""
    text = catalog.value("SELECT draft FROM drafts WHERE recording_id = ?", (recording_id,))
    if text is None:
        raise _not_drafted(recording_id)
    value = json.loads(text)
    heard = value["transcription"]
    segments = tuple(_spoken(segment) for segment in heard["segments"])
    return Draft(
        transcription=Transcription(heard["duration_ms"], segments),
        targets=tuple(value["targets"]),
        speech=EngineRecord(**value["speech"]),
        translation=EngineRecord(**value["translation"]),
        drafted_at=value["drafted_at"],
    )


@dataclass(frozen=True, slots=True)
class _Engines:
    """What of a draft a transcript tells: by which engines, and into how many segments."""

    segments: int
    speech: EngineRecord
    translation: EngineRecord


def _engines(catalog: Catalog, recording_id: str) -> _Engines:
    """Read it out of the draft, whose words are ten times as long as all the rest."""
    row = catalog.row(
        "SELECT json_array_length(draft, '$.targets'), json_extract(draft, '$.speech'),"
        " json_extract(draft, '$.translation') FROM drafts WHERE recording_id = ?",
        (recording_id,),
    )
    if row is None:
        raise _not_drafted(recording_id)
    speech, translation = (EngineRecord(**json.loads(record)) for record in row[1:])
    return _Engines(row[0], speech, translation)


def get_transcript(catalog: Catalog, recording_id: str) -> Transcript:
    """Return everything about the transcript of one recording as it stands.

    Raises NotReady without a draft, AlteredTranscript if it has other segments than were drafted.
    """
    recording = get_recording(catalog, recording_id)
    engines = _engines(catalog, recording_id)
    rows = catalog.rows(
        f"SELECT {SEGMENT} FROM segments WHERE recording_id = ? ORDER BY {ORDER}",  # noqa: S608
        (recording_id,),
    )
    all_ = read_segments(recording_id, rows)
    if sorted(s.drafted_as for s in all_ if not s.parent) != list(range(1, engines.segments + 1)):
        raise AlteredTranscript(recording_id, "it has other segments than its draft")
    revisions = read_revisions(
        catalog.rows(
            f"SELECT {MADE} FROM revisions r JOIN segments s ON s.id = r.segment_id"  # noqa: S608
            " WHERE s.recording_id = ? ORDER BY r.number",
            (recording.id,),
        )
    )
    last_word = {r.segment_id: r.reason for r in revisions if r.decision == "verify"}
    return Transcript(
        recording=recording,
        segments=tuple(s for s in all_ if s.state is not State.MERGED),
        revisions=revisions,
        played=_played(catalog, recording_id),
        speech=engines.speech,
        translation=engines.translation,
        unplayed_reasons={segment: reason for segment, reason in last_word.items() if reason},
        merged=tuple(s for s in all_ if s.state is State.MERGED),
    )


def find_segment(passage: Passage, given: str) -> Segment:
    """Return the segment of a number (from 1) or an id; raises NoSuchThing."""
    for segment in passage.segments:
        if given == str(segment.position) or given.lower() == segment.id:
            return segment
    raise NoSuchThing("segment", given, "'confere show' numbers them.")


def save_revision(catalog: Catalog, segment: Segment, revision: Revision) -> str:
    """Write one change: the revision first, then the segment as it is now; return its commitment.

    A segment that was just split off is put in first, as it was before its first revision.
    """
    if segment.parent and segment.version == 1:
        _insert_part(catalog, segment)
    nonce = secrets.token_bytes(NONCE_BYTES)
    values = (
        segment.id,
        segment.version,
        revision.by,
        revision.at,
        revision.decision,
        json.dumps(dict(revision.before), ensure_ascii=False),
        json.dumps(dict(revision.after), ensure_ascii=False),
        revision.reason,
        revision.error.kind if revision.error else "",
        revision.error.severity if revision.error else "",
    )
    marks = ", ".join("?" for _ in (*values, nonce))
    catalog.run(
        f"INSERT INTO revisions ({REVISION}, nonce) VALUES ({marks})",  # noqa: S608
        (*values, nonce),
    )
    assignments = ", ".join(f"{column} = ?" for column in _CHANGING.split(", "))
    catalog.run(
        f"UPDATE segments SET {assignments} WHERE id = ?",  # noqa: S608
        [*_changing_values(segment), segment.id],
    )
    return revision_commitment(nonce, values)


def add_played(
    catalog: Catalog, recording_id: str, by: str, span: tuple[int, int], at: str
) -> None:
    """Keep that a span was played by somebody."""
    catalog.run(
        "INSERT INTO played (recording_id, by, start_ms, end_ms, at) VALUES (?, ?, ?, ?, ?)",
        (recording_id, by, *span, at),
    )


def add_sign_off(catalog: Catalog, recording_id: str, version: int, signed: bytes, at: str) -> None:
    """Keep a signed document beside the transcript."""
    catalog.run(
        "INSERT INTO sign_offs (recording_id, version, signed, at) VALUES (?, ?, ?, ?)",
        (recording_id, version, signed, at),
    )


def latest_sign_off(catalog: Catalog, recording_id: str) -> tuple[int, bytes] | None:
    """Return the newest signed version and its envelope, or None."""
    row = catalog.row(
        "SELECT version, signed FROM sign_offs WHERE recording_id = ?"
        " ORDER BY version DESC LIMIT 1",
        (recording_id,),
    )
    return (row["version"], row["signed"]) if row else None


def list_sign_offs(catalog: Catalog, recording_id: str) -> list[tuple[int, bytes]]:
    """Return every signed version with its envelope, oldest first."""
    query = "SELECT version, signed FROM sign_offs WHERE recording_id = ? ORDER BY version"
    return [(row["version"], row["signed"]) for row in catalog.rows(query, (recording_id,))]


def signed_recordings(catalog: Catalog) -> frozenset[str]:
    """Return the recordings of which a version is signed, whether or not a new one is in work."""
    return frozenset(row[0] for row in catalog.rows("SELECT recording_id FROM sign_offs"))


@dataclass(frozen=True, slots=True)
class Reopening:
    """That a signed version is to be followed by another one: by whom, when, and why."""

    recording_id: str
    version: int
    by: str
    at: str
    reason: str


#: The columns of a new version, in the order of its commitment.
REOPENING = "recording_id, version, by, at, reason"


def add_reopening(catalog: Catalog, reopening: Reopening) -> str:
    """Keep that a signed version is to be followed by another one; return the commitment to it."""
    nonce, values = secrets.token_bytes(NONCE_BYTES), astuple(reopening)
    catalog.run(
        f"INSERT INTO reopened ({REOPENING}, nonce) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
        (*values, nonce),
    )
    return commitment(nonce, *values)


def list_reopenings(catalog: Catalog, recording_id: str) -> list[Reopening]:
    """Return the new versions that were begun, oldest first."""
    query = f"SELECT {REOPENING} FROM reopened WHERE recording_id = ? ORDER BY version"  # noqa: S608
    return [Reopening(*row) for row in catalog.rows(query, (recording_id,))]


def is_in_work(catalog: Catalog, recording_id: str) -> bool:
    """Whether a transcript may change: it was never signed, or every signed version was reopened."""
    signed, begun = (
        [row[0] for row in catalog.rows(query, (recording_id,))]
        for query in (
            "SELECT version FROM sign_offs WHERE recording_id = ? ORDER BY version",
            "SELECT version FROM reopened WHERE recording_id = ? ORDER BY version",
        )
    )
    return signed == begun == list(range(1, len(signed) + 1))


def count_states(catalog: Catalog) -> dict[str, dict[State, int]]:
    """Return, for each drafted recording, how many segments stand in which state."""
    counts: dict[str, dict[State, int]] = {
        row["recording_id"]: {} for row in catalog.rows("SELECT recording_id FROM drafts")
    }
    rows = catalog.rows(
        "SELECT recording_id, state, count(*) AS n FROM segments WHERE merged_into IS NULL"
        " GROUP BY recording_id, state"
    )
    for row in rows:
        counts[row["recording_id"]][State(row["state"])] = row["n"]
    return counts


def read_segments(recording_id: str, rows: Sequence[Any]) -> list[Segment]:
    """Make segments of rows of `SEGMENT`, which hold every parent too; raises AlteredTranscript.

    Those that stand are numbered in the order of the rows.
    """
    places = {row["id"]: row["place"] or row["position"] for row in rows}
    for row in rows:
        if row["place"] != (places.get(row["parent"]) if row["parent"] else None):
            raise AlteredTranscript(recording_id, f"segment {row['id']}, place")
    made, number = [], 0
    for row in rows:
        state = _state(row)
        number += state is not State.MERGED
        made.append(_segment(row, state, number))
    return made


def read_revisions(rows: Sequence[Any]) -> tuple[Revision, ...]:
    """Make revisions of rows of `MADE`."""
    # As one text, because to call the reader of JSON takes longer than what there is to read.
    whole = ",".join(f"{row['before']},{row['after']}" for row in rows)
    fields = iter(json.loads(f"[{whole}]"))
    return tuple(
        Revision(segment_id, by, at, decision, before, after, reason, _error(kind, severity))
        for (segment_id, by, at, decision, _, _, reason, kind, severity), before, after in zip(
            rows, fields, fields, strict=True
        )
    )


def _not_drafted(recording_id: str) -> NotReady:
    detail = f"recording {recording_id} has not been drafted yet"
    return NotReady(detail, "Run 'confere draft' first.")


@functools.cache  # there are some thirty, and thousands of revisions
def _error(kind: str, severity: str) -> Judgement | None:
    return Judgement(ErrorKind(kind), Severity(severity)) if kind else None


def _played(catalog: Catalog, recording_id: str) -> dict[str, Coverage]:
    spans: dict[str, list[tuple[int, int]]] = {}
    query = "SELECT by, start_ms, end_ms FROM played WHERE recording_id = ?"
    for by, start_ms, end_ms in catalog.rows(query, (recording_id,)):
        spans.setdefault(by, []).append((start_ms, end_ms))
    return {by: Coverage.of(list_) for by, list_ in spans.items()}


def _insert_part(catalog: Catalog, segment: Segment) -> None:
    made = catalog.value(
        "SELECT max(position) FROM segments WHERE recording_id = ?", (segment.recording_id,)
    )
    place = catalog.value(
        "SELECT coalesce(place, position) FROM segments WHERE id = ?", (segment.parent,)
    )
    unborn = replace(segment, version=0, state=State.DRAFT)
    _insert(catalog, unborn, int(made) + 1, int(place))


def _insert(catalog: Catalog, segment: Segment, position: int, place: int | None) -> None:
    values = [segment.id, segment.recording_id, position, segment.parent or None, place]
    values += _changing_values(segment)
    marks = ", ".join("?" for _ in values)
    catalog.run(f"INSERT INTO segments ({SEGMENT}) VALUES ({marks})", values)  # noqa: S608


def _state(row: Any) -> State:
    state = _STATES[row["state"]]
    if row["merged_into"] and state is _WRITTEN[State.MERGED]:
        return State.MERGED
    if row["spared"] and state is _WRITTEN[State.UNVERIFIED]:
        return State.UNVERIFIED
    return state


def _segment(row: Any, state: State, number: int) -> Segment:
    marks, parent = row["marks"], row["parent"] or ""
    return Segment(
        id=row["id"],
        recording_id=row["recording_id"],
        position=row["position"] if state is State.MERGED else number,
        start_ms=row["start_ms"],
        end_ms=row["end_ms"],
        speaker=row["speaker"],
        language=row["language"],
        source=row["source"],
        target=row["target"],
        state=state,
        version=row["version"],
        target_stale=bool(row["target_stale"]),
        marks=() if marks == "[]" else tuple(json.loads(marks)),
        probability=row["probability"],
        parent=parent,
        merged_into=row["merged_into"] or "",
        drafted_as=0 if parent else row["position"],
    )


def _changing_values(segment: Segment) -> list[Any]:
    values = {name: getattr(segment, name, None) for name in _CHANGING.split(", ")}
    values["state"] = str(_WRITTEN.get(segment.state, segment.state))
    values["spared"] = int(segment.state is State.UNVERIFIED)
    values["target_stale"] = int(segment.target_stale)
    values["marks"] = json.dumps(segment.marks)
    values["merged_into"] = segment.merged_into or None
    return list(values.values())


def _spoken(value: dict[str, Any]) -> SpokenSegment:
    words = tuple(Word(**word) for word in value.pop("words"))
    marks = tuple(value.pop("marks"))
    return SpokenSegment(**value, words=words, marks=marks)
