"""Every signed version of every transcript: its signature, its event, its words, and its second person.

The last version is compared with the catalog as it stands, unless a new one is in work. Each earlier
one is compared with the catalog as it stood then, which the revisions tell.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from confere.acts.audit.chain import Chain
from confere.acts.audit.events import Told, commitment_to
from confere.acts.audit.finding import Report
from confere.acts.audit.recordings import Register
from confere.domain import Coverage, Revision, Transcript
from confere.errors import BadSignature, ForgedStore
from confere.review import document, history, sign_off, versions
from confere.review.sign_off import SignedTranscript
from confere.review.states import Decision
from confere.vault.catalog import Catalog
from confere.vault.transcripts import REOPENING, Reopening
from confere.vault.vault import CATALOG

_SIGNING = (Decision.SIGN, Decision.SPARE)


def about_transcript(recording_id: str) -> str:
    """Name a transcript, as a finding does."""
    return f"transcript of recording {recording_id} ({CATALOG})"


def check_versions(
    catalog: Catalog,
    chain: Chain,
    register: Register,
    told: Sequence[Told],
    opened: Mapping[str, Transcript],
    report: Report,
) -> None:
    """Check every sign-off and every beginning of a new version."""
    begun = _check_reopenings(catalog, register, told, report)
    with report.subject(
        "sign-offs", "each with its document, its signature and a second person", CATALOG
    ) as on:
        on.count = sum(map(len, register.signed.values()))
        events = {(t.of["recording"], t.of["version"]): t for t in told if t.what == "sign"}
        kept = {(id_, version) for id_, all_ in register.signed.items() for version in all_}
        for recording_id, version in sorted(events.keys() - kept):
            report.add_wrong(about_transcript(recording_id), f"its sign-off {version} is missing")
        for recording_id, envelopes in register.signed.items():
            about = f"sign-offs of recording {recording_id} ({CATALOG})"
            signed: dict[int, SignedTranscript] = {}
            for version, envelope in sorted(envelopes.items()):
                with report.guarded(f"sign-off {version} of recording {recording_id} ({CATALOG})"):
                    found = sign_off.check(envelope, lambda name: chain.keys_of(name, "sign-off"))
                    _check_event(chain, found, events.get((recording_id, version)))
                    signed[version] = found
                    _check_transcript(found, opened.get(recording_id))
            with report.guarded(about):
                _check_whole(signed, opened.get(recording_id), begun.get(recording_id, []))
        for recording_id in opened.keys() - register.signed.keys():
            with report.guarded(about_transcript(recording_id)):
                versions.require_told(opened[recording_id], (), ())


def _check_reopenings(
    catalog: Catalog, register: Register, told: Sequence[Told], report: Report
) -> dict[str, list[Reopening]]:
    """Compare the new versions that were begun with their events; return them by recording."""
    found: defaultdict[str, list[Reopening]] = defaultdict(list)
    with report.subject("new versions", "each begun as its event tells", CATALOG) as on:
        events = {(t.of["recording"], t.of["version"]): t for t in told if t.what == "reopen"}
        query = f"SELECT {REOPENING}, nonce FROM reopened ORDER BY recording_id, version"  # noqa: S608
        for *values, nonce in catalog.rows(query):
            on.count += 1
            row = Reopening(*values)
            found[row.recording_id].append(row)
            event = events.pop((row.recording_id, row.version), None)
            about = about_transcript(row.recording_id)
            if event is None:
                report.add_wrong(
                    about, f"that version {row.version} was reopened: told by no event"
                )
            elif commitment_to(nonce, values) != event.of["reopening_sha256"] or row.by != event.by:
                report.add_wrong(about, f"its reopening is not what was told by {event.name}")
            elif event.of["document_sha256"] != _digest(register, row):
                report.add_wrong(about, f"another document was reopened, in {event.name}")
        for event in events.values():
            report.add_wrong(event.name, "its new version is missing from the catalog")
    return found


def _digest(register: Register, row: Reopening) -> str:
    envelope = register.signed.get(row.recording_id, {}).get(row.version, b"")
    return hashlib.sha256(envelope).hexdigest()


def _check_event(chain: Chain, signed: SignedTranscript, event: Told | None) -> None:
    """Who signed was who the event says, a verifier of the study then, with the key of then."""
    value = signed.document
    verifier = value["verifier"]
    if event is None:
        raise ForgedStore("no event tells of it")
    if event.of["document_sha256"] != signed.digest:
        raise ForgedStore(f"is not the document that was told by {event.name}")
    roster = chain.versions.get(event.version)
    person = roster.people.get(verifier["name"]) if roster else None
    if event.by != verifier["name"] or person is None:
        raise ForgedStore(f"{verifier['name']} was not who signed, in {event.name}")
    if person.verify_keys["sign-off"] != verifier["key"]:
        raise BadSignature(f"it ({verifier['name']} had another key then)")
    if roster and value["study"]["id"] != roster.study_id:
        raise ForgedStore("is of another study")
    if (value["version"], value["recording"]["id"]) != (
        event.of["version"],
        event.of["recording"],
    ):
        raise ForgedStore("is of another recording or version")


def _check_transcript(signed: SignedTranscript, transcript: Transcript | None) -> None:
    """The words and the people of a version are those that the revisions lead to."""
    if transcript is None:
        raise ForgedStore("its transcript could not be read from the catalog")
    version = int(signed.document["version"])
    revisions = versions.until_signed(transcript.revisions, version)
    _compare_as_then(signed, transcript, revisions)
    _check_authors(signed, revisions)
    _check_played(signed, transcript)


def _compare_as_then(
    signed: SignedTranscript, transcript: Transcript, until: Sequence[Revision]
) -> None:
    """Refuse a version that says something else than the revisions lead to."""
    then = history.by_segment(replace(transcript, revisions=tuple(until)))
    now = history.by_segment(transcript)
    everywhere = {s.id: s for s in (*transcript.segments, *transcript.merged)}
    standing = {id_ for id_, made in then.items() if made and made[-1].decision in _SIGNING}
    if standing != {segment["id"] for segment in signed.document["segments"]}:
        raise ForgedStore("it has other segments than the revisions tell")
    for told in signed.document["segments"]:
        id_ = told["id"]
        segment = history.as_of(everywhere[id_], now[id_], len(then[id_]))
        wrong = next((n for n in versions.AS_THEN if told[n] != getattr(segment, n)), "")
        if wrong:
            raise ForgedStore(f"segment {id_}, {wrong}, was another when it was signed")
        verification = history.verification(then[id_])
        by_whom = (verification.by, verification.at) if verification else ("", "")
        if (told["verified_by"], told["verified_at"]) != by_whom:
            raise ForgedStore(f"segment {id_} was verified by somebody else, or at another time")


def _check_played(signed: SignedTranscript, transcript: Transcript) -> None:
    """Nothing counts as played that was not: what was played since does no harm."""
    verifier = signed.document["verifier"]
    played = transcript.played.get(verifier["name"], Coverage())
    for start_ms, end_ms in verifier["played"]:
        if not played.covers(start_ms, end_ms):
            raise ForgedStore(f"it tells of {start_ms} to {end_ms} ms played that were not")


def _check_whole(
    signed: Mapping[int, SignedTranscript],
    transcript: Transcript | None,
    reopenings: Sequence[Reopening],
) -> None:
    """All versions together: each follows the one before, and the last one is what stands now."""
    if transcript is None:
        return
    versions.require_chain(transcript.recording.id, signed, reopenings)
    every = list(signed.values())
    versions.require_told(transcript, every, reopenings)
    if len(every) > len(reopenings):
        document.compare(every[-1].document, transcript)


def _check_authors(signed: SignedTranscript, revisions: Sequence[Revision]) -> None:
    """Who worked on a segment is told by the revisions; the document must say the same."""
    authors: defaultdict[str, set[str]] = defaultdict(set)
    acceptors: defaultdict[str, set[str]] = defaultdict(set)
    for revision in revisions:
        id_ = revision.segment_id
        if revision.after:
            authors[id_].add(revision.by)
        if revision.decision == Decision.ACCEPT:
            acceptors[id_].add(revision.by)
        if revision.origin:  # its text came from another segment, and the people with it
            authors[id_] |= authors[revision.origin]
            acceptors[id_] |= acceptors[revision.origin]
    for segment in signed.document["segments"]:
        id_ = segment["id"]
        if (segment["authors"], segment["accepted_by"]) != (
            sorted(authors[id_]),
            sorted(acceptors[id_]),
        ):
            raise ForgedStore(
                f"it names other people who worked on segment {id_} than the revisions"
            )
