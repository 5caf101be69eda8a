"""The register of interviews, and the custody of one of them or of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confere.acts import interviews as acts
from confere.acts.audit.proof import make_proof
from confere.acts.custody import custody as custody_of
from confere.acts.interviews import CHANGERS, FIELDS, Details
from confere.errors import BadValue
from confere.vault import transcripts
from confere.vault.interviews import Filed
from confere.web.answers.naming import Names
from confere.web.sitting import Sitting


def interviews(sitting: Sitting) -> dict[str, Any]:
    """Return the register, with every recording that is kept."""
    desk = sitting.desk
    signed = transcripts.signed_recordings(desk.catalog)
    return {
        "interviews": [_filed(one, signed) for one in acts.list_interviews(desk)],
        "changes": bool(desk.person.roles & set(CHANGERS)),
        "languages": list(desk.vault.locked.settings.study.languages),
    }


def write_interview(
    sitting: Sitting,
    interview: str,
    version: int,
    fields: dict[str, Any],
    recordings: Sequence[str] | None,
) -> dict[str, Any]:
    """Write in an interview, or with none named enter one; say which recordings belong to it."""
    desk = sitting.desk
    details = _details(fields)
    if interview:
        saved = acts.edit_interview(desk, interview, details, recordings, version)
    else:
        saved = acts.add_interview(desk, details, recordings or ())
    return {
        **interviews(sitting),
        "saved": saved.filed.interview.id,
        "named": {name: list(words) for name, words in saved.named.items()},
    }


def custody(sitting: Sitting, id: str) -> dict[str, Any]:
    """Return what happened to a recording, or an interview, oldest first."""
    desk, names = sitting.desk, Names(sitting)
    found = custody_of(desk, id)
    return {
        "interview": found.interview,
        "recordings": [{"recording": one, "name": names.of_any(one)} for one in found.recordings],
        "events": [
            {
                "id": one.id,
                "at": one.at,
                "by": one.by,
                "what": one.what,
                "of": dict(one.of),
                "place": one.place,
                "holds": one.holds,
            }
            for one in found.happenings
        ],
        "log_size": desk.vault.log.size,
    }


def prove_custody(sitting: Sitting, id: str) -> dict[str, Any]:
    """Return the proof of one recording's custody, and what is needed to check it."""
    proved, content = make_proof(sitting.desk, id)
    return {
        "recording": proved.recording,
        "events": proved.events,
        "roster_sha256": proved.roster_sha256,
        "proof": content.decode(),
    }


def _details(fields: dict[str, Any]) -> Details:
    unknown = set(fields) - set(FIELDS)
    if unknown or not all(_is_fit(value) for value in fields.values()):
        raise BadValue("an interview has other fields than these")
    return Details(**fields)


def _is_fit(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    )


def _filed(filed: Filed, signed: Sequence[str] | set[str] | frozenset[str]) -> dict[str, Any]:
    it = filed.interview
    return {
        "id": it.id,
        "version": it.version,
        **{name: getattr(it, name) for name in FIELDS},
        "by": filed.by,
        "at": filed.at,
        "recordings": [
            {
                "id": r.id,
                "part": r.part,
                "duration_ms": r.duration_ms,
                "offloaded_at": r.offloaded_at,
                "signed": r.id in signed,
            }
            for r in filed.recordings
        ],
    }
