"""The register of interviews: where and when, who by code, and which recordings belong together.

Everybody who reads sees it, because a transcript is called by it. Interpreters and leads write it: one sat in
the room, the other answers for the study. A verifier judges by what stands there and so does not.

Of what is written only the last version is kept, so that what was too much can be taken out; the log tells
who changed which fields when, by a commitment, and never a word. To which interview a recording belongs is
told openly: it is no secret, and decides what is signed. What is signed stays where it was signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Final

from confere.acts.desk import Desk
from confere.domain import Interview, Role, new_id
from confere.errors import BadValue, InterviewMovedOn, NotReady
from confere.review import entries
from confere.review.checks.identity import names_in
from confere.vault import identities, register, transcripts
from confere.vault import interviews as kept
from confere.vault.interviews import Filed

READERS: Final = (Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
#: Who writes in it; why, the module says. The audit holds by it.
CHANGERS: Final = (Role.INTERPRETER, Role.LEAD)
_LONGEST: Final = 200  # characters, of one line
_LONGEST_NOTES: Final = 20_000
_MOST: Final = 50  # codes, names, languages, recordings


@dataclass(frozen=True, slots=True)
class Details:
    """What somebody writes of an interview; None leaves a field as it is, an empty one empties it."""

    site: str | None = None
    date: str | None = None
    participants: Sequence[str] | None = None
    interviewers: Sequence[str] | None = None
    interpreter: str | None = None
    languages: Sequence[str] | None = None
    consent: str | None = None
    notes: str | None = None


#: The fields that can be written, in their order.
FIELDS: Final = tuple(field.name for field in fields(Details))


@dataclass(frozen=True, slots=True)
class Saved:
    """An interview as it stands now.

    ``named`` are the words of site, consent and notes that name somebody of the identity key, by field.
    They are saved, because a place may be called like a person; who wrote them is shown them.
    """

    filed: Filed
    named: Mapping[str, Sequence[str]]


def list_interviews(desk: Desk, site: str = "") -> list[Filed]:
    """Return the register by site and date; of one site, if named.

    Interviews of which nothing is written and nothing is kept are left out.
    """
    desk.require("read the register of interviews", *READERS)
    wanted = site.strip().casefold()
    return [
        filed
        for filed in kept.list_interviews(desk.catalog)
        if (filed.recordings or _written(filed.interview))
        and (not wanted or filed.interview.site.casefold() == wanted)
    ]


def get_interview(desk: Desk, given: str) -> Filed:
    """Return an interview by the beginning of its id; raises NoSuchThing."""
    desk.require("read the register of interviews", *READERS)
    return kept.get_filed(desk.catalog, kept.find_interview(desk.catalog, given))


def add_interview(desk: Desk, details: Details, recordings: Sequence[str] = ()) -> Saved:
    """Enter an interview; one without recordings has notes only. Raises as `edit_interview`."""
    desk.require("write in the register of interviews", *CHANGERS)
    with desk.catalog.transaction():
        if not _written(_changed(desk, Interview(""), details)) and not recordings:
            raise BadValue("an interview needs at least a site, a date or a recording")
        id_ = new_id()
        register.add_interview(desk.catalog, Interview(id_))
        return _edit(desk, id_, details, recordings, None)


def edit_interview(
    desk: Desk,
    given: str,
    details: Details,
    recordings: Sequence[str] | None = None,
    seen: int | None = None,
) -> Saved:
    """Write in an interview, and say which recordings belong to it, in their order.

    ``recordings`` are all of them; one that is left out gets an interview of its own. ``seen`` is the version
    that the person saw; raises InterviewMovedOn, with both, if another stands there. Raises NotAllowed,
    NoSuchThing, Destroyed, BadValue (a participant's name instead of a code, a day that is none), and
    NotReady for a recording that is signed where it stands.
    """
    desk.require("write in the register of interviews", *CHANGERS)
    with desk.catalog.transaction():
        id_ = kept.find_interview(desk.catalog, given)
        return _edit(desk, id_, details, recordings, seen)


def entry_facts(
    interview: Interview, names: Sequence[str], told: str
) -> dict[str, str | int | bool]:
    """The facts by which an event tells a version; ``told``: the commitment to it."""
    return {
        "interview": interview.id,
        "version": interview.version,
        "fields": " ".join(names),
        "interview_sha256": told,
    }


def _edit(
    desk: Desk, id_: str, details: Details, recordings: Sequence[str] | None, seen: int | None
) -> Saved:
    before = kept.get_filed(desk.catalog, id_)
    after = _changed(desk, before.interview, details)
    names = [n for n in FIELDS if getattr(after, n) != getattr(before.interview, n)]
    if names:
        _require_unmoved(before, after, names, seen)
        after = replace(after, version=after.version + 1)
        told = kept.write_interview(desk.catalog, after, desk.person.name, desk.now())
        desk.tell("interview", entry_facts(after, names, told))
    if recordings is not None:
        _place(desk, before, recordings)
    return Saved(kept.get_filed(desk.catalog, id_), _named(desk, after))


def _changed(desk: Desk, before: Interview, details: Details) -> Interview:
    given = {name: value for name, value in _values(details).items() if value is not None}
    cleaned = {name: _CLEAN[name](value) for name, value in given.items()}
    after = replace(before, **cleaned)
    known = identities.list_names(desk.catalog)
    if any(names_in(code, known) for code in after.participants):
        raise BadValue(
            "one of the participants' codes is a name of the identity key",
            "Participants stand here by code (P01), never by name.",
        )
    return after


def _values(details: Details) -> dict[str, Any]:
    return {name: getattr(details, name) for name in FIELDS}


def _require_unmoved(
    before: Filed, after: Interview, names: Sequence[str], seen: int | None
) -> None:
    now = before.interview
    if seen is None or seen == now.version:
        return
    conflict = InterviewMovedOn(now.id, seen, now.version)
    mine, theirs = asdict(after), asdict(now)
    conflict.mine = {name: mine[name] for name in names}
    conflict.theirs = {name: theirs[name] for name in names}
    conflict.by = before.by
    raise conflict


def _named(desk: Desk, interview: Interview) -> dict[str, Sequence[str]]:
    known = identities.list_names(desk.catalog)
    found = {n: names_in(getattr(interview, n), known) for n in ("site", "consent", "notes")}
    return {name: words for name, words in found.items() if words}


def _written(interview: Interview) -> bool:
    return any(getattr(interview, name) for name in FIELDS)


# --- which recordings -------------------------------------------------------------------------------


def _place(desk: Desk, before: Filed, given: Sequence[str]) -> None:
    """Give the interview its recordings, in order. Those that were signed stay what they were signed as."""
    catalog, id_ = desk.catalog, before.interview.id
    copies = register.duplicates(catalog)
    found = [register.find_recording(catalog, one) for one in given]
    wanted = list(dict.fromkeys(copies.get(one, one) for one in found))
    if len(wanted) > _MOST:
        raise BadValue(f"an interview has at most {_MOST} recordings")
    had = [r.id for r in before.recordings]
    if wanted == had:
        return
    part = 0
    for recording_id in wanted:
        recording = register.get_recording(catalog, recording_id)
        stays = _is_signed(desk, recording_id)
        if stays and (recording.interview_id != id_ or recording.part <= part):
            raise _signed(recording_id, recording.part)
        part = recording.part if stays else part + 1
        if (recording.interview_id, recording.part) != (id_, part):
            _move(desk, recording_id, id_, part)
    for recording_id in had:
        if recording_id not in wanted:
            if _is_signed(desk, recording_id):
                raise _signed(recording_id, register.get_recording(catalog, recording_id).part)
            alone = new_id()
            register.add_interview(catalog, Interview(alone))
            _move(desk, recording_id, alone, 1)


def _move(desk: Desk, recording_id: str, interview_id: str, part: int) -> None:
    kept.move_recording(desk.catalog, recording_id, interview_id, part)
    desk.tell("belong", {"recording": recording_id, "interview": interview_id, "part": part})


def _is_signed(desk: Desk, recording_id: str) -> bool:
    return transcripts.latest_sign_off(desk.catalog, recording_id) is not None


def _signed(recording_id: str, part: int) -> NotReady:
    return NotReady(
        f"recording {recording_id} was signed as part {part} of its interview",
        "The signed document says so: it stays there, and in this order.",
    )


# --- what people write ------------------------------------------------------------------------------


def _line(typed: object) -> str:
    line = " ".join(entries.text(str(typed)).split())
    if len(line) > _LONGEST:
        raise BadValue(f"this has more than {_LONGEST} characters", "The notes may be long.")
    return line


def _day(typed: object) -> str:
    text = str(typed).strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise BadValue(f"'{text}' is no day", "Write it as 2026-11-24.") from None


def _notes(typed: object) -> str:
    text = entries.text(str(typed))
    if len(text) > _LONGEST_NOTES:
        raise BadValue(f"the notes have more than {_LONGEST_NOTES} characters")
    return text


def _each(typed: object) -> list[str]:
    found = [line for one in _sequence(typed) if (line := _line(one))]
    if len(found) > _MOST:
        raise BadValue(f"these are more than {_MOST}")
    return list(dict.fromkeys(found))


def _sequence(typed: object) -> Sequence[object]:
    if isinstance(typed, str) or not isinstance(typed, Sequence):
        raise BadValue("this has to be a list")
    return typed


_CLEAN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "site": _line,
    "date": _day,
    "participants": lambda typed: tuple(map(entries.speaker, _each(typed))),
    "interviewers": lambda typed: tuple(_each(typed)),
    "interpreter": _line,
    "languages": lambda typed: tuple(map(entries.language, _each(typed))),
    "consent": _line,
    "notes": _notes,
}
