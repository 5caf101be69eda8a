"""Read a transcript; a signed one only if it is still what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.domain import Transcript
from confere.errors import AlteredTranscript
from confere.review import document, history, sign_off
from confere.review.sign_off import SignedTranscript
from confere.review.states import SIGNED
from confere.vault import register, transcripts
from confere.vault.objects import open_object
from confere.vault.transcripts import Reopening


@dataclass(frozen=True, slots=True)
class Opened:
    """A transcript as it stands, with its sign-offs.

    ``signed`` is the one that speaks of it as it stands: None before the first, and while a new
    version is in work. ``versions`` are all of them, oldest first, each valid as what it was;
    ``reopenings`` say which of them were followed by another one, by whom and why.
    """

    transcript: Transcript
    signed: SignedTranscript | None
    versions: tuple[SignedTranscript, ...] = ()
    reopenings: tuple[Reopening, ...] = ()

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return self.transcript.practice


def open_transcript(desk: Desk, given: str) -> Opened:
    """Open the transcript of a recording, named by the beginning of its id.

    At every opening the signatures are checked against the roster, the two places where each signed
    document is kept against each other, and the catalog against the last document. Raises
    NoSuchThing, NotReady without a draft, BadSignature or AlteredTranscript.
    """
    # One moment: segments of one and revisions of the next would look like a forgery.
    with desk.catalog.moment():
        recording_id = register.find_recording(desk.catalog, given)
        transcript = transcripts.get_transcript(desk.catalog, recording_id)
        history.require_consistent(transcript)
        versions = _versions(desk, recording_id)
        reopenings = tuple(transcripts.list_reopenings(desk.catalog, recording_id))
        signed = _as_it_stands(transcript, versions, reopenings)
        return Opened(transcript, signed, versions, reopenings)


def tell_read(desk: Desk, *recording_ids: str) -> None:
    """Write that the texts of recordings were shown to the person who acts."""
    with desk.catalog.transaction():
        for recording_id in recording_ids:
            desk.tell("read", {"recording": recording_id})


def _versions(desk: Desk, recording_id: str) -> tuple[SignedTranscript, ...]:
    """Return every signed version, its signature checked; raises AlteredTranscript or BadSignature."""
    found: list[SignedTranscript] = []
    for version, envelope in transcripts.list_sign_offs(desk.catalog, recording_id):
        file = signed_file(recording_id, version)
        key = desk.vault.recording_key(recording_id)
        if open_object(desk.vault.locked.storage, file, [key]) != envelope:
            raise AlteredTranscript(recording_id, f"its signed file {version} is another")
        signed = sign_off.check(envelope, lambda name: desk.vault.locked.keys_of(name, "sign-off"))
        document.require_follows(signed, found[-1] if found else None, recording_id)
        found.append(signed)
    return tuple(found)


def _as_it_stands(
    transcript: Transcript,
    versions: Sequence[SignedTranscript],
    reopenings: Sequence[Reopening],
) -> SignedTranscript | None:
    """Return the sign-off of the transcript as it stands, compared with it; None while there is none."""
    recording_id = transcript.recording.id
    if [r.version for r in reopenings] != list(range(1, len(versions) + 1))[: len(reopenings)]:
        raise AlteredTranscript(recording_id, "its versions do not follow each other")
    if len(versions) > len(reopenings) + 1:
        raise AlteredTranscript(recording_id, "a version was signed that nobody began")
    closed = len(versions) > len(reopenings)
    if closed:
        document.compare(versions[-1].document, transcript)
        return versions[-1]
    if any(s.state in SIGNED for s in transcript.segments):
        raise AlteredTranscript(recording_id, "its sign-off is missing")
    return None


def signed_file(recording_id: str, version: int) -> str:
    """Return where the signed transcript of a version lies."""
    return f"recordings/{recording_id}/signed-{version}.age"
