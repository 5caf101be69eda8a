"""Which amounts of two texts have no counterpart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from confere.review.checks.numbers.amounts import Amount, Mention

MOST_READINGS = 256  # of both texts together; after that the first readings count


def unmatched(
    source: Sequence[Mention], target: Sequence[Mention]
) -> tuple[list[Amount], list[Amount]]:
    """Return the amounts of each text that the other lacks, in the reading that leaves fewest.

    What stands twice in one text and once in the other is no loss: people repeat themselves.
    """
    best: tuple[list[Amount], list[Amount]] | None = None
    for left, right in _readings(source, target):
        rest = _Matching(left, right).rest()
        if best is None or len(rest[0]) + len(rest[1]) < len(best[0]) + len(best[1]):
            best = rest
        if not (best[0] or best[1]):
            break
    return best or ([], [])


def _readings(
    source: Sequence[Mention], target: Sequence[Mention]
) -> Iterator[tuple[list[Amount], list[Amount]]]:
    ways = product(*(mention.ways for mention in (*source, *target)))
    for chosen in islice(ways, MOST_READINGS):
        left = [amount for way in chosen[: len(source)] for amount in way]
        yield left, [amount for way in chosen[len(source) :] for amount in way]


@dataclass
class _Matching:
    """Amounts of two texts paired by value, strict ones first (augmenting paths)."""

    source: list[Amount]
    target: list[Amount]
    of_source: dict[int, int] = field(default_factory=dict)
    of_target: dict[int, int] = field(default_factory=dict)

    def rest(self) -> tuple[list[Amount], list[Amount]]:
        """Pair, and return the strict amounts that are left on each side."""
        for index, amount in enumerate(self.source):
            if amount.strict:
                self._augment(
                    index, self.source, self.target, self.of_source, self.of_target, set()
                )
        for index, amount in enumerate(self.target):
            if amount.strict and index not in self.of_target:
                self._augment(
                    index, self.target, self.source, self.of_target, self.of_source, set()
                )
        return _left(self.source, self.of_source), _left(self.target, self.of_target)

    def _augment(
        self,
        index: int,
        here: list[Amount],
        there: list[Amount],
        of_here: dict[int, int],
        of_there: dict[int, int],
        tried: set[int],
    ) -> bool:
        for other, amount in enumerate(there):
            if other in tried or not here[index].values & amount.values:
                continue
            tried.add(other)
            if other not in of_there or self._augment(
                of_there[other], here, there, of_here, of_there, tried
            ):
                of_here[index], of_there[other] = other, index
                return True
        return False


def _left(amounts: list[Amount], paired: dict[int, int]) -> list[Amount]:
    known = {value for index in paired for value in amounts[index].values}
    return [
        amount
        for index, amount in enumerate(amounts)
        if amount.strict and index not in paired and not amount.values & known
    ]
