"""Read a transcript; a signed one only if it is still what was signed."""

from __future__ import annotations

from dataclasses import dataclass

from confere.acts.bound import unlike_bound
from confere.acts.desk import Desk
from confere.domain import Transcript
from confere.errors import AlteredTranscript
from confere.review import document, history, sign_off, versions
from confere.review.sign_off import SignedTranscript
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
    document is kept against each other, the catalog against the last document, and the sample that a
    document tells of against what the recording was bound to. Raises NoSuchThing, NotReady without a
    draft, BadSignature or AlteredTranscript.
    """
    # One moment: segments of one and revisions of the next would look like a forgery.
    with desk.catalog.moment():
        recording_id = register.find_recording(desk.catalog, given)
        transcript = transcripts.get_transcript(desk.catalog, recording_id)
        history.require_consistent(transcript)
        reopenings = tuple(transcripts.list_reopenings(desk.catalog, recording_id))
        kept = _versions(desk, recording_id)
        versions.require_chain(recording_id, kept, reopenings)
        signed = tuple(kept.values())
        versions.require_told(transcript, signed, reopenings)
        for each in signed:
            if unlike := unlike_bound(desk.catalog, recording_id, each.document):
                raise AlteredTranscript(recording_id, f"what is signed {unlike}")
        if len(signed) == len(reopenings):
            return Opened(transcript, None, signed, reopenings)
        document.compare(signed[-1].document, transcript)
        return Opened(transcript, signed[-1], signed, reopenings)


def tell_read(desk: Desk, *recording_ids: str) -> None:
    """Write that the texts of recordings were shown to the person who acts."""
    with desk.catalog.transaction():
        for recording_id in recording_ids:
            desk.tell("read", {"recording": recording_id})


def _versions(desk: Desk, recording_id: str) -> dict[int, SignedTranscript]:
    """Return every signed version, its signature checked; raises AlteredTranscript or BadSignature."""

    def keys_of(name: str) -> set[str]:
        return desk.vault.locked.keys_of(name, "sign-off")

    found: dict[int, SignedTranscript] = {}
    for version, envelope in transcripts.list_sign_offs(desk.catalog, recording_id):
        file = signed_file(recording_id, version)
        key = desk.vault.recording_key(recording_id)
        if open_object(desk.vault.locked.storage, file, [key]) != envelope:
            raise AlteredTranscript(recording_id, f"its signed file {version} is another")
        found[version] = sign_off.check(envelope, keys_of)
    return found


def signed_file(recording_id: str, version: int) -> str:
    """Return where the signed transcript of a version lies."""
    return f"recordings/{recording_id}/signed-{version}.age"
