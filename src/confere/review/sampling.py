"""Which segments must be verified: all of them, or by a plan that nobody can bend afterwards.

The default is full verification. A study may state a plan instead: every segment that is marked, and
a random share of all segments, drawn from a seed. Three things make the draw honest:

* The plan, with the SHA-256 of a secret seed of 32 random bytes, is in the custody log before there
  is a draft to draw from. Segment ids are random and come with the draft, so nobody can have looked
  for a seed that leaves out a certain segment, and nobody can change the seed later.
* The seed stays secret until the correction is done: who knows it, knows what will not be looked at.
  Each transcript has its own, and after it was shown whatever is changed is verified (``stand``).
* Each segment's draw is SHA-256 over the seed and its own ids alone. A segment that is split, joined
  or added changes no other segment's draw, and anybody who is shown the seed can do the draw again.

The verdict on a sample is a one-sided exact binomial test (Clopper and Pearson, Biometrika 26:404,
1934): what was not looked at stays so only if a share of wrong segments above the bound is refuted
with 95 % confidence; otherwise everything is verified. Exact rather than Wilson's interval, because
the question is asked close to no errors at all, where Wilson's upper limit promises more than it
keeps. Only segments that came by the draw and are not marked are counted: marked ones are no random
sample of anything. That the rest is finite would allow for a smaller limit; leaving this out errs on
the side of more verification.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import math
import secrets
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from confere.errors import BadValue, ForgedStore

SEED_BYTES: Final = 32
CONFIDENCE: Final = 0.95  # one-sided
_SEED_LABEL: Final = b"confere/sampling-seed/1\0"
_DRAW_LABEL: Final = b"confere/sampling-draw/1\0"


class Outcome(StrEnum):
    """What follows from what was verified so far."""

    GO_ON = "go on"
    ENOUGH = "enough"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of a transcript is verified; ``Plan()`` is all of it.

    ``share_permille`` of all segments are drawn (1 to 999); more than ``bound_permille`` of wrong
    segments in what is not looked at is not accepted (1 to 999); ``commitment`` is the SHA-256 of
    the seed, lower-case hex. Whole numbers, because the sign-off signs them. Raises BadValue.
    """

    share_permille: int = 1000
    bound_permille: int = 0
    commitment: str = ""

    def __post_init__(self) -> None:
        if self.full:
            if self.bound_permille or self.commitment:
                raise BadValue("full verification has neither a bound nor a seed")
            return
        require_shares(self.share_permille, self.bound_permille)
        if len(self.commitment) != 64 or set(self.commitment) - set("0123456789abcdef"):
            raise BadValue("the commitment to the seed is 64 hexadecimal digits, in lower case")

    @property
    def full(self) -> bool:
        """Whether every segment is verified."""
        return self.share_permille == 1000

    @property
    def least_drawn(self) -> int:
        """How many drawn segments it takes to be satisfied; none for full verification."""
        return 0 if self.full else least_drawn(self.bound_permille)

    def document(self) -> Mapping[str, str | int]:
        """Return the plan as the plan's event and the sign-off hold it."""
        if self.full:
            return {"kind": "full"}
        return {
            "kind": "sampled",
            "share_permille": self.share_permille,
            "bound_permille": self.bound_permille,
            "commitment": self.commitment,
        }


@dataclass(frozen=True, slots=True)
class Draw:
    """What a plan makes of one transcript: ids of segments.

    ``marked`` and ``drawn`` overlap: the draw is over all segments. ``rest`` is in neither.
    """

    marked: frozenset[str]
    drawn: frozenset[str]
    rest: frozenset[str]

    @property
    def to_verify(self) -> frozenset[str]:
        """What must be verified in any case."""
        return self.marked | self.drawn

    @property
    def sample(self) -> frozenset[str]:
        """What was drawn and is not marked: it alone tells something about the rest."""
        return self.drawn - self.marked


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows, and from what: ``wrong`` of ``checked`` segments of a ``sample``.

    ``upper`` is the share of wrong segments that cannot be excluded at 95 %, from 0 to 1.
    """

    outcome: Outcome
    sample: int
    checked: int
    wrong: int
    upper: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What came of the plan of one transcript: its seed is shown, and so far this was verified."""

    plan: Plan
    seed: bytes
    draw: Draw
    verdict: Verdict

    @property
    def spared(self) -> frozenset[str]:
        """The ids of segments that may be signed without having been verified."""
        return self.draw.rest if self.verdict.outcome is Outcome.ENOUGH else frozenset()


def require_shares(share_permille: int, bound_permille: int) -> None:
    """Refuse what is no sampling plan: both lie between 0.1 and 99.9 %. Raises BadValue."""
    if not 1 <= share_permille <= 999:
        raise BadValue("the share that is drawn lies between 0.1 and 99.9 %")
    if not 1 <= bound_permille <= 999:
        raise BadValue("the bound for wrong segments lies between 0.1 and 99.9 %")


def least_drawn(bound_permille: int) -> int:
    """Return how many drawn segments it takes to be satisfied, if none of them is wrong.

    A plan that draws fewer from a transcript ends in full verification whatever is found.
    """
    return math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-bound_permille / 1000))


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Return the plan that ``Plan.document`` told; raises BadValue."""
    if dict(document) == {"kind": "full"}:
        return Plan()
    fields = {name: value for name, value in document.items() if name != "kind"}
    numbers = [fields.get(name) for name in ("share_permille", "bound_permille")]
    right = (
        document.get("kind") == "sampled"
        and set(fields) == {"share_permille", "bound_permille", "commitment"}
        and all(type(number) is int and number < 1000 for number in numbers)
        and isinstance(fields["commitment"], str)
    )
    if not right:
        raise BadValue("this is no sampling plan")
    return Plan(**fields)


def new_seed() -> bytes:
    """Return 32 random bytes for one plan; a secret until the correction is done."""
    return secrets.token_bytes(SEED_BYTES)


def commit(seed: bytes) -> str:
    """Return what a plan tells of its seed; raises BadValue for a seed of another length.

    The seed's own 256 random bits hide it, so that a plain hash is a commitment.
    """
    if len(seed) != SEED_BYTES:
        raise BadValue(f"a seed has {SEED_BYTES} bytes")
    return hashlib.sha256(_SEED_LABEL + seed).hexdigest()


def draw(
    plan: Plan,
    seed: bytes,
    transcript_id: str,
    segment_ids: Iterable[str],
    marked: Set[str] = frozenset(),
) -> Draw:
    """Return which segments the plan wants verified.

    Each segment is drawn for itself, so that the number drawn varies a little about the share.
    Full verification needs no seed: give ``b""``. Raises ForgedStore for a seed that is not the one
    that the plan is bound to.
    """
    ids = frozenset(segment_ids)
    marks = ids & marked
    if plan.full:
        return Draw(marks, ids, frozenset())
    require_seed(plan, seed)
    drawn = frozenset(i for i in ids if _is_drawn(seed, transcript_id, i, plan.share_permille))
    return Draw(marks, drawn, ids - marks - drawn)


def require_seed(plan: Plan, seed: bytes) -> None:
    """Refuse a seed that is not the plan's; raises ForgedStore."""
    if len(seed) != SEED_BYTES or not hmac.compare_digest(commit(seed), plan.commitment):
        raise ForgedStore(
            "the seed of the sample is not the one that its plan was bound to",
            "What was drawn from it proves nothing. Verify every segment, and tell the lead.",
        )


def verdict(plan: Plan, drawn: Draw, checked: Set[str], wrong: Set[str]) -> Verdict:
    """Return what follows from the segments that were verified.

    ``checked`` are those that were verified or found wrong, ``wrong`` those whose draft the verifier
    changed or returned. One decision is taken, when the whole sample was checked: to look again and
    again until the figure suits is to choose it. Only ``FULL`` may come earlier, as soon as even a
    faultless remainder could not turn it.
    """
    sample = drawn.sample
    seen, errors = len(sample & checked), len(sample & checked & wrong)
    upper = upper_limit(errors, seen)
    needed = drawn.to_verify | (drawn.rest if plan.full else frozenset())
    if plan.full or not drawn.rest:
        outcome = Outcome.ENOUGH if needed <= checked else Outcome.GO_ON
    elif not _refuted(errors, len(sample), plan.bound_permille / 1000):
        outcome = Outcome.FULL
    elif not needed <= checked:
        outcome = Outcome.GO_ON
    else:
        outcome = Outcome.ENOUGH
    return Verdict(outcome, len(sample), seen, errors, upper)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a transcript stands whose seed was shown; sets of segments by id.

    ``now`` are the segments that stand, ``changed`` those about which anything but a verification was
    decided since, by anybody. ``doubted`` is what must be verified as it is now, whatever was drawn, and
    ``verified`` what was.
    """

    now: Set[str]
    changed: Set[str]
    doubted: Set[str]
    verified: Set[str]


def stand(plan: Plan, seed: bytes, transcript_id: str, then: Draw, it: Standing) -> Sample:
    """Return what came of a plan: ``then`` is what was drawn when the seed was shown.

    What is marked since is verified, but leaves the sample only as an error: who sees what was drawn could
    otherwise take what is wrong out of it. So any change of a drawn segment counts as an error, and one
    that was merged away, which nobody can count any more, ends in full verification.
    """
    before = then.marked | then.drawn | then.rest
    later = it.doubted | it.changed | (it.now - before)
    marked = frozenset((then.marked | (later - then.drawn)) & it.now)
    drawn = draw(plan, seed, transcript_id, it.now, marked)
    found = verdict(plan, drawn, it.verified | it.changed, it.changed)
    if then.sample - it.now:
        found = replace(found, outcome=Outcome.FULL)
    return Sample(plan, seed, drawn, found)


def left_out(plan: Plan, then: Draw, it: Standing) -> frozenset[str]:
    """Return what need not be verified, unless more errors are found: ``stand`` in short, and quick.

    The same segments as the rest of ``stand``, or none where its outcome is full verification.
    """
    sample = then.sample
    found = len(sample & it.changed)
    if sample - it.now or not _refuted(found, len(sample), plan.bound_permille / 1000):
        return frozenset()
    return (then.rest & it.now) - it.doubted - it.changed


def upper_limit(wrong: int, checked: int) -> float:
    """Return the one-sided 95 % Clopper-Pearson limit of a share of ``wrong`` in ``checked``."""
    if not 0 <= wrong <= checked:
        raise ValueError("more wrong than checked")
    if wrong == checked:
        return 1.0
    low, high = wrong / checked, 1.0
    for _ in range(60):  # halvings: beyond the precision of a float
        middle = (low + high) / 2
        if _refuted(wrong, checked, middle):
            high = middle
        else:
            low = middle
    return high


@functools.lru_cache(4096)
def _refuted(wrong: int, checked: int, share: float) -> bool:
    """Whether so few wrong ones in the sample refute a true share of ``share`` or more."""
    return _at_most(wrong, checked, share) <= 1 - CONFIDENCE


def _at_most(wrong: int, checked: int, share: float) -> float:
    """Return the probability of at most ``wrong`` in ``checked`` independent draws."""
    if share >= 1:
        return 1.0 if wrong >= checked else 0.0
    logs = (
        math.lgamma(checked + 1)
        - math.lgamma(k + 1)
        - math.lgamma(checked - k + 1)
        + k * math.log(share)
        + (checked - k) * math.log1p(-share)
        for k in range(wrong + 1)
    )
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def _is_drawn(seed: bytes, transcript_id: str, segment_id: str, share_permille: int) -> bool:
    """Whether the first 64 bits of the segment's digest, as a fraction of 1, are below the share.

    The transcript's id goes in with its length before it, so that no two pairs of ids are one text.
    """
    transcript = transcript_id.encode()
    hashed = hashlib.sha256(_DRAW_LABEL + seed + len(transcript).to_bytes(4, "big"))
    hashed.update(transcript + segment_id.encode())
    number = int.from_bytes(hashed.digest()[:8], "big")
    return number * 1000 < share_permille << 64
