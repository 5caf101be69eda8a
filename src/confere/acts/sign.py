"""Sign a transcript: the verifier's last act, after which nothing in it changes."""

from __future__ import annotations

from confere import __version__
from confere.acts.desk import Desk
from confere.acts.reading import open_transcript, signed_file
from confere.crypto import encrypt
from confere.domain import Transcript
from confere.errors import Signed
from confere.review import changes, document, sign_off, states
from confere.review.sign_off import SignedTranscript
from confere.review.states import Decision
from confere.vault import transcripts

FIRST_VERSION = 1


def sign(desk: Desk, given: str) -> SignedTranscript:
    """Sign the whole transcript of a recording and lock it.

    The person's passphrase was asked for in this very process, which is what re-authentication
    means at the command line. Raises NotReady, OwnWork, NotPlayed, Signed, AlteredTranscript.
    """
    states.require_role(desk.person.name, desk.person.roles, Decision.SIGN)
    desk.require_approved_settings("sign")
    storage = desk.vault.locked.storage
    with desk.catalog.transaction():
        opened = open_transcript(desk, given)
        transcript = opened.transcript
        if opened.signed is not None:
            raise Signed(transcript.recording.id)
        signed = _sign(desk, transcript)
        _lock(desk, transcript, signed)
        file = signed_file(transcript.recording.id, FIRST_VERSION)
        # Written before the catalog commits: a crash between the two leaves a file that no sign-off
        # names, which the next signing replaces. The other way round a sign-off would lack its file.
        # To the recording's own key, so that destroying that one destroys this too, in every copy.
        recipient = desk.vault.recording_key(transcript.recording.id).recipient
        sealed = encrypt(signed.envelope, [recipient])
        storage.write(file, sealed, replace=True)
    return signed


def _sign(desk: Desk, transcript: Transcript) -> SignedTranscript:
    study = desk.vault.locked.settings.study
    key = desk.vault.signing_key("sign-off")
    value = document.build_document(
        transcript,
        study={
            "id": desk.roster.study_id,
            "name": desk.roster.study_name,
            "protocol": study.protocol,
        },
        version=FIRST_VERSION,
        verifier=desk.person.name,
        verifier_key=str(key.verify_key),
        signed_at=desk.now(),
        software_version=__version__,
        target_language=study.target,
    )
    return sign_off.sign(value, key)


def _lock(desk: Desk, transcript: Transcript, signed: SignedTranscript) -> None:
    at = signed.document["signed_at"]
    for segment in transcript.segments:
        locked, revision = changes.lock(segment, desk.person.name, at)
        transcripts.save_revision(desk.catalog, locked, revision)
    transcripts.add_sign_off(
        desk.catalog, transcript.recording.id, FIRST_VERSION, signed.envelope, at
    )
    desk.tell(
        "sign",
        {
            "recording": transcript.recording.id,
            "version": FIRST_VERSION,
            "document_sha256": signed.digest,
            "segments": len(transcript.segments),
        },
    )
