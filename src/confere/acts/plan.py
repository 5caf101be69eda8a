"""Sampling plans: stated by a lead, bound before a draft, drawn once the correction is done.

The rules are in ``review/sampling.py``, the reasons in ``docs/decisions/0010-sampling.md``. What makes a text
final without a second pair of eyes is believed only from the custody log: a row of the catalog that no
signed event tells spares nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confere.acts.bound import plan_of
from confere.acts.checks import look_at
from confere.acts.desk import Desk
from confere.acts.reading import open_transcript
from confere.acts.told import place_in_log
from confere.crypto import decrypt, encrypt, parse_recipient
from confere.crypto.canonical import canonical_json
from confere.domain import Person, Role, State, Transcript
from confere.errors import ForgedStore, NotReady, OwnWork, SealedSeed, Signed, WrongKey
from confere.review import history, sampling
from confere.review.checks import Level
from confere.review.marked import UNDONE, changed_after, marked, standing_after
from confere.review.sampling import Draw, Plan, Sample, Standing
from confere.transcribe.marks import LOW_MEAN
from confere.vault import comments, destruction, draws
from confere.vault.catalog import Catalog
from confere.vault.draws import Binding, Shown, Stated
from confere.vault.events import Event, events_of, list_events

_SHOWERS = (Role.VERIFIER, Role.LEAD)
_VERIFIED = frozenset({State.VERIFIED, State.LOCKED})
_UNFINISHED = frozenset({State.DRAFT, State.EDITED, State.NEEDS_WORK})


@dataclass(frozen=True, slots=True)
class Look:
    """How much of a recording is verified: what it is bound to, and what came of it, if drawn."""

    transcript: Transcript
    binding: Binding | None
    shown: Shown | None
    sample: Sample | None


def state_plan(desk: Desk, share_permille: int, bound_permille: int) -> Stated:
    """State how much is verified of what is drafted from now on; only a lead may.

    A share of 1000 per mille with no bound is full verification. Raises NotAllowed, BadValue.
    """
    desk.require("state how much is verified", Role.LEAD)
    if (share_permille, bound_permille) != (draws.EVERYTHING, 0):
        sampling.require_shares(share_permille, bound_permille)
    with desk.catalog.transaction():
        number, at = draws.latest_plan(desk.catalog).number + 1, desk.now()
        stated = Stated(number, share_permille, bound_permille, desk.person.name, at)
        draws.add_plan(desk.catalog, stated)
        desk.tell("plan", plan_facts(stated))
    return stated


def in_force(desk: Desk) -> Stated:
    """Return the plan for what is drafted from now on; raises ForgedStore for one no lead stated."""
    stated = draws.latest_plan(desk.catalog)
    told = events_of(desk.catalog, "plan")
    if not told and not stated.number:
        return stated
    right = told and told[-1].value()["of"] == plan_facts(stated)
    if right and place_in_log(desk, told[-1], Role.LEAD) is not None:
        return stated
    raise ForgedStore(
        "the sampling plan in force is not the one that a lead stated",
        "Somebody went round the software. Tell a lead: 'confere audit' says more.",
    )


def plan_facts(stated: Stated) -> dict[str, str | int | bool]:
    """The facts by which an event tells a plan."""
    return {
        "number": stated.number,
        "share_permille": stated.share_permille,
        "bound_permille": stated.bound_permille,
        "set_at": stated.at,
    }


def bind(desk: Desk, recording_id: str) -> None:
    """Bind a recording that will be drafted to the plan in force, with a seed of its own.

    That happens once: trying again after a failed draft keeps the seed, so that nobody can try until
    one pleases. Full verification needs none.
    """
    with desk.catalog.transaction():
        stated = in_force(desk)
        if stated.full or draws.get_binding(desk.catalog, recording_id) is not None:
            return
        destruction.require_kept(desk.catalog, recording_id)
        seed, openers = sampling.new_seed(), may_show(desk.roster.people.values())
        binding = Binding(
            recording_id,
            stated.share_permille,
            stated.bound_permille,
            sampling.commit(seed),
            encrypt(seed, [parse_recipient(person.recipient) for person in openers]),
            desk.now(),
        )
        draws.add_binding(desk.catalog, binding)
        desk.tell("bind sample", binding_facts(binding, [person.name for person in openers]))


def binding_facts(binding: Binding, to: Iterable[str]) -> dict[str, str | int | bool]:
    """The facts by which an event tells what a recording is bound to; ``to``: names."""
    return {
        "recording": binding.recording_id,
        "share_permille": binding.share_permille,
        "bound_permille": binding.bound_permille,
        "commitment": binding.commitment,
        "sealed_sha256": hashlib.sha256(binding.sealed).hexdigest(),
        "to": " ".join(to),
        "bound_at": binding.at,
    }


def may_show(people: Iterable[Person]) -> list[Person]:
    """Return those to whom a seed is sealed, by name: verifiers and leads who correct nothing.

    If there are none, all verifiers and leads.
    """
    judges = sorted((p for p in people if p.roles & set(_SHOWERS)), key=lambda p: p.name)
    return [p for p in judges if Role.INTERPRETER not in p.roles] or judges


def show_seed(desk: Desk, given: str) -> Look:
    """Show the seed of a recording whose correction is done, and so draw what is verified.

    Raises NotAllowed, NotReady, OwnWork for who worked on any segment, SealedSeed for whom it is not
    sealed to, ForgedStore for a seed that is not the one the recording was bound to. Whatever it
    raises, everything can still be verified.
    """
    desk.require("show the seed of a sample", *_SHOWERS)
    with desk.catalog.transaction():
        opened = open_transcript(desk, given)
        transcript = opened.transcript
        recording_id = transcript.recording.id
        if opened.signed is not None:
            raise Signed(recording_id)
        binding = _require_secret(desk, recording_id)
        knowers = _require_bound(desk, binding)
        _require_corrected(transcript)
        _require_apart(transcript, desk.person.name)
        plan, seed = plan_of(binding), _open_seed(desk, binding)
        sampling.require_seed(plan, seed)
        ids = frozenset(s.id for s in transcript.segments)
        doubted = _doubted(desk, transcript, knowers)
        drawn = sampling.draw(plan, seed, recording_id, ids, doubted)
        shown = Shown(
            recording_id,
            seed,
            draws.last_revision(desk.catalog),
            drawn.marked,
            drawn.drawn,
            drawn.rest,
            desk.person.name,
            desk.now(),
        )
        draws.add_shown(desk.catalog, shown)
        desk.tell("show seed", shown_facts(shown, len(transcript.revisions)))
        sample = sampling.stand(
            plan,
            seed,
            recording_id,
            drawn,
            Standing(ids, frozenset(), doubted, _verified(transcript)),
        )
    return Look(transcript, binding, shown, sample)


def shown_facts(shown: Shown, revisions: int) -> dict[str, str | int | bool]:
    """The facts by which an event tells a seed; ``revisions``: how many the transcript had then.

    ``segments`` is the digest of the ids that stood then, and of those that were marked.
    """
    lists = {"ids": sorted(shown.segments), "marked": sorted(shown.marked)}
    return {
        "recording": shown.recording_id,
        "seed": shown.seed.hex(),
        "segments": hashlib.sha256(canonical_json(lists)).hexdigest(),
        "revisions": revisions,
        "shown_at": shown.at,
    }


def look_at_plan(desk: Desk, given: str) -> Look:
    """Return how much of a drafted recording is verified; raises as `sampled` does."""
    with desk.catalog.moment():
        transcript = open_transcript(desk, given).transcript
        recording_id = transcript.recording.id
        binding = draws.get_binding(desk.catalog, recording_id)
        shown = draws.get_shown(desk.catalog, recording_id)
        return Look(transcript, binding, shown, sampled(desk, transcript))


def sampled(desk: Desk, transcript: Transcript) -> Sample | None:
    """Return what came of the plan of a transcript; None when everything must be verified.

    Everything is counted anew, from revisions and from what the custody log tells of plan, binding
    and seed. Raises ForgedStore when the catalog says something else.
    """
    catalog, recording_id = desk.catalog, transcript.recording.id
    binding = draws.get_binding(catalog, recording_id)
    shown = draws.get_shown(catalog, recording_id)
    if binding is None or shown is None:
        return None
    knowers = _require_bound(desk, binding)
    revisions = _require_shown(desk, shown)
    plan, then = plan_of(binding), _drawn_again(plan_of(binding), transcript, shown, revisions)
    standing = Standing(
        now=frozenset(s.id for s in transcript.segments),
        changed=changed_after(transcript, revisions),
        doubted=_doubted(desk, transcript, knowers),
        verified=_verified(transcript),
    )
    return sampling.stand(plan, shown.seed, recording_id, then, standing)


def count_spared(catalog: Catalog, recording_ids: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many corrected segments of a recording need not be verified, as the rows tell.

    For the queue: it is quick, looks at no signature, and does not know what the checks see. Only
    `sampled` decides.
    """
    shown = draws.list_shown(catalog, recording_ids)
    if not shown:
        return {}
    ids = [it.recording_id for it in shown]
    bindings = {b.recording_id: b for b in draws.list_bindings(catalog, ids)}
    changed = draws.changed_since(catalog, ids, sorted(UNDONE))
    asked = draws.asked_about(catalog, ids)
    states = draws.standing_segments(catalog, ids)
    counts = {}
    for it in shown:
        id_, standing = it.recording_id, states.get(it.recording_id, {})
        here = Standing(
            frozenset(standing),
            changed.get(id_, frozenset()),
            asked.get(id_, frozenset()),
            frozenset(),
        )
        then = Draw(it.marked, it.drawn, it.rest)
        rest = sampling.left_out(plan_of(bindings[id_]), then, here)
        counts[id_] = sum(standing[s] == State.CORRECTED for s in rest)
    return counts


# --- who may show a seed, and when --------------------------------------------------------------


def _require_secret(desk: Desk, recording_id: str) -> Binding:
    binding = draws.get_binding(desk.catalog, recording_id)
    if binding is None:
        raise NotReady(
            f"recording {recording_id} is bound to no sampling plan: every segment is verified",
            "A plan holds for what is drafted after it was stated.",
        )
    shown = draws.get_shown(desk.catalog, recording_id)
    if shown is not None:
        raise NotReady(
            f"{shown.by} showed the seed of {recording_id} at {shown.at}",
            f"'confere plan show {recording_id}' says what is to be verified.",
        )
    return binding


def _require_corrected(transcript: Transcript) -> None:
    left = [s for s in transcript.segments if s.state in _UNFINISHED or s.target_stale]
    if left:
        raise NotReady(
            f"{len(left)} segment(s) are not corrected yet, the first is {left[0].number}",
            "The seed is shown when the correction is done: who knows it, knows what nobody will look at.",
        )


def _require_apart(transcript: Transcript, name: str) -> None:
    for segment in transcript.segments:
        if name in history.workers(transcript, segment.id):
            raise OwnWork(name, segment.number)


def _open_seed(desk: Desk, binding: Binding) -> bytes:
    try:
        return decrypt(binding.sealed, [desk.vault.secrets.identity])
    except WrongKey:
        raise SealedSeed(binding.recording_id, desk.person.name) from None


# --- what is marked -----------------------------------------------------------------------------


def _doubted(desk: Desk, transcript: Transcript, knowers: Collection[str]) -> frozenset[str]:
    """Return the segments that must be verified whatever is drawn, as things stand now."""
    asked = {
        c.segment_id
        for c in comments.list_comments(desk.catalog, transcript.recording.id)
        if c.is_open
    }
    seen = {s.segment_id for s in look_at(desk, transcript) if s.finding.level is not Level.INFO}
    ids = {s.id for s in transcript.segments}
    return marked(transcript, LOW_MEAN, frozenset(knowers)) | frozenset((asked | seen) & ids)


def _verified(transcript: Transcript) -> frozenset[str]:
    return frozenset(s.id for s in transcript.segments if s.state in _VERIFIED)


# --- what the custody log says ------------------------------------------------------------------


def _require_bound(desk: Desk, binding: Binding) -> frozenset[str]:
    """Refuse a binding that was not told before the draft, or not by the plan in force then.

    Returns who may have known the seed before it was shown: who made it, and to whom it is sealed.
    """
    event, of, place = _told(desk, binding.recording_id, "bind sample")
    names = str(of.get("to", "")).split()
    if of != binding_facts(binding, names):
        raise _forged(binding.recording_id, "is not the one that it was bound to")
    *_, drafted = _told(desk, binding.recording_id, "draft")
    if not place < drafted:
        raise _forged(binding.recording_id, "was bound after there was a draft")
    if _stated_before(desk, place) != (binding.share_permille, binding.bound_permille):
        raise _forged(binding.recording_id, "is not by the plan that a lead had stated")
    return frozenset((event.value()["by"], *names))


def _stated_before(desk: Desk, place: int) -> tuple[int, int] | None:
    stated = None
    for event in events_of(desk.catalog, "plan"):
        position = place_in_log(desk, event, Role.LEAD)
        if position is not None and position < place:
            of = event.value()["of"]
            stated = of["share_permille"], of["bound_permille"]
    return stated


def _require_shown(desk: Desk, shown: Shown) -> int:
    """Refuse a seed that was not shown so; return how many revisions the transcript had then."""
    id_ = shown.recording_id
    event, of, _ = _told(desk, id_, "show seed", *_SHOWERS)
    revisions = draws.count_revisions(desk.catalog, id_, shown.after)
    if (of, event.value()["by"]) != (shown_facts(shown, revisions), shown.by):
        raise _forged(id_, "is not the one that was shown")
    return revisions


def _drawn_again(plan: Plan, transcript: Transcript, shown: Shown, revisions: int) -> Draw:
    """Return what was drawn when the seed was shown, after drawing it again."""
    ids = standing_after(transcript, revisions)
    drawn = sampling.draw(plan, shown.seed, transcript.recording.id, ids, shown.marked)
    if (drawn.marked, drawn.drawn, drawn.rest) != (shown.marked, shown.drawn, shown.rest):
        raise _forged(transcript.recording.id, "is not what its seed draws")
    return drawn


def _told(
    desk: Desk, recording_id: str, what: str, *roles: Role
) -> tuple[Event, Mapping[str, Any], int]:
    """Return the one event of a kind about a recording, its facts and its place in the log."""
    found = [
        (event, place)
        for event in list_events(desk.catalog, recording_id)
        if event.value()["what"] == what
        for place in [place_in_log(desk, event, *roles)]
        if place is not None
    ]
    if len(found) != 1:
        raise _forged(recording_id, f"was told by {len(found)} events '{what}' of the custody log")
    event, place = found[0]
    return event, event.value()["of"], place


def _forged(recording_id: str, detail: str) -> ForgedStore:
    return ForgedStore(
        f"the sample of recording {recording_id} {detail}",
        "Somebody went round the software. Tell a lead: 'confere audit' says more.",
    )
