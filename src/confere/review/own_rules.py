"""What a signed document must keep to by its own words, whoever made it and with whatever program.

A signature proves who signed, not that they kept the rules: a verifier's own program could sign anything.
So everything that can be told from the document alone is asked of it again, at every opening here and by
any stranger (``scripts/verify_transcript.py`` asks the same). Rules for this file: a document in, an error
out or nothing; a field that is missing or of another kind raises whatever Python raises for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from confere.domain import Coverage
from confere.errors import ForgedStore
from confere.review import sampling
from confere.review.history import enough
from confere.review.sampling import Draw, Outcome, Plan

_FULL: Final[Mapping[str, Any]] = {"kind": "full"}


def require_rules(document: Mapping[str, Any]) -> None:
    """Refuse a document whose own words break the rules that it was signed under.

    Raises ForgedStore; KeyError, TypeError, ValueError, AttributeError or BadValue for fields that are
    not what they must be.
    """
    for wrong in (*_of_segments(document), *_of_all(document)):
        raise ForgedStore(
            f"{document['verifier']['name']} signed {wrong} against the rules of verification",
            "The signature holds, but it was not made by Confere. Tell the lead.",
        )


def _of_all(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of the whole is not as it must be."""
    segments, counts, drafted = document["segments"], document["counts"], document["draft"]
    positions = [s["position"] for s in segments]
    if positions != sorted(set(positions)):
        yield "segments that are not in their order"
    if len({s["id"] for s in segments}) != len(segments):
        yield "one segment twice"
    if document["correctors"] != sorted({n for s in segments for n in _workers(s)}):
        yield "other people than worked on it"
    if document["practice"] != any(drafted[step]["practice"] for step in ("speech", "translation")):
        yield "a practice transcript"
    if counts["segments"] != len(segments):
        yield "another number of segments"
    if document["format"] == 1:
        return
    if counts["verified"] != sum(bool(s["verified_by"]) for s in segments):
        yield "another number of verified segments"
    if type(document["played_percent"]) is not int or not 1 <= document["played_percent"] <= 100:
        yield "a share to be played that is none"
    if document["checks_open"]["error"]:
        yield "what a check sees as an error"
    if not all(it["by"] and it["reason"].strip() for it in document["checks_dismissed"]):
        yield "a dismissed check without a reason"
    if bool(document["previous"]) != (document["version"] > 1):
        yield "a version that follows none"


def _of_segments(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of single segments is not as it must be: each has had two people, or is left out."""
    verifier = document["verifier"]["name"]
    percent = document["played_percent"] if document["format"] > 1 else 100
    played = Coverage.of((start, end) for start, end in document["verifier"]["played"])
    duration_ms = document["recording"]["duration_ms"]
    spared = _spared(document)
    if spared is None:
        yield "a sample that was not drawn so, or has too many wrong segments,"
        return
    for segment in document["segments"]:
        end_ms = min(segment["end_ms"], duration_ms)
        span = min(segment["start_ms"], end_ms), end_ms
        counted = segment["playable_ms"], segment["played_ms"]
        right = counted == (span[1] - span[0], played.within(*span))
        heard = enough(counted[1], counted[0], percent) or segment["unplayed_reason"].strip()
        verified = segment["verified_by"] == verifier and segment["verified_at"] and heard
        left_out = not segment["verified_by"] and segment["id"] in spared
        workers = _workers(segment)
        if not (right and workers and verifier not in workers and (verified or left_out)):
            yield f"segment {segment['id']}"
    if not document["segments"] and not played.covers(0, duration_ms):
        yield "that nothing is said"


def _workers(segment: Mapping[str, Any]) -> list[str]:
    workers: list[str] = segment["authors"] + segment["accepted_by"]
    return workers


def _spared(document: Mapping[str, Any]) -> Collection[str] | None:
    """Return the segments that the plan of a document leaves out, or None if its sample is not true.

    Anybody can do the draw again from the document alone: the seed opens the commitment, whoever was drawn or
    marked is not left out, and so few wrong ones in so large a sample refute the bound.
    """
    told: Mapping[str, Any] = document["plan"] if document["format"] > 1 else _FULL
    if told == _FULL or told["outcome"] != Outcome.ENOUGH:
        return ()
    names = ("kind", "share_permille", "bound_permille", "commitment")
    plan = sampling.plan_of({name: told[name] for name in names})
    ids, marked = [s["id"] for s in document["segments"]], frozenset(told["marked"])
    drawn = sampling.draw(
        plan, bytes.fromhex(told["seed"]), document["recording"]["id"], ids, marked
    )
    judged = {s["id"] for s in document["segments"] if s["errors"]}
    wrong = told["wrong"]
    honest = len(drawn.sample) == told["sample"] and len(judged & drawn.sample) <= wrong
    return drawn.rest if honest and _is_enough(plan, drawn, wrong) else None


def _is_enough(plan: Plan, drawn: Draw, wrong: int) -> bool:
    if not 0 <= wrong <= len(drawn.sample):
        return False
    found = frozenset(sorted(drawn.sample)[:wrong])  # how many is what counts, not which
    return sampling.verdict(plan, drawn, drawn.to_verify, found).outcome is Outcome.ENOUGH
