"""Sampling plans: who is drawn, who could have known, and when all of it is verified after all."""

from __future__ import annotations

import hashlib
import math
import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from confere.crypto.canonical import canonical_json, parse_canonical
from confere.errors import BadValue, ForgedStore
from confere.review.sampling import (
    Draw,
    Outcome,
    Plan,
    Standing,
    commit,
    draw,
    left_out,
    new_seed,
    plan_of,
    stand,
    upper_limit,
    verdict,
)

SEED = bytes(range(32))
TRANSCRIPT = "3f9k2m7q1x8c5v0b"
seeds = st.binary(min_size=32, max_size=32)
ids = st.sets(st.text("0123456789abcdef", min_size=1, max_size=8), max_size=60)


def a_plan(seed: bytes = SEED, share: int = 200, bound: int = 50) -> Plan:
    """Return a plan that draws a fifth and accepts one wrong segment in twenty."""
    return Plan(share, bound, commit(seed))


def a_draw(rest: int, sample: int, marked: int = 0) -> Draw:
    """Return a draw with so many segments of each kind, named m0, s0, r0 and so on."""
    return Draw(
        frozenset(f"m{i}" for i in range(marked)),
        frozenset(f"s{i}" for i in range(sample)),
        frozenset(f"r{i}" for i in range(rest)),
    )


class TestPlan:
    def test_default_is_full(self) -> None:
        """Without a stated plan every segment is verified, and no seed is needed."""
        found = draw(Plan(), b"", TRANSCRIPT, ["a", "b"], {"b"})
        assert found.to_verify == {"a", "b"}
        assert found.rest == frozenset()

    @pytest.mark.parametrize(
        "fields",
        [
            (0, 50, "ab" * 32),
            (1001, 50, "ab" * 32),
            (200, 0, "ab" * 32),
            (200, 1000, "ab" * 32),
            (200, 50, ""),
            (200, 50, "AB" * 32),
            (1000, 50, ""),
            (1000, 0, "ab" * 32),
        ],
    )
    def test_senseless_plans(self, fields: tuple[int, int, str]) -> None:
        """A plan that draws nothing, accepts everything or names no seed cannot be stated."""
        with pytest.raises(BadValue):
            Plan(*fields)

    @settings(deadline=None)
    @given(st.integers(1, 999), st.integers(1, 999), seeds)
    def test_document(self, share: int, bound: int, seed: bytes) -> None:
        """A plan comes back from the canonical bytes that are signed."""
        plan = a_plan(seed, share, bound)
        read: Any = parse_canonical(canonical_json(plan.document()), "the plan")
        assert plan_of(read) == plan
        assert seed.hex() not in str(read)

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"kind": "full", "share_permille": 3},
            {"kind": "sampled"},
            {
                "kind": "sampled",
                "share_permille": True,
                "bound_permille": 5,
                "commitment": "a" * 64,
            },
            {"kind": "sampled", "share_permille": 1000, "bound_permille": 0, "commitment": ""},
            {"kind": "sampled", "share_permille": "9", "bound_permille": 5, "commitment": "a" * 64},
        ],
    )
    def test_broken_documents(self, document: dict[str, Any]) -> None:
        """What is no plan is refused, also when it could pass for full verification."""
        with pytest.raises(BadValue):
            plan_of(document)

    def test_full_document(self) -> None:
        """Full verification is told as such."""
        assert plan_of(Plan().document()) == Plan()


class TestDraw:
    def test_as_described(self) -> None:
        """The draw is what the module's words say, computed anew."""
        names = [f"s{i}" for i in range(200)]
        length = len(TRANSCRIPT).to_bytes(4, "big")
        begin = b"confere/sampling-draw/1\0" + SEED + length + TRANSCRIPT.encode()
        expected = {
            name
            for name in names
            if int(hashlib.sha256(begin + name.encode()).hexdigest()[:16], 16) / 2**64 < 0.2
        }
        assert draw(a_plan(), SEED, TRANSCRIPT, names).drawn == expected
        assert commit(SEED) == hashlib.sha256(b"confere/sampling-seed/1\0" + SEED).hexdigest()

    @settings(deadline=None)
    @given(seeds, st.integers(1, 999), st.sampled_from(["t1", "t2"]))
    def test_share(self, seed: bytes, share: int, transcript: str) -> None:
        """The number drawn lies within six standard deviations of the share."""
        count = 2000
        found = draw(a_plan(seed, share), seed, transcript, [f"s{i}" for i in range(count)])
        expected = count * share / 1000
        # At the edges the distribution is skewed; one for each thousand covers that.
        allowed = 6 * math.sqrt(expected * (1 - share / 1000)) + 6
        assert abs(len(found.drawn) - expected) <= allowed

    @settings(deadline=None)
    @given(seeds, ids, ids)
    def test_marked_are_always_in(self, seed: bytes, names: set[str], marked: set[str]) -> None:
        """Every marked segment is verified, marks of other transcripts are none of ours."""
        found = draw(a_plan(seed), seed, TRANSCRIPT, names, marked)
        assert marked & names <= found.to_verify <= names
        assert found.to_verify | found.rest == names
        assert not found.to_verify & found.rest

    @settings(deadline=None)
    @given(seeds, ids, st.text("0123456789abcdef", min_size=9, max_size=9))
    def test_a_changed_id_changes_its_own_draw_only(
        self, seed: bytes, names: set[str], new: str
    ) -> None:
        """Splitting or renaming one segment leaves every other segment's draw as it was."""
        assume(names)
        gone = min(names)
        before = draw(a_plan(seed), seed, TRANSCRIPT, names)
        after = draw(a_plan(seed), seed, TRANSCRIPT, names - {gone} | {new})
        assert before.drawn - {gone} == after.drawn - {new}

    @settings(deadline=None)
    @given(seeds, ids, ids)
    def test_marks_do_not_move_the_draw(
        self, seed: bytes, names: set[str], marked: set[str]
    ) -> None:
        """Marking a segment adds it, and neither draws nor saves another."""
        plain = draw(a_plan(seed), seed, TRANSCRIPT, names)
        assert draw(a_plan(seed), seed, TRANSCRIPT, names, marked).drawn == plain.drawn

    def test_transcripts_differ(self) -> None:
        """The same segment id in two transcripts is two draws, wherever the ids are cut."""
        names = [f"s{i}" for i in range(300)]
        plan = a_plan(share=500)
        assert draw(plan, SEED, "t", names).drawn != draw(plan, SEED, "u", names).drawn
        shifted = draw(plan, SEED, "ts", [name[1:] for name in names]).drawn
        assert {f"s{name}" for name in shifted} != draw(plan, SEED, "t", names).drawn

    @settings(deadline=None)
    @given(seeds, seeds)
    def test_nobody_chooses_the_seed_afterwards(self, seed: bytes, other: bytes) -> None:
        """A seed that the plan was not bound to draws nothing."""
        assume(seed != other)
        with pytest.raises(ForgedStore):
            draw(a_plan(seed), other, TRANSCRIPT, ["a"])

    @pytest.mark.parametrize("seed", [b"", SEED[:-1], SEED + b"\0"])
    def test_seeds_of_another_length(self, seed: bytes) -> None:
        """A seed that could be guessed, or lengthened, is none."""
        with pytest.raises(BadValue):
            commit(seed)
        with pytest.raises(ForgedStore):
            draw(a_plan(), seed, TRANSCRIPT, ["a"])

    def test_new_seeds(self) -> None:
        """Every plan has a seed of its own."""
        assert len({new_seed() for _ in range(20)} | {SEED}) == 21


class TestUpperLimit:
    @pytest.mark.parametrize(
        ("wrong", "checked", "expected"),
        [(0, 59, 0.0495), (0, 10, 0.2589), (1, 10, 0.3942), (5, 100, 0.1023), (0, 1, 0.95)],
    )
    def test_tables(self, wrong: int, checked: int, expected: float) -> None:
        """The limits are those of the printed tables; without errors it is 1 - 0.05^(1/n)."""
        assert upper_limit(wrong, checked) == pytest.approx(expected, abs=5e-5)
        assert upper_limit(0, checked) == pytest.approx(1 - 0.05 ** (1 / checked))

    @settings(deadline=None)
    @given(st.integers(1, 300), st.data())
    def test_it_keeps_its_promise(self, checked: int, data: st.DataObject) -> None:
        """At its own limit, so few errors have a probability of exactly one in twenty."""
        wrong = data.draw(st.integers(0, checked - 1))
        share = upper_limit(wrong, checked)
        assert wrong / checked < share <= 1
        probability = sum(
            math.comb(checked, k) * share**k * (1 - share) ** (checked - k)
            for k in range(wrong + 1)
        )
        assert probability == pytest.approx(0.05, rel=1e-6)

    def test_nothing_checked_excludes_nothing(self) -> None:
        """Where nothing was checked, or all was wrong, everything may be wrong."""
        assert upper_limit(0, 0) == upper_limit(7, 7) == 1.0


class TestVerdict:
    def test_enough(self) -> None:
        """59 segments without an error are what a bound of 5 % takes."""
        found = a_draw(rest=300, sample=59)
        said = verdict(a_plan(), found, found.to_verify, set())
        assert (said.outcome, said.sample, said.checked, said.wrong) == (Outcome.ENOUGH, 59, 59, 0)
        assert said.upper < 0.05
        assert a_plan().least_drawn == 59

    def test_one_fewer_is_full(self) -> None:
        """58 segments cannot show it, so everything is verified whatever is found in them."""
        assert verdict(a_plan(), a_draw(300, 58), set(), set()).outcome is Outcome.FULL

    def test_too_many_errors(self) -> None:
        """An error rate that may be above the bound leads back to full verification."""
        found = a_draw(rest=300, sample=100)
        checked = found.to_verify
        assert verdict(a_plan(), found, checked, {"s0"}).outcome is Outcome.ENOUGH
        assert verdict(a_plan(), found, checked, {"s0", "s1"}).outcome is Outcome.FULL

    def test_not_before_all_was_checked(self) -> None:
        """A sample that looks good half-way is checked to its end."""
        found = a_draw(rest=300, sample=100, marked=4)
        most = set(sorted(found.to_verify)[1:])
        assert verdict(a_plan(), found, most, set()).outcome is Outcome.GO_ON

    def test_full_as_soon_as_it_is_certain(self) -> None:
        """Nobody checks a sample to its end that cannot save the rest any more."""
        found = a_draw(rest=300, sample=100)
        assert verdict(a_plan(), found, {"s0", "s1"}, {"s0", "s1"}).outcome is Outcome.FULL

    def test_errors_in_marked_segments_do_not_count(self) -> None:
        """Marked segments are wrong more often; they say nothing about the others."""
        found = a_draw(rest=300, sample=59, marked=40)
        said = verdict(a_plan(), found, found.to_verify, found.marked)
        assert (said.outcome, said.wrong) == (Outcome.ENOUGH, 0)

    def test_nothing_left_out(self) -> None:
        """Where everything is looked at anyway there is nothing to infer."""
        found = a_draw(rest=0, sample=3, marked=5)
        assert verdict(a_plan(), found, found.to_verify, {"s0"}).outcome is Outcome.ENOUGH
        assert verdict(a_plan(), found, {"s0"}, {"s0"}).outcome is Outcome.GO_ON

    def test_full_plan(self) -> None:
        """Full verification is done when the last segment is."""
        found = draw(Plan(), b"", TRANSCRIPT, ["a", "b"])
        assert verdict(Plan(), found, {"a"}, set()).outcome is Outcome.GO_ON
        assert verdict(Plan(), found, {"a", "b"}, {"a"}).outcome is Outcome.ENOUGH

    @settings(deadline=None)
    @given(st.integers(1, 400), st.integers(1, 999), st.data())
    def test_it_is_the_limit_against_the_bound(
        self, sample: int, bound: int, data: st.DataObject
    ) -> None:
        """A finished sample is enough just when its upper limit is not above the bound."""
        wrong = data.draw(st.integers(0, sample))
        found = a_draw(rest=10, sample=sample)
        said = verdict(a_plan(bound=bound), found, found.drawn, {f"s{i}" for i in range(wrong)})
        assume(abs(said.upper - bound / 1000) > 1e-9)
        assert (said.outcome is Outcome.ENOUGH) == (said.upper < bound / 1000)


@pytest.mark.parametrize("trial", range(40))
def test_the_short_way_leaves_out_the_same(trial: int) -> None:
    """`left_out`, by which the queue counts, and `stand`, by which is signed."""
    chance = random.Random(trial)
    seed = chance.randbytes(32)
    plan = Plan(chance.choice((300, 600)), chance.choice((200, 500, 800)), commit(seed))
    ids = [f"s{n}" for n in range(chance.choice((8, 30)))]

    def some(share: float) -> frozenset[str]:
        return frozenset(i for i in [*ids, "new"] if chance.random() < share)

    then = draw(plan, seed, "r", ids, some(0.1) - {"new"})
    gone = some(0.02) if trial % 4 == 0 else frozenset()
    now = frozenset([*ids, "new"]) - gone
    changed = some(0.1) | gone
    it = Standing(now, changed, some(0.1) & now, some(0.7) & now)
    sample = stand(plan, seed, "r", then, it)
    full = sample.verdict.outcome is Outcome.FULL
    assert left_out(plan, then, it) == (frozenset() if full else sample.draw.rest)
    assert sample.spared <= left_out(plan, then, it)
    assert not sample.spared & (it.doubted | changed | (now - frozenset(ids)))
