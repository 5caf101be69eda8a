"""The sheet that is signed, the signature, and a new version."""

from __future__ import annotations

from typing import Any

from confere.acts.playback import Playback
from confere.acts.sign import prepare, reopen, sign
from confere.web.answers.deciding import comment_json
from confere.web.sitting import Sitting


def sheet(sitting: Sitting, recording: str) -> dict[str, Any]:
    """Return everything that would be signed; raises what hinders it."""
    sitting.part(Playback).keep()
    prepared = prepare(sitting.desk, recording)
    value = prepared.document
    counts = value["counts"]
    return {
        "document": value,
        "comments": [comment_json(comment) for comment in prepared.comments],
        "statement": value["statement"],
        "counts": {
            "segments": counts["segments"],
            "verified": counts["verified"],
            "unplayed": counts["unplayed"],
            "spared": counts["segments"] - counts["verified"],
            "dismissed": len(value["checks_dismissed"]),
        },
        "hindrances": [],
    }


def sign_transcript(sitting: Sitting, recording: str, passphrase: str) -> dict[str, Any]:
    """Sign; the passphrase is asked for again."""
    sitting.part(Playback).keep()
    signed = sign(sitting.desk, recording, passphrase)
    return {
        "digest": signed.digest,
        "signed_at": signed.document["signed_at"],
        "version": signed.document["version"],
    }


def reopen_transcript(sitting: Sitting, recording: str, reason: str) -> dict[str, Any]:
    """Begin a new version."""
    return {"version": reopen(sitting.desk, recording, reason)}
