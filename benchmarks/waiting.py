#!/usr/bin/env python3
"""How long the queue takes of 10,000 recordings with 20 segments each, in every stage.

    python benchmarks/waiting.py [RECORDINGS]

The rows are written straight into the catalog of a real vault, through all of its triggers;
two thirds of those being verified are samples whose seed was shown. Prints, for a
verifier, an interpreter, somebody who is both, and a lead: the milliseconds of the act (p50 and p95 of 30
calls) for the first 100, as the command shows them, for those that concern who asks, and for all; what it
takes in a catalog just opened (nothing of it in SQLCipher's cache, all of it in the system's; median of
5); and the ratio to the plain counting of segments by recording and state, and to reading id and time of
every recording.
"""

from __future__ import annotations

import functools
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from confere.acts import setup
from confere.acts.desk import Desk
from confere.acts.queue import queue
from confere.domain import Role, new_id
from confere.review import sampling
from confere.review.sampling import Plan
from confere.vault import draws
from confere.vault.catalog import Catalog
from doubles.studies import PASSPHRASE, Study, make_study

SEGMENTS = 20
SEED = bytes(range(32))
REVISION = "segment_id, version, by, at, decision, before, after, reason, nonce"
CALLS, COLD_CALLS = 30, 5
STATES = ("draft", "edited", "corrected", "needs work", "verified")
PLAIN = "SELECT recording_id, state, count(*) FROM segments GROUP BY recording_id, state"
LEAST = "SELECT id, offloaded_at FROM recordings WHERE duplicate_of IS NULL ORDER BY offloaded_at"


def fill(catalog: Catalog, recordings: int) -> None:
    chance = random.Random(20261122)
    day = "2026-{:02}-{:02}T{:02}:00:00.000Z"
    with catalog.transaction():
        for number in range(recordings):
            at = day.format(number % 12 + 1, number % 28 + 1, number % 24)
            one_recording(catalog, number, at, chance)
            if number % 500 == 499:
                print(f"\r{number + 1} of {recordings} recordings", end="", file=sys.stderr)
    print(file=sys.stderr)


def one_recording(catalog: Catalog, number: int, at: str, chance: random.Random) -> None:
    """One tenth waits for the machine, one fifth is signed, the rest is on the way."""
    id_, interview = new_id(), new_id()
    run = catalog.run
    run("INSERT INTO interviews (id) VALUES (?)", (interview,))
    run(
        "INSERT INTO recordings (id, interview_id, part, name, size_bytes, sha256, sealed_sha256,"
        " duration_ms, recorded_at, offloaded_at, note) VALUES (?, ?, 1, 'a.wav', 1, ?, ?, 60000, ?, ?, ?)",
        (id_, interview, new_id() * 4, new_id() * 4, at, at, "{}" + " " * 900),
    )
    stage = number % 10
    if stage == 0:
        return
    sampled = stage in (5, 6)
    if sampled:
        draws.add_binding(catalog, draws.Binding(id_, 500, 500, sampling.commit(SEED), b"", at))
    run("INSERT INTO drafts VALUES (?, '{}', ?, zeroblob(32))", (id_, at))
    segments = []
    for position in range(1, SEGMENTS + 1):
        # 1 to 3: being corrected; 4 to 6: being verified; 7: to be signed; 8 and 9: signed.
        choice = STATES[:4] if stage < 4 else STATES[2::2] if stage < 7 else STATES[4:]
        segments.append(one_segment(catalog, id_, position, chance.choice(choice), at, chance))
    if sampled:
        show(catalog, id_, segments, at)
    if stage > 7:
        lock(catalog, id_, at)
    elif chance.random() < 0.3:
        name = chance.choice(["ivo", "vera", "wanda"])
        run("INSERT INTO assignments VALUES (?, ?, 'lena', ?, '2026-12-01')", (id_, name, at))
    if chance.random() < 0.3:
        run(
            "INSERT INTO comments VALUES (NULL, ?, ?, 's', 'ivo', ?, '[\"vera\"]', 'Is it?', zeroblob(32))",
            (new_id(), id_, at),
        )


def one_segment(
    catalog: Catalog, id_: str, position: int, state: str, at: str, chance: random.Random
) -> str:
    segment = new_id()
    decisions = {
        "draft": (),
        "edited": (("edit", "ivo", '{"source": "x"}'),),
        "corrected": (("accept", chance.choice(["ivo", "bia"]), "{}"),),
        "needs work": (("accept", "ivo", "{}"), ("return", "vera", "{}")),
        "verified": (("accept", "ivo", "{}"), ("verify", chance.choice(["vera", "wanda"]), "{}")),
    }[state]
    catalog.run(
        "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker, language, source,"
        " target, state, version) VALUES (?, ?, ?, ?, ?, 'P01', ?, 'Bom dia.', 'Good day.', ?, ?)",
        (
            segment,
            id_,
            position,
            position * 3000,
            position * 3000 + 2900,
            "en" if position % 4 == 0 else "pt",
            state,
            len(decisions),
        ),
    )
    for version, (decision, by, after) in enumerate(decisions, 1):
        catalog.run(
            f"INSERT INTO revisions ({REVISION}) VALUES (?, ?, ?, ?, ?, '{{}}', ?, '', zeroblob(32))",
            (segment, version, by, at, decision, after),
        )
    return segment


def show(catalog: Catalog, id_: str, segments: list[str], at: str) -> None:
    plan = Plan(500, 500, sampling.commit(SEED))
    drawn = sampling.draw(plan, SEED, id_, segments, frozenset(segments[:2]))
    after = draws.last_revision(catalog)
    lists = drawn.marked, drawn.drawn, drawn.rest
    draws.add_shown(catalog, draws.Shown(id_, SEED, after, *lists, "vera", at))


def lock(catalog: Catalog, id_: str, at: str) -> None:
    catalog.run(
        f"INSERT INTO revisions ({REVISION})"
        " SELECT id, version + 1, 'vera', ?, 'sign', '{}', '{}', '', zeroblob(32)"
        " FROM segments WHERE recording_id = ?",
        (at, id_),
    )
    catalog.run(
        "UPDATE segments SET state = 'locked', version = version + 1 WHERE recording_id = ?", (id_,)
    )
    catalog.run("INSERT INTO sign_offs VALUES (?, 1, x'00', ?)", (id_, at))


def milliseconds(act: Callable[[], object], calls: int) -> list[float]:
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)


def cold(desk: Desk, act: Callable[[], object]) -> float:
    """Open the catalog anew before each call; the system has the file in its own cache."""
    taken = []
    kept = desk.vault.catalog
    for _ in range(COLD_CALLS):
        desk.vault.catalog = Catalog(kept._path, kept._key)
        taken += milliseconds(act, 1)
        desk.vault.catalog.close()
    desk.vault.catalog = kept
    return statistics.median(taken)


def main() -> None:
    recordings = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder + "/state"
        study = make_study(Path(folder) / "vault")
        lead = study.desk()
        setup.add_person(lead, "wanda", frozenset({Role.VERIFIER}), PASSPHRASE)
        both = frozenset({Role.VERIFIER, Role.INTERPRETER})
        setup.add_person(lead, "bia", both, PASSPHRASE)
        fill(lead.catalog, recordings)
        size = lead.catalog.value("SELECT count(*) FROM segments")
        lead.vault.close()
        print(f"{recordings} recordings, {size} segments; milliseconds")
        measure(study)


def measure(study: Study) -> None:
    print(
        f"{'who':<6} {'what':<12} {'p50':>7} {'p95':>7} {'cold':>7} {'to plain':>9} {'to rows':>8}"
    )
    asked: dict[str, dict[str, Any]] = {
        "first 100": {"limit": 100},
        "mine": {"mine": True, "limit": 100},
        "everything": {},
    }
    for name in ("vera", "ivo", "bia", "lena"):
        desk = study.desk(name)
        plain, least = (
            p50(milliseconds(functools.partial(desk.catalog.rows, query), CALLS))
            for query in (PLAIN, LEAST)
        )
        for what, options in asked.items():
            act = functools.partial(queue, desk, **options)
            chilled, taken = cold(desk, act), milliseconds(act, CALLS)
            half, most = p50(taken), taken[int(len(taken) * 0.95)]
            told = f"{name:<6} {what:<12} {half:7.1f} {most:7.1f} {chilled:7.1f}"
            print(f"{told} {half / plain:9.2f} {half / least:8.1f}")
        desk.vault.close()


def p50(taken: list[float]) -> float:
    return taken[len(taken) // 2]


if __name__ == "__main__":
    main()
