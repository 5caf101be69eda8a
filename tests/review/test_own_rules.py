"""Documents under a good signature that break a rule: refused by Confere and by the strangers' script."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from confere import review
from confere.crypto.canonical import canonical_json
from confere.domain import ErrorKind, Judgement, Severity
from confere.errors import ConfereError, DamagedObject, ForgedStore
from confere.review import sampling
from confere.review.document import Previous, statement
from confere.review.sampling import Draw, Outcome, Plan, Standing
from review.scenes import (
    AT,
    INES,
    KEY,
    KEY_TEXT,
    RECORDING,
    VERA,
    WANDA,
    Desk,
    a_segment,
    a_verified_desk,
    key_of,
)

_FILE = Path(__file__).parents[2] / "scripts/verify_transcript.py"
_SPEC = importlib.util.spec_from_file_location("verify_transcript", _FILE)
assert _SPEC and _SPEC.loader
script = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(script)

SEED = bytes(range(32))
PLAN = Plan(500, 600, sampling.commit(SEED))
HEAVY = Judgement(ErrorKind.NEGATION, Severity.MEANING)


def a_sample(desk: Desk) -> sampling.Sample:
    """What came of the plan so far: nothing was marked, and errors count from the first revision on."""
    ids = frozenset(desk.ids)
    drawn = sampling.draw(PLAN, SEED, RECORDING.id, ids)
    wrong = frozenset(r.segment_id for r in desk.transcript.revisions if r.error)
    verified = frozenset(s.id for s in desk.transcript.segments if s.state == "verified")
    standing = Standing(ids, wrong, frozenset(), verified)
    return sampling.stand(PLAN, SEED, RECORDING.id, drawn, standing)


def a_sampled_desk() -> Desk:
    """Sixteen segments; those that are drawn are verified, and nothing was wrong with them."""
    desk = Desk(*(a_segment(n, start_ms=n * 3_000, end_ms=n * 3_000 + 2_000) for n in range(16)))
    for segment_id in desk.ids:
        desk.correct(segment_id)
    desk.play(VERA)
    for segment_id in sorted(a_sample(desk).draw.to_verify):
        desk.verify(segment_id)
    return desk


def refused(document: dict[str, Any]) -> ConfereError:
    """Sign a document with the verifier's own key; both refuse it. Returns Confere's reason."""
    envelope = review.sign(document, KEY).envelope
    with pytest.raises((ForgedStore, DamagedObject)) as found:
        review.check(envelope, key_of)
    with pytest.raises(script.Wrong):
        script.check(envelope, KEY_TEXT)
    return found.value


def good(document: dict[str, Any]) -> None:
    """Both find it good."""
    envelope = review.sign(document, KEY).envelope
    assert review.check(envelope, key_of).document == document
    assert script.check(envelope, KEY_TEXT) == document


def all_keys(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Change the first segment."""
    return lambda document: document["segments"][0].update(change)


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "its own author": all_keys({"authors": [VERA]}),
    "its own acceptor": all_keys({"accepted_by": [VERA]}),
    "nobody before": lambda d: (
        d["segments"][0].update(authors=[], accepted_by=[]),
        d.update(correctors=[INES]),
    ),
    "verified by another": all_keys({"verified_by": WANDA}),
    "verified by nobody": all_keys({"verified_by": "", "verified_at": ""}),
    "verified never": all_keys({"verified_at": ""}),
    "played less": all_keys({"played_ms": 8_999}),
    "hardly anything to be played": all_keys({"playable_ms": 0, "played_ms": 0}),
    "played beyond what was": lambda d: d["verifier"].update(played=[[0, 5]]),
    "a reason of spaces": lambda d: (
        d["verifier"].update(played=[]),
        [s.update(played_ms=0, unplayed_reason=" ") for s in d["segments"]],
    ),
    "no share to be played": lambda d: d.update(played_percent=0),
    "a share of more than all": lambda d: d.update(played_percent=101),
    "a segment twice": lambda d: d["segments"].append({**d["segments"][1], "position": 7}),
    "another order": lambda d: d["segments"].reverse(),
    "other correctors": lambda d: d.update(correctors=[INES, WANDA]),
    "fewer segments counted": lambda d: d["counts"].update(segments=1),
    "more verified counted": lambda d: d["counts"].update(verified=3),
    "practice untold": lambda d: d["draft"]["speech"].update(practice=True),
    "an open error": lambda d: d["checks_open"].update(error=1),
    "dismissed without a reason": lambda d: d.update(
        checks_dismissed=[
            {
                "segment": "seg0", "check": "numbers.differ", "level": "error", "message": "m",
                "by": INES, "at": "", "reason": " ",
            }
        ]
    ),
    "follows nothing": lambda d: d.update(version=2),
    "a first one that follows": lambda d: d.update(previous={"version": 1}),
    "left out without a plan": lambda d: (
        d["segments"][0].update(verified_by="", verified_at=""),
        d["counts"].update(verified=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", BROKEN)
def test_full_verification(way: str) -> None:
    """Each rule broken by itself, under a signature that holds."""
    document = copy.deepcopy(a_verified_desk().document())
    good(document)
    BROKEN[way](document)
    refused(document)


def test_that_nothing_is_said() -> None:
    """Only by somebody who played it to its end."""
    desk = Desk()
    desk.transcript = replace(desk.transcript, segments=())
    desk.play(VERA)
    document = desk.document()
    good(document)
    document["verifier"]["played"] = [[0, 59_999]]
    assert "nothing is said" in str(refused(document))


@pytest.mark.parametrize("percent", [1, 50, 79, 80, 100])
def test_a_share_of_the_sound(percent: int) -> None:
    """What the study asks for stands in the document, and in what is stated."""
    desk = Desk(a_segment(0, end_ms=10_000))
    desk.correct("seg0")
    desk.play(VERA, (0, percent * 100))
    desk.verify("seg0", played_percent=percent)
    document = desk.document(played_percent=percent)
    good(document)
    assert (f"{percent} %" in document["statement"]["en"]) is (percent != 100)
    document["verifier"]["played"] = [[0, percent * 100 - 1]]
    document["segments"][0]["played_ms"] -= 1
    refused(document)


def test_every_statement_says_something_else() -> None:
    """Whole or by a sample, everything played or a share: in both languages."""
    for language in ("en", "pt"):
        said = {
            statement(sampled=sampled, played_percent=percent)[language]
            for sampled in (False, True)
            for percent in (100, 80)
        }
        assert len(said) == 4
        assert not any("{" in text for text in said)


class TestSampled:
    def test_good(self) -> None:
        """The draw done again, by both; what nobody verified is named, in words too."""
        document = a_sampled_desk().sign(sample=a_sample(a_sampled_desk())).document
        good(dict(document))
        left = [s for s in document["segments"] if not s["verified_by"]]
        assert document["counts"]["verified"] == 16 - len(left) < 16
        assert document["plan"]["outcome"] == Outcome.ENOUGH
        assert "were not verified by anybody" in document["statement"]["en"]
        assert {s["verified_at"] for s in left} == {""}

    @pytest.mark.parametrize(
        "change",
        [
            {"seed": "00" * 32},
            {"seed": "00"},
            {"commitment": "00" * 32},
            {"sample": 3},
            {"wrong": 5},
            {"wrong": 99},
            {"wrong": -1},
            {"bound_permille": 100},
            {"bound_permille": 1_000},
            {"bound_permille": 0},
            {"share_permille": 1},
            {"share_permille": 1_000},
            {"outcome": "full"},
            {"outcome": "go on"},
            {"kind": "full"},
            {"marked": ["seg1", "seg3", "seg5", "seg7"]},
        ],
    )
    def test_another_plan(self, change: dict[str, Any]) -> None:
        """Nothing of a plan can be made to suit."""
        desk = a_sampled_desk()
        document = desk.document(sample=a_sample(desk))
        document["plan"] |= change
        refused(document)

    def test_what_was_drawn_left_out(self) -> None:
        """Who signs cannot leave out another one instead."""
        desk = a_sampled_desk()
        document = desk.document(sample=a_sample(desk))
        verified = next(s for s in document["segments"] if s["verified_by"])
        other = next(s for s in document["segments"] if not s["verified_by"])
        for name in ("verified_by", "verified_at"):
            verified[name], other[name] = other[name], verified[name]
        refused(document)

    def test_errors_that_are_not_counted(self) -> None:
        """Segments of the sample tell of errors, and the plan of none."""
        desk = a_sampled_desk()
        document = desk.document(sample=a_sample(desk))
        drawn = [s for s in document["segments"] if s["verified_by"]]
        error = {"by": VERA, "at": "", "decision": "return", "kind": "number", "severity": "minor"}
        drawn[0]["errors"] = [error]
        refused(document)

    def test_a_worker_of_what_is_left_out(self) -> None:
        """Who signs worked on none of it, on the unverified ones neither; and somebody did."""
        desk = a_sampled_desk()
        document = desk.document(sample=a_sample(desk))
        left = next(s for s in document["segments"] if not s["verified_by"])
        left["accepted_by"] = [VERA]
        refused(document)
        left["accepted_by"] = []
        refused(document)

    def test_too_many_wrong_ones(self) -> None:
        """Then all of it is verified, and signed as whole; the plan still tells what was found."""
        desk = a_sampled_desk()
        drawn = sorted(a_sample(desk).draw.sample)
        for segment_id in drawn[:4]:
            desk.return_(segment_id, error=HEAVY)
            desk.correct(segment_id, target="Said anew.")
            desk.verify(segment_id)
        for segment_id in desk.ids:
            if desk[segment_id].state != "verified":
                desk.verify(segment_id)
        sample = a_sample(desk)
        assert sample.verdict.outcome is Outcome.FULL
        document = desk.document(sample=sample)
        good(document)
        assert document["errors"] == {"negation": {"changes the meaning": 4}}
        assert "every segment of this transcript, in" in document["statement"]["en"]
        document["segments"][0].update(verified_by="", verified_at="")
        document["counts"]["verified"] -= 1
        refused(document)

    def test_nothing_left_out(self) -> None:
        """With everything drawn or marked nothing is left to be judged: both find it good."""
        desk = a_verified_desk()
        marked = frozenset(desk.ids)
        drawn = sampling.draw(PLAN, SEED, RECORDING.id, marked, marked)
        standing = Standing(marked, frozenset(), frozenset(), marked)
        sample = sampling.stand(PLAN, SEED, RECORDING.id, drawn, standing)
        assert isinstance(drawn, Draw)
        assert sample.verdict.outcome is Outcome.ENOUGH
        good(desk.document(sample=sample))


def test_errors_are_counted_once() -> None:
    """However the segment was split afterwards: both parts tell of it, the count does not double."""
    desk = a_verified_desk()
    first = desk.return_("seg0", error=HEAVY)
    (kept, cut), (part, born) = review.split(
        first, INES, AT, seen_version=first.version, new_id="part", at_ms=4_000,
        source_at=6, target_at=6,
    )  # fmt: skip
    desk.transcript = replace(
        desk.transcript,
        segments=tuple(replace(s, position=n) for n, s in enumerate((kept, part, desk["seg1"]), 1)),
        revisions=(*desk.transcript.revisions, cut, born),
    )
    for segment_id in ("seg0", "part"):
        desk.correct(segment_id)
        desk.verify(segment_id)
    document = desk.document()
    assert [len(s["errors"]) for s in document["segments"]] == [1, 1, 0]
    assert document["errors"] == {"negation": {"changes the meaning": 1}}


def test_a_second_version_names_the_first() -> None:
    """By its digest; a stranger who has both compares them."""

    desk = a_verified_desk()
    first = desk.sign()
    desk.reopen()
    second = desk.sign(previous=Previous(1, first.digest, "Lena", AT, "misheard"))
    good(dict(second.document))
    assert second.document["version"] == 2
    assert second.document["previous"]["sha256"] == first.digest
    assert json.loads(canonical_json(second.document))["segments"] == first.document["segments"]
