"""Sign a transcript: the verifier's last act, after which nothing in it changes; and begin a new version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from confere import __version__
from confere.acts.checks import look_at
from confere.acts.desk import Desk
from confere.acts.plan import sampled
from confere.acts.reading import Opened, open_transcript, signed_file
from confere.acts.vouched import require_vouched
from confere.crypto import encrypt
from confere.domain import State
from confere.errors import NotReady, Signed
from confere.review import changes, document, entries, sign_off, states, versions
from confere.review.document import Previous, Terms
from confere.review.sign_off import SignedTranscript
from confere.review.states import Decision
from confere.vault import comments, transcripts
from confere.vault.comments import Comment
from confere.vault.transcripts import Reopening


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that somebody is about to sign: the document, without its signature, and what is open.

    ``comments`` are the open ones: they hinder nobody, and who signs is told of them.
    """

    document: dict[str, Any]
    comments: tuple[Comment, ...]

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return bool(self.document["practice"])


def prepare(desk: Desk, given: str) -> Sheet:
    """Return what the person who acts would sign now; raises whatever hinders it, as `sign` does."""
    states.require_role(desk.person.name, desk.person.roles, Decision.SIGN)
    desk.require_approved_settings("sign")
    with desk.catalog.moment():
        return _prepare(desk, open_transcript(desk, given))


def sign(desk: Desk, given: str, passphrase: str, shown: Sheet | None = None) -> SignedTranscript:
    """Sign the whole transcript of a recording and lock it.

    The passphrase is asked for again, and the key that signs comes out of it. ``shown`` is what the
    person saw before: nothing else is signed than that. Raises WrongPassphrase, NotReady, OwnWork,
    NotPlayed, Signed, AlteredTranscript.
    """
    key = desk.vault.sign_off_key(passphrase)
    states.require_role(desk.person.name, desk.person.roles, Decision.SIGN)
    desk.require_approved_settings("sign")
    storage = desk.vault.locked.storage
    with desk.catalog.transaction():
        opened = open_transcript(desk, given)
        recording_id = opened.transcript.recording.id
        sheet = _prepare(desk, opened)
        if shown is not None:
            _require_as_shown(sheet, shown)
        signed = sign_off.sign(sheet.document, key)
        _lock(desk, opened, signed)
        file = signed_file(recording_id, signed.document["version"])
        # Written before the catalog commits: a crash between the two leaves a file that no sign-off
        # names, which the next signing replaces. The other way round a sign-off would lack its file.
        # To the recording's own key, so that destroying that one destroys this too, in every copy.
        recipient = desk.vault.recording_key(recording_id).recipient
        sealed = encrypt(signed.envelope, [recipient])
        storage.write(file, sealed, replace=True)
    return signed


def reopen(desk: Desk, given: str, reason: str) -> int:
    """Begin a new version of a signed transcript, with a written reason; return its number.

    What was signed stays and stays valid as what it was. Each segment stands again where it stood
    before the signature, so that only what is changed from now on is verified anew, by whoever
    verified the rest. Raises NotReady for one that is not signed, BadValue without a reason.
    """
    states.require_role(desk.person.name, desk.person.roles, Decision.REOPEN)
    written = entries.reason(reason, "begin a new version")
    with desk.catalog.transaction():
        opened = open_transcript(desk, given)
        transcript = opened.transcript
        if opened.signed is None:
            raise NotReady(
                f"the transcript of {transcript.recording.id} is not signed",
                "It can be changed as it is.",
            )
        version = int(opened.signed.document["version"])
        at = desk.now()
        made = Reopening(transcript.recording.id, version, desk.person.name, at, written)
        commitment = transcripts.add_reopening(desk.catalog, made)
        for segment in transcript.segments:
            again, revision = changes.reopen(segment, desk.person.name, at)
            transcripts.save_revision(desk.catalog, again, revision)
        desk.tell(
            Decision.REOPEN,
            {
                "recording": transcript.recording.id,
                "version": version,
                "document_sha256": opened.signed.digest,
                "segments": len(transcript.segments),
                "reopening_sha256": commitment,
            },
        )
    return version + 1


def _prepare(desk: Desk, opened: Opened) -> Sheet:
    transcript = opened.transcript
    if opened.signed is not None:
        raise Signed(transcript.recording.id)
    require_vouched(desk, transcript, desk.person.name)
    study = desk.vault.locked.settings.study
    found = comments.list_comments(desk.catalog, transcript.recording.id)
    open_comments = tuple(comment for comment in found if comment.is_open)
    terms = Terms(
        played_percent=desk.vault.locked.settings.review.played_percent,
        checks=look_at(desk, transcript),
        sample=sampled(desk, transcript),
        open_comments=len(open_comments),
    )
    value = document.build_document(
        transcript,
        terms,
        study={
            "id": desk.roster.study_id,
            "name": desk.roster.study_name,
            "protocol": study.protocol,
        },
        previous=_previous(opened),
        verifier=desk.person.name,
        verifier_key=desk.person.verify_keys["sign-off"],
        signed_at=desk.now(),
        software_version=__version__,
        target_language=study.target,
    )
    return Sheet(value, open_comments)


def _previous(opened: Opened) -> Previous | None:
    if not opened.versions:
        return None
    return versions.follows(opened.versions[-1], opened.reopenings[-1])


def _require_as_shown(now: Sheet, shown: Sheet) -> None:
    """Refuse if anything happened while a person read what they were about to sign."""
    told = [{**sheet.document, "signed_at": ""} for sheet in (now, shown)]
    if told[0] != told[1] or now.comments != shown.comments:
        raise NotReady(
            "something was changed since you were shown what you would sign",
            "Nothing was signed. Look at it again: confere sign --sheet",
        )


def _lock(desk: Desk, opened: Opened, signed: SignedTranscript) -> None:
    at, version = signed.document["signed_at"], int(signed.document["version"])
    recording_id = opened.transcript.recording.id
    for segment in opened.transcript.segments:
        lock = changes.lock if segment.state is State.VERIFIED else changes.spare
        locked, revision = lock(segment, desk.person.name, at)
        transcripts.save_revision(desk.catalog, locked, revision)
    transcripts.add_sign_off(desk.catalog, recording_id, version, signed.envelope, at)
    desk.tell(
        Decision.SIGN,
        {
            "recording": recording_id,
            "version": version,
            "document_sha256": signed.digest,
            "segments": len(opened.transcript.segments),
        },
    )
