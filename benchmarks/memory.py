"""How long the translation memory takes to suggest, over very many verified pairs, and what it misses.

    python benchmarks/memory.py --pairs 100000

Asks with texts of the pairs mistyped (a character in fifteen), with their beginnings gone on otherwise,
with texts of a word or two, and with nothing but common words. Prints the time of one suggestion, from
text to scored pairs, in the process that has the catalog open; then what the plain way takes, `rapidfuzz`
over all pairs held in memory, and how long reading them there takes first. ``missed`` is how often the
plain way finds a better best.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from made_speech import speech
from rapidfuzz import fuzz, process

from confere.translate.memory import LEAST_SCORE, MOST_SUGGESTIONS, best_matches, normalise
from confere.vault.catalog import Catalog
from confere.vault.memory_pairs import PairIndex

EACH = 200
COMMON = [
    "eu não sei o que é isso não", "não é que eu não queira", "o que é que a gente vai fazer",
    "ele não quer mais saber de mim", "a gente não tinha nada", "é o que eu sempre digo",
]  # fmt: skip
INSERT = (
    "INSERT INTO segments (number, id, recording_id, position, start_ms, end_ms, speaker, language,"
    " source, target, state) VALUES (?1, 's' || ?1, 'r', ?1, 0, 1, 'P01', 'pt', ?2, ?3, 'verified')"
)


def main() -> None:
    """Make the catalog, ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    given = parser.parse_args()
    pairs = list(speech(given.pairs, 1))
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog.create(Path(folder) / "catalog.db", bytes(32))
        fill(catalog, pairs)
        size = (Path(folder) / "catalog.db").stat().st_size / 1e6
        print(
            f"{len(pairs)} pairs, {len({p[0] for p in pairs})} different; catalog of {size:.0f} MB"
        )
        measure(catalog, queries(pairs))
        catalog.close()


def fill(catalog: Catalog, pairs: Sequence[tuple[str, str]]) -> None:
    """Lay the pairs out as segments, a hundred in a transaction: the index grows as it does in a study."""
    catalog.run("INSERT INTO interviews (id) VALUES ('i')")
    catalog.run(
        "INSERT INTO recordings VALUES ('r', 'i', 1, '', 1, '', '', 1, '', '', '', NULL, '')"
    )
    for start in range(0, len(pairs), 100):
        with catalog.transaction():
            for number, (source, target) in enumerate(pairs[start : start + 100], start + 1):
                catalog.run(INSERT, (number, source, target))


def queries(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    chance = random.Random(5)
    long = [source for source, _ in pairs if len(source) >= 16]
    short = [source for source, _ in pairs if len(source) < 16]
    parts = [(chance.choice(long).split(), chance.choice(long).split()) for _ in range(EACH)]
    return {
        "mistyped": [mistyped(chance.choice(long), chance) for _ in range(EACH)],
        "gone on otherwise": [" ".join(w[: max(3, len(w) * 85 // 100)] + o[:1]) for w, o in parts],
        "a word or two": [mistyped(chance.choice(short), chance) for _ in range(EACH)],
        "common words": COMMON * 10,
    }


def mistyped(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(max(1, len(text) // 15)):
        at = chance.randrange(len(letters))
        letters[at : at + chance.randrange(2)] = chance.choice(["", *"aeiourst"])
    return "".join(letters)


def measure(catalog: Catalog, asked: dict[str, list[str]]) -> None:
    start = time.perf_counter()
    known = [r["source"] for r in catalog.rows("SELECT source FROM segments")]
    bodies = [normalise(source).body for source in known]
    loaded_ms = (time.perf_counter() - start) * 1000
    index = PairIndex(catalog)
    ours: list[float] = []
    plain: list[float] = []
    missed = found = 0
    for kind, texts in asked.items():
        times = []
        for text in texts:
            start = time.perf_counter()
            shortlist = index.shortlist(normalise(text).body, "en")
            best = best_matches(text, [pair.source for pair in shortlist])[:MOST_SUGGESTIONS]
            times.append((time.perf_counter() - start) * 1000)
            start = time.perf_counter()
            all_best = plain_best(text, bodies)
            plain.append((time.perf_counter() - start) * 1000)
            found += bool(all_best)
            missed += min(int(all_best), 99) > (best[0].score if best else 0)
        ours += times
        print(f"{kind:20} {shown(times)}")
    print(f"{'all':20} {shown(ours)}")
    print(f"{'plain way':20} {shown(plain)}, after {loaded_ms:.0f} ms of reading all pairs")
    ratio = statistics.median(ours) / statistics.median(plain)
    print(f"ours / plain way     {ratio:.2f}; missed {missed} of {found} best")


def plain_best(text: str, bodies: Sequence[str]) -> float:
    """Return the best score among all pairs, 0 for none."""
    best = process.extract(
        normalise(text).body,
        bodies,
        scorer=fuzz.ratio,
        score_cutoff=LEAST_SCORE,
        limit=MOST_SUGGESTIONS,
    )
    return best[0][1] if best else 0.0


def shown(times: Sequence[float]) -> str:
    high = sorted(times)[int(len(times) * 0.95)]
    return f"p50 {statistics.median(times):6.1f} ms  p95 {high:6.1f} ms  max {max(times):6.1f} ms"


if __name__ == "__main__":
    main()
