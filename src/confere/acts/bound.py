"""Whether what a signed document says of its sample is what the recording was bound to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confere.review.sampling import Plan
from confere.vault import draws
from confere.vault.catalog import Catalog
from confere.vault.draws import Binding, Shown

_PLAN = ("share_permille", "bound_permille", "commitment")


def plan_of(binding: Binding) -> Plan:
    """Return the plan that a recording is bound to; raises BadValue for what is none."""
    return Plan(binding.share_permille, binding.bound_permille, binding.commitment)


def unlike_bound(catalog: Catalog, recording_id: str, document: Mapping[str, Any]) -> str:
    """Return what a document tells of its sample that is not so, or nothing.

    One that was verified to the end, with or without a plan, tells of none. Whether plan and seed are
    those that were told, `acts/plan` and the audit look at.
    """
    if document.get("plan", {"kind": "full"})["kind"] == "full":
        return ""
    binding = draws.get_binding(catalog, recording_id)
    shown = draws.get_shown(catalog, recording_id)
    return _unlike(document, binding, shown)


def _unlike(document: Mapping[str, Any], binding: Binding | None, shown: Shown | None) -> str:
    told = document["plan"]
    if binding is None or shown is None:
        return "tells of a sample, and the recording has none"
    if {name: told[name] for name in _PLAN} | {"kind": "sampled"} != plan_of(binding).document():
        return "tells of another plan than the recording was bound to"
    ids = {segment["id"] for segment in document["segments"]}
    if told["seed"] != shown.seed.hex() or not shown.marked & ids <= set(told["marked"]):
        return "tells of another draw than the recording's"
    return ""
