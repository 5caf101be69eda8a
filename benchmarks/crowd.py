#!/usr/bin/env python3
"""How long many people wait for the page who work at once, and whether anything is refused to them.

    python benchmarks/crowd.py [--people 20] [--segments 2500] [--seconds 60] [--pace 1]

A practice vault with one interview of three hours, half of it corrected. `confere serve` runs as a process
of its own, with a keeper for each person; this one is all their browsers. Half of them are interpreters,
half verifiers, and **all work at the same transcript**, which is harder than any day of a study. Each
does what the page does: asks for news every four seconds and tells every four what was played; opens a
segment every ten (three requests), saves it twice and finishes it, or verifies or returns it; and
fetches a mebibyte of sound every twenty (22 s of it), four times in five where it left off. ``--pace 2``
lets everybody work twice as fast.

Prints for each kind of request how many there were and the milliseconds (p50, p95, most), the errors, how
much of a processor the server with its keepers used for each second; and the same for one person alone, with
the ratio of the p95.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import httpx
from decide import STEP_MS, Filling, make, p

from confere.acts import setup
from confere.domain import Role
from doubles.serving import children, confere_serve
from doubles.studies import PASSPHRASE, Study

MIB = 1 << 20
A_SECOND = 48_000
HEADERS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Answers:
    """What was answered, and when it had come, by kind of request."""

    taken_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def all(self) -> list[float]:
        """Of every kind, sorted."""
        return sorted(t for kind in self.taken_ms.values() for t in kind)


class Worker:
    """One person with one browser; works until it is told to stop."""

    def __init__(self, url: str, name: str, chance: random.Random, pace: float) -> None:
        self.name = name
        self._client = httpx.AsyncClient(base_url=url, timeout=60, headers=HEADERS)
        self._own = {"Origin": url.rstrip("/")}
        self._chance = chance
        self._pace = pace
        self.answers = Answers()

    async def sign_in(self) -> None:
        """Sign in; not measured, for a passphrase is made slow on purpose."""
        answer = await self._post("/api/sign-in", {"name": self.name, "passphrase": PASSPHRASE})
        self._own["X-Confere-Token"] = answer.json()["token"]

    async def open(self, recording: str, share: slice) -> None:
        """Open the transcript, and keep every so many segments of it for oneself."""
        self._path = f"/api/recordings/{recording}"
        answer = await self._client.get(self._path, headers=self._own)
        found = answer.raise_for_status().json()
        self._cursor, self._ticket = found["cursor"], found["ticket"]
        self._length = 44 + found["duration_ms"] * 48
        self._at = 44
        await self._sound()  # a player does so to begin with
        self.answers.taken_ms.clear()
        self._at = self._chance.randrange(44, self._length - MIB)
        corrects = "interpreter" in found["me"]["roles"]
        wanted = ("draft", "edited") if corrects else ("corrected",)
        mine = [s for s in found["segments"] if s["state"] in wanted]
        self._segments = iter(mine[share])
        self._work = self._correct if corrects else self._verify

    async def work(self, seconds: float) -> None:
        """Work for so long, as four things that a page does beside each other."""
        until = time.monotonic() + seconds
        await asyncio.gather(
            self._every(4, self._news, until),
            self._every(4, self._played, until),
            self._every(20, self._sound, until),
            self._every(10, self._segment, until),
        )

    async def close(self) -> None:
        """Close the browser."""
        await self._client.aclose()

    async def _every(
        self, seconds: float, act: Callable[[], Awaitable[None]], until: float
    ) -> None:
        pause = seconds / self._pace
        await asyncio.sleep(self._chance.random() * pause)
        while time.monotonic() < until:
            await act()
            await asyncio.sleep(pause * (0.5 + self._chance.random()))

    async def _news(self) -> None:
        answer = await self._timed("news", "GET", f"{self._path}/news?cursor={self._cursor}")
        if answer is not None:
            self._cursor = answer.json()["cursor"]

    async def _played(self) -> None:
        start = self._chance.randrange(self._length // 48 - 5_000)
        told = {"start_ms": start, "end_ms": start + 3_000, "rate": 1.0}
        await self._timed("played", "POST", f"{self._path}/played", told)

    async def _sound(self) -> None:
        """Play on, or now and then elsewhere; what is waited for is the first second."""
        if self._chance.random() < 0.2:
            self._at = self._chance.randrange(44, self._length - MIB)
        headers = self._own | {"Range": f"bytes={self._at}-{self._at + MIB - 1}"}
        start, received = time.perf_counter(), 0
        async with self._client.stream(
            "GET", f"/sound/{self._ticket}", headers=headers | {"Sec-Fetch-Dest": "audio"}
        ) as answer:
            async for chunk in answer.aiter_raw():
                if received < A_SECOND <= received + len(chunk):
                    self._taken("sound, its 1st s", start)
                received += len(chunk)
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            self.answers.errors.append(f"sound: {answer.status_code}")
        self._at = min(self._at + received, self._length - MIB)

    async def _segment(self) -> None:
        segment = next(self._segments, None)
        if segment is None:
            self.answers.errors.append(f"{self.name} ran out of segments")
            return
        at = f"{self._path}/segments/{segment['id']}"
        await self._timed("open a segment", "POST", f"{at}/editing", {"open": True})
        await asyncio.gather(
            self._timed("a segment", "GET", at),
            self._timed("suggestions", "GET", f"{at}/suggestions"),
        )
        await self._work(at, segment)

    async def _correct(self, at: str, segment: dict[str, Any]) -> None:
        version = segment["version"]
        for finish in (False, False, True):
            await asyncio.sleep(2 / self._pace)
            text = f"{segment['target']} {self._chance.choice(('Well', 'Yes', 'So'))} {version}."
            told = {"version": version, "target": text, "finish": finish}
            answer = await self._timed("save", "POST", f"{at}/correct", told)
            if answer is None:
                return
            version = answer.json()["segment"]["version"]

    async def _verify(self, at: str, segment: dict[str, Any]) -> None:
        told: dict[str, Any] = {"version": segment["version"]}
        if self._chance.random() < 0.8:
            told["unplayed_reason"] = "I sat in the room."
            await self._timed("verify", "POST", f"{at}/verify", told)
        else:
            told |= {"reason": "It says more.", "kind": "omission", "severity": "major"}
            await self._timed("return", "POST", f"{at}/return", told)

    async def _timed(
        self, kind: str, method: str, path: str, told: Any = None
    ) -> httpx.Response | None:
        start = time.perf_counter()
        answer = await self._client.request(method, path, json=told, headers=self._own)
        self._taken(kind, start)
        if answer.is_success:
            return answer
        self.answers.errors.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
        return None

    def _taken(self, kind: str, start: float) -> None:
        self.answers.taken_ms[kind].append((time.perf_counter() - start) * 1000)

    async def _post(self, path: str, told: Any) -> httpx.Response:
        answer = await self._client.post(path, json=told, headers=self._own)
        return answer.raise_for_status()


def team(study: Study, people: int) -> list[tuple[str, bool]]:
    """Let so many people into the study; return each with whether they correct."""
    lena = study.desk("lena")
    found = []
    for number in range(people):
        corrects = number % 2 == 0
        name = f"{'interpreter' if corrects else 'verifier'}-{number}"
        roles = frozenset({Role.INTERPRETER if corrects else Role.VERIFIER})
        setup.add_person(lena, name, roles, PASSPHRASE)
        found.append((name, corrects))
    lena.vault.close()
    return found


async def day(
    url: str, recording: str, people: list[tuple[str, bool]], seconds: float, pace: float
) -> Answers:
    """Let these people work at once; return what they were answered."""
    workers = [
        Worker(url, name, random.Random(number), pace) for number, (name, _) in enumerate(people)
    ]
    for number, worker in enumerate(workers):
        await worker.sign_in()
        # So that nobody gets another's segment: every one in so many, of those of their own kind.
        await worker.open(recording, slice(number // 2, None, max(1, len(people) // 2)))
    await asyncio.gather(*(worker.work(seconds) for worker in workers))
    together = Answers()
    for worker in workers:
        for kind, taken in worker.answers.taken_ms.items():
            together.taken_ms[kind] += taken
        together.errors += worker.answers.errors
        await worker.close()
    return together


def processor_s(pid: int) -> float:
    """Return the seconds that a process and those it started have worked so far."""
    ticks = 0
    for one in [pid, *children(pid)]:
        stat = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def tell(answers: Answers) -> float:
    """Print what was measured; return the p95 of all."""
    print(f"{'milliseconds':<18} {'number':>7} {'p50':>8} {'p95':>8} {'most':>8}")
    for kind, taken in sorted(answers.taken_ms.items()):
        line(kind, sorted(taken))
    every = answers.all()
    line("all", every)
    print(f"errors: {len(answers.errors)}", *answers.errors[:5], sep="\n  ")
    return p(every, 0.95)


def line(kind: str, taken: list[float]) -> None:
    half, most = p(taken, 0.5), p(taken, 0.95)
    print(f"{kind:<18} {len(taken):7} {half:8.1f} {most:8.1f} {taken[-1]:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--segments", type=int, default=2_500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pace", type=float, default=1)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        os.environ["XDG_STATE_HOME"] = folder + "/state"
        study, recording = make(Path(folder), given.segments, given.segments * STEP_MS // 60_000)
        ivo, vera = study.desk("ivo"), study.desk("vera")
        filling = Filling(ivo, vera, recording)
        half = list(filling.now)[: given.segments // 2]
        filling.round(ivo, filling._correct("corrected"), half)
        ivo.vault.close()
        vera.vault.close()
        people = team(study, given.people)
        taken = []
        for some in (people[:1], people):
            with confere_serve(study.root) as server:
                start, begun = time.monotonic(), processor_s(server.process.pid)
                answers = asyncio.run(day(server.url, recording, some, given.seconds, given.pace))
                used = (processor_s(server.process.pid) - begun) / (time.monotonic() - start)
            load = os.getloadavg()[0]
            print(
                f"\n{len(some)} at work for {given.seconds:.0f} s at pace {given.pace:g}: server and"
                f" keepers {used:.2f} processors (with signing in), load {load:.1f}"
            )
            taken.append(tell(answers))
        print(f"\np95 of {len(people)} to that of one: {taken[1] / taken[0]:.1f}")


if __name__ == "__main__":
    main()
