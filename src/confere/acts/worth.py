"""What the machine was worth: its drafts measured against what was verified, for leads.

Nothing is told in the log. The event ``read`` says that a person was shown texts; here they are shown
counts and rates, never a word, and no list from which words could be put together. If measuring a study
were told as reading all of it, the log would no longer say who read what. Neither is a saved plot an
export: it holds days, names of models, and figures.

Time is summed over people and never told of one of them: it is a measure of the machine.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from confere import __version__
from confere.acts.desk import Desk
from confere.acts.reading import Opened, open_transcript
from confere.domain import Interview, Recording, Role, State, Transcript
from confere.errors import BadValue, NotReady
from confere.review import sampling
from confere.review.drafted import drafted
from confere.review.worth import (
    OVER_ALL,
    Facts,
    Language,
    Models,
    Point,
    Sampled,
    Worth,
    combined,
    figures,
    measure,
    plot,
    time_spent,
)
from confere.vault import Storage, register, transcripts
from confere.vault.progress import Progress, Wanted, list_progress
from confere.vault.work_times import list_decided, list_drafted

_OURS: Final = b"<svg "  # how a plot begins
_TO_DO: Final = ("draft", "edited", "corrected", "needs_work")


class Left(StrEnum):
    """Why a recording is not measured."""

    NOT_DRAFTED = "not drafted"
    NOT_VERIFIED = "not verified to the end"
    NOT_SIGNED = "verified, not signed"


@dataclass(frozen=True, slots=True)
class Measured:
    """One transcript that was measured. ``drafted_on`` is the day (UTC) on which the machine drafted it.

    ``document`` is what was signed, empty for what is verified and not signed.
    """

    recording: Recording
    drafted_on: date
    document: Mapping[str, Any]
    languages: Counter[str]
    worth: Worth

    @property
    def models(self) -> Models:
        """The two models that drafted it."""
        [models] = self.worth.models
        return models


#: What was measured before, by the SHA-256 of the signed document.
Known: TypeAlias = MutableMapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Account:
    """What was measured, and why other recordings were not, by their ids."""

    measured: tuple[Measured, ...]
    left_out: Mapping[str, Left]

    @property
    def unsigned(self) -> int:
        """How many of those that were measured are not signed."""
        return sum(not each.document for each in self.measured)

    @property
    def worth(self) -> Worth:
        """Everything together."""
        return combined(each.worth for each in self.measured)

    def by_interview(self) -> Mapping[str, Worth]:
        """Return the sums by interview, in the order of offload."""
        found: dict[str, list[Worth]] = {}
        for each in self.measured:
            found.setdefault(each.recording.interview_id, []).append(each.worth)
        return {interview: combined(worths) for interview, worths in found.items()}


def account(
    desk: Desk,
    given: Sequence[str] = (),
    *,
    draft: bool = False,
    known: Known | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Account:
    """Measure the signed transcripts of recordings, or of the whole study.

    With ``draft`` also those that are verified to the end and not signed: what is signed may yet be
    another text. What was never verified is measured against nothing. Opening and measuring an hour's
    transcript takes about a third of a second: who asks again in one process gives ``known``, which
    fills, and is for memory only. ``told`` hears of transcripts: done, total. Raises NotAllowed,
    NoSuchThing, Destroyed; NotReady for a recording that was named and cannot be measured;
    AlteredTranscript.
    """
    desk.require("see what the machine was worth", Role.LEAD)
    with desk.catalog.moment():
        named = _named(desk, given)
        rows = [Progress(*row) for row in list_progress(desk.catalog, Wanted(), others=True)]
        rows = [row for row in rows if not named or row.recording_id in named]
        left = {row.recording_id: reason for row in rows if (reason := _left(row, draft))}
        if named and left:
            recording_id, reason = next(iter(left.items()))
            raise NotReady(
                f"the transcript of {recording_id} cannot be measured: {reason}",
                "'confere queue' says what it waits for; '--draft' measures what is verified, too.",
            )
        # Over all transcripts at once: who goes to and fro between two spends each minute on one.
        spent = time_spent(list_decided(desk.catalog, OVER_ALL))
        days = list_drafted(desk.catalog)
        wanted = [row for row in rows if row.recording_id not in left]
        known = known if known is not None else {}
        measured = []
        for done, row in enumerate(wanted):
            told(done, len(wanted))
            id_ = row.recording_id
            day = datetime.fromisoformat(days[id_]).date()
            found = _signed(desk, id_, day, known) if row.signed else _measured(desk, id_, day)
            worth = replace(found.worth, spent=spent.get(id_, {}))
            measured.append(replace(found, worth=worth))
    return Account(tuple(measured), left)


def facts(desk: Desk, account: Account) -> Facts:
    """Return what the methods paragraph and COREQ are made of: of signed transcripts only.

    They are the interviews of which anything was signed, with all their recordings. What the register
    does not say of every one of them is not known. Raises NotReady if nothing is signed, or if there
    is anything unsigned in the account.
    """
    if account.unsigned or not account.measured:
        raise NotReady(
            "only signed transcripts are written up"
            if account.measured
            else "nothing is signed yet",
            "Leave out --draft."
            if account.measured
            else "'confere queue' says what waits for whom.",
        )
    documents = [each.document for each in account.measured]
    told = {each.recording.interview_id for each in account.measured}
    recordings = [r for r in register.list_recordings(desk.catalog) if r.interview_id in told]
    interviews = [register.get_interview(desk.catalog, id_) for id_ in sorted(told)]
    study = desk.vault.locked.settings.study
    segments = [s for document in documents for s in document["segments"]]
    heard = sum((each.languages for each in account.measured), Counter[str]())
    worth = account.worth
    return Facts(
        software_version=__version__,
        languages=tuple(code for code, _ in heard.most_common()) or study.languages,
        target_language=", ".join(sorted({d["target_language"] for d in documents})),
        protocol="; ".join(sorted({d["study"]["protocol"] for d in documents})),
        interview_ms=_lengths(recordings),
        recordings=len(recordings),
        transcripts=len(documents),
        correctors=len({name for d in documents for name in d["correctors"]}),
        verifiers=len({s["verified_by"] for s in segments} - {""} or _signers(documents)),
        verified=sum(bool(s["verified_by"]) for s in segments),
        unplayed=sum(bool(s["unplayed_reason"]) for s in segments),
        worth=worth,
        figures=figures(worth),
        played_percent=min(d.get("played_percent", 100) for d in documents),
        sampled=_sampled(documents),
        **_registered(interviews),
    )


def points(account: Account) -> list[Point]:
    """Return the points of the plot: one a transcript, on the day of its draft."""
    found = []
    for each in account.measured:
        figures_ = figures(each.worth)
        found.append(Point(each.drafted_on, each.models, figures_.word_error_rate, figures_.chrf))
    return found


def save_plot(desk: Desk, account: Account, file: Path, language: Language = "en") -> None:
    """Write the plot over time as SVG, outside the vault.

    It holds days, models and figures, and no word of anybody. Writes over an earlier plot only.
    Raises BadValue, DiskFull, StorageProblem.
    """
    folder, name = file.parent, file.name
    if folder.resolve().is_relative_to(desk.vault.locked.storage.root):
        raise BadValue("a plot cannot go into the vault", "Choose a file outside it.")
    if not folder.is_dir():
        raise BadValue(f"there is no folder {folder}", "Make it, or choose another.")
    storage = Storage(folder)
    if file.suffix.lower() != ".svg":
        raise BadValue(f"{name} does not end in .svg", "The plot is an SVG file.")
    if storage.exists(name) and not storage.read(name).startswith(_OURS):
        raise BadValue(f"{file} is there already and is no plot", "Choose another file.")
    drawn = plot(points(account), language, practice=desk.roster.practice)
    storage.write(name, drawn.encode(), replace=True)


def _named(desk: Desk, given: Sequence[str]) -> set[str]:
    """Return the recordings that were named; of one that repeats another, the other."""
    same = register.duplicates(desk.catalog)
    ids = [register.find_recording(desk.catalog, each) for each in given]
    return {register.get_recording(desk.catalog, same.get(id_, id_)).id for id_ in ids}


def _left(row: Progress, draft: bool) -> Left | None:
    if row.signed:
        return None
    if row.draft is None:
        return Left.NOT_DRAFTED
    if not row.verified or any(getattr(row, name) for name in _TO_DO):
        return Left.NOT_VERIFIED
    return None if draft else Left.NOT_SIGNED


def _signed(desk: Desk, recording_id: str, drafted_on: date, known: Known) -> Measured:
    """Measure what is not known yet. A signed document never changes, nor does what it came from."""
    latest = transcripts.latest_sign_off(desk.catalog, recording_id)
    digest = hashlib.sha256(latest[1] if latest else b"").hexdigest()
    if digest not in known:
        known[digest] = _measured(desk, recording_id, drafted_on)
    return known[digest]


def _measured(desk: Desk, recording_id: str, drafted_on: date) -> Measured:
    opened = open_transcript(desk, recording_id)
    transcript, document = opened.transcript, opened.signed.document if opened.signed else {}
    study = desk.vault.locked.settings.study
    verified = _verified(opened)
    worth = measure(
        (each for each in drafted(transcript) if verified.issuperset(each.shown)),
        transcript=recording_id,
        audio_ms=transcript.recording.duration_ms,
        speech=transcript.speech,
        translation=transcript.translation,
        target_language=document["target_language"] if document else study.target,
    )
    return Measured(
        transcript.recording,
        drafted_on,
        document,
        Counter(s.language for s in transcript.segments),
        worth,
    )


def _verified(opened: Opened) -> frozenset[str]:
    """Return the segments that are measured: all, or where some stayed unverified those drawn.

    Marked segments are worse than the rest. Counting them all, and of the rest a share, would make
    the machine worse than it was.
    """
    transcript = opened.transcript
    ids = frozenset(s.id for s in transcript.segments)
    if opened.signed is None or not _has_unverified(transcript):
        return ids
    told = opened.signed.document["plan"]
    return sampling.draw(
        _plan(told), bytes.fromhex(told["seed"]), transcript.recording.id, ids
    ).drawn


def _has_unverified(transcript: Transcript) -> bool:
    return any(s.state is State.UNVERIFIED for s in transcript.segments)


def _plan(told: Mapping[str, Any]) -> sampling.Plan:
    """Return the plan of a signed document, which tells more of it than the plan itself."""
    names = ("kind", "share_permille", "bound_permille", "commitment")
    return sampling.plan_of({name: told[name] for name in names if name in told})


def _sampled(documents: Iterable[Mapping[str, Any]]) -> tuple[Sampled, ...]:
    """Return the sampling plans of signed documents; those of format 1 knew of none."""
    bound: Counter[tuple[int, int]] = Counter()
    returned: Counter[tuple[int, int]] = Counter()
    for document in documents:
        plan = _plan(document.get("plan", {"kind": "full"}))
        if not plan.full:
            key = (plan.share_permille, plan.bound_permille)
            bound[key] += 1
            returned[key] += document["plan"]["outcome"] == sampling.Outcome.FULL
    return tuple(Sampled(*key, bound[key], returned[key]) for key in sorted(bound))


def _lengths(recordings: Iterable[Recording]) -> tuple[int, ...]:
    lengths: Counter[str] = Counter()
    for recording in recordings:
        lengths[recording.interview_id] += recording.duration_ms
    return tuple(lengths.values())


def _signers(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return who signed: of recordings in which nothing is said, nobody verified a segment."""
    return {document["verifier"]["name"] for document in documents}


def _registered(interviews: Sequence[Interview]) -> dict[str, int | None]:
    """Return what the register says of all of some interviews; None where it leaves one out.

    No note may mean that none was taken or that none was entered. Which speaker is an interpreter no
    code says.
    """
    codes = Counter(code for each in interviews for code in set(each.participants))
    coded = all(each.participants for each in interviews)
    placed = all(each.site.strip() for each in interviews)
    noted = sum(bool(each.notes.strip()) for each in interviews)
    return {
        "participants": len(codes) if coded else None,
        "repeated": sum(count > 1 for count in codes.values()) if coded else None,
        "sites": len({each.site.strip() for each in interviews}) if placed else None,
        "with_notes": noted or None,
    }
