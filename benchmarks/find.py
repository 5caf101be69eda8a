"""How long `confere find` looks in a catalog of very many segments.

    python benchmarks/find.py --segments 5000000

Makes the catalog anew in a folder of its own (about 400 bytes a segment), so that is most of the time.
Asks for rare words, for the commonest ones, for several at once and for phrases, fifty shown of each, in
the process that has the catalog open; ``again`` is the same once more. The last line reads every text
once with SQL, which is what there would be without the index.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from made_speech import speech, vocabulary

from confere.vault.catalog import Catalog
from confere.vault.search import search

POOL = 100_000  # different sentences; each segment adds one or two rare words of its own
RARE_WORDS = 1_000_000
SHOWN = 50
QUERIES = {
    "commonest word": ["não", "que", "the", "and", "a", "e"],
    "common words together": ["não que", "the and", "casa não", "water the"],
    "common, seldom together": ["enchente delegacia", "rio marido", "school police"],
    "phrase of common words": ['"tinha nada"', '"que eu"', '"I was"', '"in the"'],
}
INSERT = (
    "INSERT INTO segments (number, id, recording_id, position, start_ms, end_ms, speaker, language,"
    " source, target, state) VALUES (?, ?, ?, ?, ?, ?, 'P01', 'pt', ?, ?, 'corrected')"
)


def main() -> None:
    """Make the catalog, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        catalog = Catalog.create(Path(folder) / "catalog.db", bytes(32))
        start = time.perf_counter()
        fill(catalog, given.segments)
        size_gb = (Path(folder) / "catalog.db").stat().st_size / 1e9
        made_s = time.perf_counter() - start
        print(f"{given.segments} segments, {size_gb:.2f} GB, made in {made_s:.0f} s")
        measure(catalog)
        catalog.close()


def fill(catalog: Catalog, count: int) -> None:
    """Lay out segments, a thousand a recording, and build the search index at the end."""
    rules = catalog.rows("SELECT name, sql FROM sqlite_master WHERE name = 'segments_are_indexed'")
    catalog.run("DROP TRIGGER segments_are_indexed")  # built at once is many times faster
    catalog.run("INSERT INTO interviews (id) VALUES ('i')")
    for number in range(count // 1000 + 1):
        catalog.run(
            "INSERT INTO recordings VALUES (?, 'i', 1, '', 1, '', '', 1, '', ?, '', NULL, '')",
            (f"r{number}", f"{number:09}"),
        )
    with catalog.transaction():
        for row in rows(count):
            catalog.run(INSERT, row)
    catalog.run("INSERT INTO segment_index (segment_index) VALUES ('rebuild')")
    catalog.run(rules[0]["sql"])


def rows(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(7)
    pool, rare = list(speech(POOL, 1)), rare_words()
    for n in range(count):
        source, target = pool[chance.randrange(POOL)]
        said = f"{source} {rare[int(chance.random() ** 2 * RARE_WORDS)]}"
        yield n + 1, f"s{n}", f"r{n // 1000}", n % 1000, n, n + 1, said, target


def rare_words() -> list[str]:
    some = vocabulary(1000, random.Random(11))
    return [first + second for first in some for second in some]


def measure(catalog: Catalog) -> None:
    chance = random.Random(3)
    rare = rare_words()
    kinds = {"rare word": chance.choices(rare, k=40), **QUERIES}
    for kind, queries in kinds.items():
        times = [timed(lambda q=query: search(catalog, q, SHOWN)) for query in queries]
        again = [timed(lambda q=query: search(catalog, q, SHOWN)) for query in queries]
        print(f"{kind:24} {shown(times)}; again {shown(again)}", flush=True)
    scan = "SELECT count(*) FROM segments WHERE instr(source, ?) OR instr(target, ?)"
    print(f"{'every text read':24} {timed(lambda: catalog.value(scan, ('xyz', 'xyz'))):.0f} ms")


def timed(act: Callable[[], object]) -> float:
    """Return how many milliseconds it took."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def shown(times: list[float]) -> str:
    high = sorted(times)[int(len(times) * 0.95)]
    return f"p50 {statistics.median(times):7.1f} ms  p95 {high:7.1f} ms"


if __name__ == "__main__":
    main()
