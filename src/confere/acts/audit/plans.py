"""Sampling plans: what was stated, bound and drawn against the events, and every draw done again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.acts.bound import plan_of, unlike_bound
from confere.acts.plan import binding_facts, plan_facts, shown_facts
from confere.domain import Revision
from confere.review import sampling
from confere.review.marked import standing_after
from confere.review.states import Decision
from confere.vault import draws, transcripts
from confere.vault.catalog import Catalog
from confere.vault.draws import Binding, Shown
from confere.vault.vault import CATALOG

_EVERYTHING = (draws.EVERYTHING, 0)


def check_plans(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Check what lets a segment be signed without having been verified; destroyed ones are left out."""
    destroyed = {row[0] for row in catalog.rows("SELECT recording_id FROM destroyed")}
    living = [t for t in told if t.of.get("recording") not in destroyed]
    with report.subject("sampling plans", "each as its event tells", CATALOG) as on:
        on.count = _check_stated(catalog, living, report)
    bindings = {binding.recording_id: binding for binding in draws.list_bindings(catalog)}
    shown = {it.recording_id: it for it in draws.list_every_shown(catalog)}
    with report.subject("samples", "each bound before its draft, and drawn again", CATALOG) as on:
        on.count = len(bindings)
        _check_bindings(bindings, living, report)
        _check_shown(catalog, bindings, shown, living, report)
        _check_signed(catalog, report)


def _check_stated(catalog: Catalog, told: Sequence[Told], report: Report) -> int:
    events = {t.of["number"]: t for t in told if t.what == "plan"}
    stated = draws.list_plans(catalog)
    for plan in stated:
        about = f"sampling plan {plan.number} ({CATALOG})"
        event = events.pop(plan.number, None)
        if event is None:
            report.add_wrong(about, "was told by no event")
        elif (event.of, event.by) != (plan_facts(plan), plan.by):
            report.add_wrong(about, f"is not what was told by {event.name}")
    for event in events.values():
        report.add_wrong(event.name, "its plan is missing from the catalog")
    return len(stated)


def _check_bindings(bindings: Mapping[str, Binding], told: Sequence[Told], report: Report) -> None:
    """Each has its one event, before the draft's, by the plan that was in force there."""
    left, in_force = dict(bindings), _EVERYTHING
    drafted: set[str] = set()
    for event in told:
        of = event.of
        if event.what == "plan":
            in_force = of["share_permille"], of["bound_permille"]
        elif event.what == "draft":
            drafted.add(of["recording"])
        if event.what != "bind sample":
            continue
        binding = left.pop(of["recording"], None)
        if binding is None:
            report.add_wrong(event.name, "its sample is missing from the catalog")
        elif of != binding_facts(binding, of["to"].split()):
            report.add_wrong(_about(of["recording"]), f"is not what was told by {event.name}")
        if of["recording"] in drafted:
            report.add_wrong(event.name, "comes after the draft that it was to be bound before")
        if (of["share_permille"], of["bound_permille"]) != in_force:
            report.add_wrong(event.name, "is not by the plan that was in force then")
    for recording_id in left:
        report.add_wrong(_about(recording_id), "was told by no event")


def _check_shown(
    catalog: Catalog,
    bindings: Mapping[str, Binding],
    shown: Mapping[str, Shown],
    told: Sequence[Told],
    report: Report,
) -> None:
    events: defaultdict[str, list[Told]] = defaultdict(list)
    for event in told:
        if event.what == "show seed":
            events[event.of["recording"]].append(event)
    for id_, it in shown.items():
        with report.guarded(_about(id_)):
            _check_draw(catalog, bindings[id_], it, events.pop(id_, []), report)
    for event in (event for made in events.values() for event in made):
        report.add_wrong(event.name, "its seed is missing from the catalog")


def _check_draw(
    catalog: Catalog, binding: Binding, shown: Shown, events: Sequence[Told], report: Report
) -> None:
    """Check one seed, and do its draw again; raises ForgedStore for a seed that opens nothing."""
    id_, about = shown.recording_id, _about(shown.recording_id)
    revisions = draws.count_revisions(catalog, id_, shown.after)
    facts = shown_facts(shown, revisions)
    if len(events) != 1:
        report.add_wrong(about, f"that its seed was shown was told by {len(events)} events")
    elif (events[0].of, events[0].by) != (facts, shown.by):
        report.add_wrong(about, f"its seed is not what was told by {events[0].name}")
    transcript = transcripts.get_transcript(catalog, id_)
    if shown.by in _workers(transcript.revisions[:revisions]):
        report.add_wrong(about, f"{shown.by} showed its seed, and had worked on it")
    ids = standing_after(transcript, revisions)
    drawn = sampling.draw(plan_of(binding), shown.seed, id_, ids, shown.marked)
    if (drawn.marked, drawn.drawn, drawn.rest) != (shown.marked, shown.drawn, shown.rest):
        report.add_wrong(about, "is not what its seed draws")


def _workers(revisions: Sequence[Revision]) -> set[str]:
    return {r.by for r in revisions if r.after or r.decision == Decision.ACCEPT}


def _check_signed(catalog: Catalog, report: Report) -> None:
    """What a signed document says of its sample is what the recording was bound to."""
    for id_, version, envelope in catalog.rows(
        "SELECT recording_id, version, signed FROM sign_offs ORDER BY recording_id, version"
    ):
        about = f"sign-off {version} of recording {id_} ({CATALOG})"
        with report.guarded(about):
            unlike = unlike_bound(catalog, id_, json.loads(envelope)["document"])
            if unlike:
                report.add_wrong(about, unlike)


def _about(recording_id: str) -> str:
    return f"sample of recording {recording_id} ({CATALOG})"
