"""Read a transcript; a signed one only if it is still what was signed."""

from __future__ import annotations

from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.domain import State, Transcript
from confere.errors import AlteredTranscript
from confere.review import document, history, sign_off
from confere.review.sign_off import SignedTranscript
from confere.vault import register, transcripts
from confere.vault.objects import open_object


@dataclass(frozen=True, slots=True)
class Opened:
    """A transcript as it stands, with its sign-off if it has one."""

    transcript: Transcript
    signed: SignedTranscript | None

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return self.transcript.practice


def open_transcript(desk: Desk, given: str) -> Opened:
    """Open the transcript of a recording, named by the beginning of its id.

    At every opening the signature is checked against the roster, the two places where the signed
    document is kept against each other, and the catalog against the document. Raises NoSuchThing,
    NotReady without a draft, BadSignature or AlteredTranscript.
    """
    # One moment: segments of one and revisions of the next would look like a forgery.
    with desk.catalog.moment():
        recording_id = register.find_recording(desk.catalog, given)
        transcript = transcripts.get_transcript(desk.catalog, recording_id)
        history.require_consistent(transcript)
        return Opened(transcript, _signed(desk, transcript))


def tell_read(desk: Desk, *recording_ids: str) -> None:
    """Write that the texts of recordings were shown to the person who acts."""
    with desk.catalog.transaction():
        for recording_id in recording_ids:
            desk.tell("read", {"recording": recording_id})


def _signed(desk: Desk, transcript: Transcript) -> SignedTranscript | None:
    recording_id = transcript.recording.id
    latest = transcripts.latest_sign_off(desk.catalog, recording_id)
    if latest is None:
        if any(s.state is State.LOCKED for s in transcript.segments):
            raise AlteredTranscript(recording_id, "its sign-off is missing")
        return None
    version, envelope = latest
    file = signed_file(recording_id, version)
    key = desk.vault.recording_key(recording_id)
    if open_object(desk.vault.locked.storage, file, [key]) != envelope:
        raise AlteredTranscript(recording_id, "its signed file is another")
    signed = sign_off.check(envelope, lambda name: desk.vault.locked.keys_of(name, "sign-off"))
    document.compare(signed.document, transcript)
    return signed


def signed_file(recording_id: str, version: int) -> str:
    """Return where the signed transcript of a version lies."""
    return f"recordings/{recording_id}/signed-{version}.age"
