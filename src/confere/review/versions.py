"""The signed versions of a transcript, and what its revisions must tell of them.

Rules for this file: values in, values out. A version is signed in one go: one revision for each segment
that stands, and none between them. A new version is begun in the same way. So the revisions of the whole
fall into runs, and the runs are known from the signed documents and from who began the next one. A
signature or a beginning that there was not, in however few segments, is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Protocol, TypeAlias

from confere.domain import Revision, Transcript
from confere.errors import AlteredTranscript
from confere.review import history
from confere.review.document import SEGMENT_FIELDS, Previous
from confere.review.states import SIGNED, Decision

_SIGNING = frozenset({Decision.SIGN, Decision.SPARE})
#: A number is a rank among the segments that stand: a later version may have more of them.
AS_THEN = tuple(name for name in SEGMENT_FIELDS if name != "position")
#: Segment to decision, person and time.
_Run: TypeAlias = dict[str, tuple[str, str, str]]


class SignedDocument(Protocol):
    """A document that was signed, with the digest of its envelope."""

    @property
    def document(self) -> Mapping[str, Any]:
        """The document."""

    @property
    def digest(self) -> str:
        """SHA-256 of the envelope, lower-case hex."""


class Beginning(Protocol):
    """That a signed version is to be followed by another one: by whom, when, and why."""

    @property
    def version(self) -> int:
        """The signed one."""

    @property
    def by(self) -> str:
        """Who began the next one."""

    @property
    def at(self) -> str:
        """When."""

    @property
    def reason(self) -> str:
        """Why."""


def follows(before: SignedDocument, begun: Beginning) -> Previous:
    """Return what the version after ``before`` tells of it."""
    version = int(before.document["version"])
    return Previous(version, before.digest, begun.by, begun.at, begun.reason)


def require_chain(
    recording_id: str, versions: Mapping[int, SignedDocument], begun: Sequence[Beginning]
) -> None:
    """Refuse signed versions that do not follow each other; raises AlteredTranscript.

    ``versions`` are they by the number that they are kept under, ``begun`` what the catalog tells of how
    each next one was begun, oldest first. Every document names the digest of the one before it.
    """
    if [b.version for b in begun] != list(range(1, len(begun) + 1)):
        raise AlteredTranscript(recording_id, "its versions do not follow each other")
    if not 0 <= len(versions) - len(begun) <= 1:
        raise AlteredTranscript(recording_id, "a version was signed that nobody began")
    before: SignedDocument | None = None
    for number, (kept_as, signed) in enumerate(sorted(versions.items()), 1):
        value = signed.document
        told = value["previous"] if value["format"] > 1 else {}
        expected = asdict(follows(before, begun[number - 2])) if before else {}
        names = (kept_as, value["version"], value["recording"]["id"])
        if told != expected or names != (number, number, recording_id):
            raise AlteredTranscript(
                recording_id, f"its signed version {number} follows another one"
            )
        before = signed


def require_told(
    transcript: Transcript, versions: Sequence[SignedDocument], begun: Sequence[Beginning]
) -> None:
    """Refuse a transcript whose revisions tell of other signatures or beginnings than there were.

    With as many ``begun`` as there are ``versions``, the transcript is open, and what was not changed
    since still says what was signed. Raises AlteredTranscript.
    """
    recording_id = transcript.recording.id
    found = [_run(revisions) for revisions in runs(transcript.revisions)]
    if found != list(_expected(versions, begun)):
        raise AlteredTranscript(
            recording_id, "its revisions tell of another signature, or of another new version"
        )
    if len(versions) == len(begun):
        if any(s.state in SIGNED for s in transcript.segments):
            raise AlteredTranscript(recording_id, "its sign-off is missing")
        if versions:
            _require_unchanged(transcript, versions[-1].document)


def runs(revisions: Sequence[Revision]) -> Iterator[list[Revision]]:
    """Yield the runs of revisions that sign a version or begin one, in their order."""
    for kind, run in groupby(revisions, key=_kind):
        if kind:
            yield list(run)


def until_signed(revisions: Sequence[Revision], version: int) -> tuple[Revision, ...]:
    """Return the revisions that had been made when a version was signed, with those of its signature.

    All of them for a version that is not told of: that of a transcript without segments.
    """
    signed = [run for run in runs(revisions) if _kind(run[0]) == "sign"]
    if version > len(signed):
        return tuple(revisions)
    last = signed[version - 1][-1]
    return tuple(revisions[: next(n for n, r in enumerate(revisions, 1) if r is last)])


def _kind(revision: Revision) -> str:
    if revision.decision in _SIGNING:
        return "sign"
    return "reopen" if revision.decision == Decision.REOPEN else ""


def _run(revisions: Sequence[Revision]) -> _Run:
    """Return who did what to which segment; something nobody expects if one occurs twice."""
    run = {r.segment_id: (str(r.decision), r.by, r.at) for r in revisions}
    return run if len(run) == len(revisions) else {}


def _expected(versions: Sequence[SignedDocument], begun: Sequence[Beginning]) -> Iterator[_Run]:
    for place, version in enumerate(versions):
        value = version.document
        segments = value["segments"]
        by, at = value["verifier"]["name"], value["signed_at"]
        if not segments:  # that nothing is said is signed without a revision
            continue
        yield {
            s["id"]: (str(Decision.SIGN if s["verified_by"] else Decision.SPARE), by, at)
            for s in segments
        }
        if place < len(begun):
            next_ = begun[place]
            yield {s["id"]: (str(Decision.REOPEN), next_.by, next_.at) for s in segments}


def _require_unchanged(transcript: Transcript, document: Mapping[str, Any]) -> None:
    """What nobody touched since the signature says what was signed: its verification speaks for that."""
    signed = {s["id"]: s for s in document["segments"]}
    revisions = history.by_segment(transcript)
    for segment in transcript.segments:
        made = revisions[segment.id]
        if not made or made[-1].decision != Decision.REOPEN:
            continue
        told = signed[segment.id]
        wrong = next((n for n in AS_THEN if told[n] != getattr(segment, n)), "")
        if wrong:
            raise AlteredTranscript(transcript.recording.id, f"segment {segment.id}, {wrong}")
