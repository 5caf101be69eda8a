"""Every draft, revision, playing and sign-off against its event; every text against all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from confere.acts.audit.chain import Chain
from confere.acts.audit.events import Told, commitment_to
from confere.acts.audit.finding import Report
from confere.acts.audit.recordings import Register
from confere.acts.audit.versions import about_transcript, check_versions
from confere.acts.drafted import unlike_draft
from confere.domain import Transcript
from confere.errors import ForgedStore
from confere.review import history
from confere.review.states import Decision
from confere.vault import transcripts
from confere.vault.catalog import Catalog
from confere.vault.comments import COMMENT
from confere.vault.vault import CATALOG

_SEGMENTS_OF_NO_DRAFT = (
    "SELECT DISTINCT recording_id FROM segments"
    " WHERE recording_id NOT IN (SELECT recording_id FROM drafts)"
)
#: Decisions over a whole transcript: one event tells of all their revisions, which `versions` checks.
_OF_THE_WHOLE = frozenset({Decision.SIGN, Decision.SPARE, Decision.REOPEN})
_DECISIONS = frozenset(str(d) for d in Decision if d not in _OF_THE_WHOLE)


def check_transcripts(
    catalog: Catalog,
    chain: Chain,
    register: Register,
    told: Sequence[Told],
    report: Report,
    progress: Callable[[int, int], None],
) -> None:
    """Check every transcript, then what is left over on either side."""
    opened: dict[str, Transcript] = {}
    living = [t for t in told if t.of.get("recording") not in register.destroyed]
    _check_drafts(catalog, living, report)
    _check_revisions(catalog, living, report)
    _check_played(catalog, living, report)
    _check_comments(catalog, living, report)
    with report.subject(
        "transcripts", "each following from its draft and revisions", CATALOG
    ) as on:
        drafted = [row[0] for row in catalog.rows("SELECT recording_id FROM drafts")]
        for row in catalog.rows(_SEGMENTS_OF_NO_DRAFT):
            report.add_wrong(about_transcript(row[0]), "it has segments, and no draft")
        for number, recording_id in enumerate(sorted(drafted)):
            progress(number, len(drafted))
            on.count += 1
            with report.guarded(about_transcript(recording_id)):
                opened[recording_id] = transcripts.get_transcript(catalog, recording_id)
                _check_texts(catalog, opened[recording_id])
    check_versions(catalog, chain, register, living, opened, report)


def _check_drafts(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    with report.subject("drafts", "each as its event tells", CATALOG) as on:
        events = {t.of["recording"]: t for t in told if t.what == "draft"}
        for row in catalog.rows("SELECT recording_id, draft, nonce FROM drafts"):
            on.count += 1
            event = events.pop(row["recording_id"], None)
            about = f"draft of recording {row['recording_id']} ({CATALOG})"
            if event is None:
                report.add_wrong(about, "was told by no event")
            elif commitment_to(row["nonce"], [row["draft"]]) != event.of["draft_sha256"]:
                report.add_wrong(about, f"is not what was told by {event.name}")
        for event in events.values():
            report.add_wrong(event.name, "its draft is missing from the catalog")


def _check_revisions(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Each revision has its event; but for those of a whole transcript, which `versions` checks."""
    with report.subject("revisions", "each as its event tells", CATALOG) as on:
        events = {(t.of["segment"], t.of["version"]): t for t in told if t.what in _DECISIONS}
        rows = catalog.rows(f"SELECT {transcripts.REVISION}, nonce FROM revisions")  # noqa: S608
        for *values, nonce in rows:
            segment, version, by, _, decision, *_ = values
            on.count += 1
            if decision in _OF_THE_WHOLE:
                continue
            about = f"revision {version} of segment {segment} ({CATALOG})"
            event = events.pop((segment, version), None)
            if event is None:
                report.add_wrong(about, "was told by no event")
            elif commitment_to(nonce, _told_of(values)) != event.of["revision_sha256"]:
                report.add_wrong(about, f"is not what was told by {event.name}")
            elif (by, decision) != (event.by, event.what):
                report.add_wrong(about, f"is somebody else's than {event.name} tells")
        for event in events.values():
            report.add_wrong(event.name, "its revision is missing from the catalog")


def _told_of(values: Sequence[Any]) -> Sequence[Any]:
    """Kind and severity of an error are told where there is one (`transcripts.revision_commitment`)."""
    return values if values[-2] else values[:-2]


def _check_played(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    with report.subject("spans played", "each as its event tells", CATALOG) as on:
        events = Counter(
            (t.of["recording"], t.by, t.of["start_ms"], t.of["end_ms"])
            for t in told
            if t.what == "play"
        )
        rows = Counter(
            tuple(row)
            for row in catalog.rows("SELECT recording_id, by, start_ms, end_ms FROM played")
        )
        on.count = rows.total()
        for (recording_id, by, start, end), count in (rows - events).items():
            detail = f"{count} time(s) that {by} played {start} to {end} ms were told by no event"
            report.add_wrong(about_transcript(recording_id), detail)
        for (recording_id, by, start, end), count in (events - rows).items():
            detail = f"{count} time(s) that {by} played {start} to {end} ms are missing"
            report.add_wrong(about_transcript(recording_id), detail)


def _check_comments(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    with report.subject("comments", "each as its event tells", CATALOG) as on:
        events = {t.of["comment"]: t for t in told if t.what == "comment"}
        ended = {(t.of["comment"], t.by, t.of["resolved_at"]) for t in told if t.what == "resolve"}
        for *values, nonce in catalog.rows(f"SELECT {COMMENT}, nonce FROM comments"):  # noqa: S608
            on.count += 1
            event = events.pop(values[0], None)
            about = f"comment {values[0]} ({CATALOG})"
            if event is None:
                report.add_wrong(about, "was told by no event")
            elif commitment_to(nonce, values) != event.of["comment_sha256"]:
                report.add_wrong(about, f"is not what was told by {event.name}")
            elif (values[1], values[3]) != (event.of["recording"], event.by):
                report.add_wrong(
                    about, f"is of another recording or person than {event.name} tells"
                )
        for event in events.values():
            report.add_wrong(event.name, "its comment is missing from the catalog")
        rows = {tuple(row) for row in catalog.rows("SELECT comment_id, by, at FROM resolved")}
        for comment_id, by, _ in sorted(rows - ended):
            about = f"comment {comment_id} ({CATALOG})"
            report.add_wrong(about, f"that {by} resolved it was told by no event")
        for comment_id, by, _ in sorted(ended - rows):
            report.add_wrong(
                f"comment {comment_id} ({CATALOG})", f"{by} resolved it, and it is open"
            )


def _check_texts(catalog: Catalog, transcript: Transcript) -> None:
    """Draft and revisions lead to the segments as they stand; raises AlteredTranscript, ForgedStore."""
    history.require_consistent(transcript)
    wrong = unlike_draft(catalog, transcript)
    if wrong:
        raise ForgedStore(wrong)
