"""How long the word list takes to look at a whole study: what a change touches, what recurs.

    python benchmarks/words.py --recordings 200 --segments 700

Every segment is open; two in five have a corrected source, one in two a corrected target, and some
corrections recur. Prints, in the process that has the catalog open, the processor time of reading the
texts and of looking: for an entry that was added, for a list of 300, and for the proposals.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from made_speech import speech

from confere.domain import WordEntry, WordStatus
from confere.review.drafted import DraftAndFinal
from confere.review.words import Reach, proposals
from confere.vault.catalog import Catalog
from confere.vault.texts import DraftedText, OpenText, drafted_texts, open_texts

MISHEARD = [("guarapuava", "guarda puava"), ("utinga", "o tinga"), ("carnaíba", "carne aí bá")]
T = TypeVar("T")
Made = tuple[str, str, str, str]  # drafted source and target, source and target


def main() -> None:
    """Make the catalog, look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=200)
    parser.add_argument("--segments", type=int, default=700)
    given = parser.parse_args()
    made = list(corrected(given.recordings * given.segments))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.db"
        catalog = Catalog.create(path, bytes(32))
        fill(catalog, made, given.segments)
        catalog.close()
        print(f"{len(made)} segments; catalog of {path.stat().st_size / 1e6:.0f} MB")
        measure(Catalog(path, bytes(32)), made)


def corrected(count: int) -> list[Made]:
    """Return segments as they were drafted and as they stand."""
    chance = random.Random(3)
    found = []
    for source, target in speech(count, 1):
        if chance.randrange(50) == 0:
            name, heard = chance.choice(MISHEARD)
            found.append((f"{source} em {heard}", target, f"{source} em {name}", target))
            continue
        found.append(
            (
                changed(source, chance) if chance.random() < 0.4 else source,
                changed(target, chance) if chance.random() < 0.5 else target,
                source,
                target,
            )
        )
    return found


def changed(text: str, chance: random.Random) -> str:
    """Return a text with one to three words swapped, as an engine mishears and mistranslates."""
    words = text.split()
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(words))
        words[at] = chance.choice(words) + chance.choice(("", "s", "ndo", "r"))
    return " ".join(words)


def fill(catalog: Catalog, made: Sequence[Made], segments: int) -> None:
    """Lay them out, a recording in a transaction, with a revision for each that was corrected."""
    catalog.run("INSERT INTO interviews (id) VALUES ('i')")
    for start in range(0, len(made), segments):
        recording = f"r{start // segments:015}"
        with catalog.transaction():
            catalog.run(
                "INSERT INTO recordings VALUES (?, 'i', 1, '', 1, '', '', 1, '', '', '', NULL, '')",
                (recording,),
            )
            for position, one in enumerate(made[start : start + segments], 1):
                _put(catalog, recording, start + position, position, one)


def _put(catalog: Catalog, recording: str, number: int, position: int, one: Made) -> None:
    draft = dict(zip(("source", "target"), one[:2], strict=True))
    now = dict(zip(("source", "target"), one[2:], strict=True))
    before = {name: text for name, text in draft.items() if now[name] != text}
    catalog.run(
        "INSERT INTO segments (number, id, recording_id, position, start_ms, end_ms, speaker,"
        " language, source, target, state) VALUES (?1, 's' || ?1, ?2, ?3, 0, 1, 'P', 'pt', ?4, ?5,"
        " 'corrected')",
        (number, recording, position, now["source"], now["target"]),
    )
    if before:
        after = {name: now[name] for name in before}
        catalog.run(
            "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce)"
            " VALUES ('s' || ?1, 1, 'ivo', '', 'correct', ?2, ?3, x'00')",
            (number, json.dumps(before), json.dumps(after)),
        )


def measure(catalog: Catalog, made: Sequence[Made]) -> None:
    texts = timed("reading what is open", lambda: open_texts(catalog))
    one = [WordEntry("agente de saúde", "health worker", WordStatus.REQUIRED)]
    chance = random.Random(4)
    terms = [chance.choice(made)[2].split()[:2] for _ in range(300)]
    many = [WordEntry(" ".join(term), "x", WordStatus.KEEP) for term in terms]
    for name, entries in (("looking for 1 entry", one), ("looking for 300 kept", many)):
        found = timed(name, lambda entries=entries: touched(entries, texts))  # type: ignore[misc]
        print(f"{'':24} {found} segments")
    rows = timed("reading drafts", lambda: drafted_texts(catalog))
    found_ = timed("proposals", lambda: proposals(map(both, rows)))
    print(f"{'':24} {len(found_)}: {', '.join(p.after for p in found_[:5])}")


def touched(entries: Sequence[WordEntry], texts: Sequence[OpenText]) -> int:
    reach = Reach(entries)
    return sum(bool(reach.entries_in(text.source, text.target)) for text in texts)


def both(row: DraftedText) -> DraftAndFinal:
    drafts, now = (row.draft_source, row.draft_target), (row.source, row.target)
    return DraftAndFinal(row.segment_id, row.language, *drafts, *now)


def timed(name: str, act: Callable[[], T]) -> T:
    start = time.process_time()
    done = act()
    print(f"{name:24} {time.process_time() - start:6.2f} s")
    return done


if __name__ == "__main__":
    main()
