"""How much is verified: the plan in force, what it means, and what came of it in each recording."""

from __future__ import annotations

from typing import Any

from confere.acts import plan as acts
from confere.acts.plan import Look
from confere.domain import Role
from confere.errors import BadValue
from confere.review.sampling import Outcome, least_drawn, require_shares
from confere.vault import draws
from confere.vault.draws import Stated
from confere.web.answers.naming import Names
from confere.web.sitting import Sitting


def plan(sitting: Sitting) -> dict[str, Any]:
    """Return the plan in force, those before it, and the recordings that are bound to one."""
    desk, names = sitting.desk, Names(sitting)
    shown = {s.recording_id: s for s in draws.list_every_shown(desk.catalog)}
    return {
        "in_force": _stated(acts.in_force(desk)),
        "before": [_stated(one) for one in reversed(draws.list_plans(desk.catalog)[:-1])],
        "recordings": [
            {
                "recording": b.recording_id,
                "name": names.of(b.recording_id),
                "share": b.share_permille / 10,
                "bound": b.bound_permille / 10,
                "bound_at": b.at,
                "shown_by": shown[b.recording_id].by if b.recording_id in shown else "",
                "shown_at": shown[b.recording_id].at if b.recording_id in shown else "",
            }
            for b in draws.list_bindings(desk.catalog)
        ],
        "lead": Role.LEAD in desk.person.roles,
        "draws": bool(desk.person.roles & {Role.LEAD, Role.VERIFIER}),
    }


def plan_means(sitting: Sitting, share: float, bound: float) -> dict[str, int]:
    """Return what a plan would mean, before anybody states it; raises BadValue."""
    require_shares(*_permilles(share, bound))
    return _least(*_permilles(share, bound))


def state_plan(sitting: Sitting, share: float, bound: float) -> dict[str, Any]:
    """State a plan, in per cent; 100 and 0 is everything."""
    acts.state_plan(sitting.desk, *_permilles(share, bound))
    return plan(sitting)


def plan_of_recording(sitting: Sitting, recording: str) -> dict[str, Any]:
    """Return what a recording is bound to, and what came of it."""
    return _look(acts.look_at_plan(sitting.desk, recording))


def draw_sample(sitting: Sitting, recording: str) -> dict[str, Any]:
    """Show the seed of a recording whose correction is done, and so draw."""
    return _look(acts.show_seed(sitting.desk, recording))


def _permilles(share: float, bound: float) -> tuple[int, int]:
    found = round(share * 10), round(bound * 10)
    if any(abs(one * 10 - n) > 1e-6 for one, n in zip((share, bound), found, strict=True)):
        raise BadValue("a percentage has at most one decimal", "As in 12.5.")
    return found


def _stated(stated: Stated) -> dict[str, Any]:
    least = (
        {"least": 0, "whole": 0}
        if stated.full
        else _least(stated.share_permille, stated.bound_permille)
    )
    return {
        "number": stated.number,
        "full": stated.full,
        "share": stated.share_permille / 10,
        "bound": stated.bound_permille / 10,
        "by": stated.by,
        "at": stated.at,
        **least,
    }


def _least(share_permille: int, bound_permille: int) -> dict[str, int]:
    """``least``: how many must be drawn; ``whole``: shorter transcripts are verified whole."""
    least = least_drawn(bound_permille)
    return {"least": least, "whole": -(-least * 1000 // share_permille)}


def _look(look: Look) -> dict[str, Any]:
    sample, binding, shown = look.sample, look.binding, look.shown
    verdict = sample.verdict if sample else None
    rest = len(sample.draw.rest) if sample else 0
    all_ = len(look.transcript.segments)
    return {
        "recording": look.transcript.recording.id,
        "bound": binding is not None,
        "shown_by": shown.by if shown else "",
        "seed": shown.seed.hex() if shown else "",
        "segments": all_,
        "to_verify": all_ - rest,
        "marked": len(sample.draw.marked) if sample else 0,
        "sample": verdict.sample if verdict else 0,
        "checked": verdict.checked if verdict else 0,
        "wrong": verdict.wrong if verdict else 0,
        "upper": verdict.upper if verdict else None,
        "outcome": (verdict.outcome or Outcome.FULL).value if verdict else "",
    }
