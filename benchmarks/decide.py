#!/usr/bin/env python3
"""How long one decision on one segment takes in a long transcript, and opening all of it.

    python benchmarks/decide.py [--segments 2500] [--folder DISK] [--people 20]

A practice vault with one recording of about three hours: drafted with ten words a segment, forty of them
split, and every segment edited, corrected, returned, corrected and verified (but for a few hundred), each
with its event in the custody log.

Prints for each act the milliseconds (p50 and p95), the ratio of the p50 to a plain transaction of one
INSERT and one UPDATE in the same catalog with the same ``synchronous = FULL``, and how long a processor
worked in this process (on a machine busy with other things, that and the ratio tell more); then the same
acts after a signature and a new version. ``--people`` lets so many processes correct and return segments
in one vault at once, with a second between two acts of each and with none, and prints what they wait.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from made_speech import vocabulary

from confere import wiring
from confere.acts.comment import add_comment
from confere.acts.correct import Correction, correct, keep
from confere.acts.desk import Desk
from confere.acts.editing import begin_editing
from confere.acts.offload import Dock, offload_folder
from confere.acts.queue import look_closely
from confere.acts.reading import open_transcript, tell_read
from confere.acts.sign import prepare, reopen, sign
from confere.acts.split import split, undo
from confere.acts.suggest import TranslationMemory
from confere.acts.take_in import take_in
from confere.acts.verify import keep_played, return_segment, verify
from confere.domain import Segment, SpokenSegment, State, Transcript, Word, new_id
from confere.intake.outcome import Silent
from confere.review import changes, reshape
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow
from confere.vault import Vault, transcripts
from doubles.clock import FakeClock
from doubles.drafting import draft, only_window
from doubles.engines import SPEECH_RECORD, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, WRONG, SteppingClock, Study, make_study

CALLS = 60
SPLITS = 40
UNVERIFIED = 300
STEP_MS = 4_320  # 2,500 of them are three hours


class LongInterview:
    """Hears three hours without decoding any."""

    record = SPEECH_RECORD

    def __init__(self, segments: int) -> None:
        chance = random.Random(5)
        common = vocabulary(3_000, chance)  # no numbers: the checks would let nobody sign
        words = iter(lambda: chance.choice(common), None)
        self._segments = tuple(self._spoken(n, words, chance) for n in range(segments))

    @staticmethod
    def _spoken(number: int, words: Iterator[str], chance: random.Random) -> SpokenSegment:
        start = number * STEP_MS
        said = list(itertools.islice(words, 10))
        heard = tuple(
            Word(w, start + at * 400, start + at * 400 + 390, round(chance.random(), 4))
            for at, w in enumerate(said)
        )
        return SpokenSegment(start, start + STEP_MS, "pt", " ".join(said), heard, -0.2, 0.01)

    def windows(self, sound: Sound, **_: Any) -> Iterator[HeardWindow]:
        """Yield them."""
        yield only_window(len(self._segments) * STEP_MS, self._segments)


def make(folder: Path, segments: int, minutes: int = 1) -> tuple[Study, str]:
    study = make_study(folder / "vault", keys="x25519")
    write_tone(folder / "card" / "ZOOM0001.WAV", seconds=60, times=minutes)
    offload_folder(
        Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock()),
        folder / "card",
        Silent(),
        keep=False,
    )
    desk = study.desk()
    recording = take_in(desk)[0].id
    draft(desk, recording, LongInterview(segments), FakeTranslationEngine())
    desk.vault.close()
    return study, recording


class Filling:
    """Lets ivo and vera work through the whole transcript in a few transactions."""

    def __init__(self, ivo: Desk, vera: Desk, recording: str) -> None:
        self.ivo, self.vera = ivo, vera
        self.whole = transcripts.get_transcript(ivo.catalog, recording)
        self.now = {s.id: s for s in self.whole.segments}

    def work(self) -> None:
        """Do it."""
        self._split()
        for text in ("edited", "corrected"):
            self.round(self.ivo, self._correct(text))
        self.round(self.vera, self._return)
        self.round(self.ivo, self._correct("corrected again"))
        with self.vera.catalog.transaction():
            for segment in self.now.values():
                span = segment.start_ms, segment.end_ms
                transcripts.add_played(
                    self.vera.catalog, segment.recording_id, "vera", span, self.vera.now()
                )
                facts = {"recording": segment.recording_id, "start_ms": span[0], "end_ms": span[1]}
                self.vera.tell("play", facts)
        self.round(self.vera, self._verify, list(self.now)[:-UNVERIFIED])

    def finish(self) -> None:
        """Until everything is verified."""
        open_ = [s.id for s in self.now.values() if s.state is not State.VERIFIED]
        self.round(self.ivo, self._correct("done"), open_)
        self.round(self.vera, self._verify, open_)

    def round(
        self, desk: Desk, change: Callable[[Segment], Any], ids: Sequence[str] | None = None
    ) -> None:
        """Change these segments, or all."""
        with desk.catalog.transaction():
            for id_ in list(self.now) if ids is None else ids:
                made = change(self.now[id_])
                keep(desk, self.whole, [made])
                self.now[id_] = made[0]

    def _split(self) -> None:
        chosen = list(self.now.values())[:: max(1, len(self.now) // SPLITS)]
        with self.ivo.catalog.transaction():
            for s in chosen:
                made = reshape.split(
                    s,
                    "ivo",
                    self.ivo.now(),
                    seen_version=s.version,
                    new_id=new_id(),
                    at_ms=s.start_ms + STEP_MS // 2,
                    source_at=len(s.source) // 2,
                )
                keep(self.ivo, self.whole, made)
                self.now |= {part.id: part for part, _ in made}

    def _correct(self, text: str) -> Callable[[Segment], Any]:
        def change(s: Segment) -> Any:
            return changes.correct(
                s,
                "ivo",
                self.ivo.now(),
                seen_version=s.version,
                duration_ms=self.whole.recording.duration_ms,
                target=f"{s.source} {text}",
                finish=text != "edited",
            )

        return change

    def _return(self, s: Segment) -> Any:
        return changes.return_(
            s, "vera", self.vera.now(), seen_version=s.version, reason="no", error=WRONG
        )

    def _verify(self, s: Segment) -> Any:
        made = replace(self.whole, revisions=(), played={})  # what ivo did is known here
        return changes.verify(
            s, made, "vera", self.vera.now(), seen_version=s.version, unplayed_reason="there"
        )


class Taken:
    """The milliseconds that calls took: by the clock, and of the processor in this process."""

    def __init__(self, act: Callable[[Any], object], over: Sequence[Any]) -> None:
        clock, processor = [], []
        for one in over:
            start, begun = time.perf_counter(), time.process_time()
            act(one)
            clock.append((time.perf_counter() - start) * 1000)
            processor.append((time.process_time() - begun) * 1000)
        self.clock, self.processor = sorted(clock), sorted(processor)


def timed(act: Callable[[Any], object], over: Sequence[Any]) -> Taken:
    return Taken(act, over)


class Table:
    """Prints a line for each act, beside the plain transaction."""

    def __init__(self, desk: Desk) -> None:
        desk.catalog.run("CREATE TABLE plain (number INTEGER PRIMARY KEY, text TEXT, n INTEGER)")
        desk.catalog.run("INSERT INTO plain VALUES (0, 'x', 0)")
        self._plain = timed(lambda _: plain(desk), range(CALLS * 3))
        desk.catalog.run("DROP TABLE plain")
        print(f"{'milliseconds':<34} {'p50':>8} {'p95':>8} {'to plain':>9} {'processor':>10}")
        self.line("plain INSERT and UPDATE", self._plain)

    def line(self, what: str, taken: Taken) -> None:
        """Print one."""
        half, most, busy = p(taken.clock, 0.5), p(taken.clock, 0.95), p(taken.processor, 0.5)
        ratio = half / p(self._plain.clock, 0.5)
        print(f"{what:<34} {half:8.2f} {most:8.2f} {ratio:9.1f} {busy:10.2f}", flush=True)


def plain(desk: Desk) -> None:
    database = desk.catalog._database
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO plain (text, n) VALUES (?, 1)", ("x" * 300,))
    database.execute("UPDATE plain SET n = n + 1 WHERE number = 0")
    database.execute("COMMIT")


def p(taken: list[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * share))]


def decisions(table: Table, ivo: Desk, vera: Desk, recording: str, after: str = "") -> None:
    """Each act on segments where it may be done, spread over the transcript."""
    found = open_transcript(vera, recording).transcript.segments
    verified = [s.id for s in found if s.state is State.VERIFIED]
    chance = random.Random(len(after))
    chosen = chance.sample(verified, min(len(verified), 4 * CALLS))
    returned, changed, spoken, parted = (chosen[n::4] for n in range(4))

    def correction(n: int) -> Correction:
        return Correction(target=f"Something else{after}{' indeed' * n}.")

    numbered = dict(zip(changed, itertools.count(), strict=False))
    table.line(
        f"correct{after}",
        timed(lambda i: correct(ivo, recording, i, correction(numbered[i])), changed),
    )
    table.line(f"verify, played{after}", timed(lambda i: verify(vera, recording, i), changed))
    table.line(
        f"return{after}",
        timed(lambda i: return_segment(vera, recording, i, "no", WRONG), returned),
    )
    numbers = [s.number for s in chance.sample(found, len(spoken))]
    table.line(
        f"begin_editing, by number{after}",
        timed(lambda i: begin_editing(ivo, recording, i), numbers),
    )
    table.line(
        f"comment{after}", timed(lambda i: add_comment(ivo, recording, i, "Is it?"), numbers)
    )
    one = open_transcript(vera, recording).transcript.recording
    table.line(
        f"keep_played{after}",
        timed(lambda n: keep_played(vera, one, (n * 1000, n * 1000 + 900)), range(CALLS)),
    )
    if not after:
        memory = TranslationMemory(ivo)
        memory.suggest_for(recording, "1")
        table.line("suggest", timed(lambda i: memory.suggest_for(recording, i), numbers[:20]))
    parts = parted[:20]
    table.line(f"split{after}", timed(lambda i: cut(ivo, recording, i), parts))
    table.line(f"undo (of the split){after}", timed(lambda i: undo(ivo, recording, i), parts))


def cut(desk: Desk, recording: str, id_: str) -> None:
    row = desk.catalog.row("SELECT start_ms, end_ms FROM segments WHERE id = ?", (id_,))
    split(desk, recording, id_, at_ms=(row[0] + row[1]) // 2, source_at=2, target_at=2)


def reading(table: Table, desk: Desk, recording: str, after: str = "") -> None:
    table.line(
        f"open_transcript{after}", timed(lambda _: open_transcript(desk, recording), [0] * 9)
    )
    table.line(f"look_closely{after}", timed(lambda _: look_closely(desk, recording), [0] * 3))


def person(
    root: Path, recording: str, number: int, ids: list[str], pause_s: float, ready: Any
) -> list[float]:
    """One of many at work: corrects, or returns, one segment after the other, once all have sat down."""
    name = "ivo" if number % 2 else "vera"
    desk = Study(root, "", SteppingClock()).desk(name)
    other = Correction(target=f"Another{' one' * number}, {'slowly' if pause_s else 'fast'}.")

    def act(id_: str) -> None:
        if name == "ivo":
            correct(desk, recording, id_, other)
        else:
            return_segment(desk, recording, id_, "no", WRONG)

    act(ids[0])
    ready.wait()
    taken = []
    for id_ in ids[1:]:
        time.sleep(pause_s)
        taken += timed(act, [id_]).clock
    desk.vault.close()
    return taken


def many(study: Study, recording: str, people: int, desk: Desk) -> None:
    """With a pause of a second between two acts of each; and without one, the hardest that there is."""
    spawn = multiprocessing.get_context("spawn")
    for pause_s in (1.0, 0.0):
        found = open_transcript(desk, recording).transcript.segments
        ids = [s.id for s in found if s.state in {State.CORRECTED, State.VERIFIED}]
        with spawn.Manager() as manager, spawn.Pool(people) as pool:
            ready = manager.Barrier(people)
            jobs = [
                (study.root, recording, n, ids[n::people][:12], pause_s, ready)
                for n in range(people)
            ]
            taken = sorted(t for done in pool.starmap(person, jobs) for t in done)
        half, most = p(taken, 0.5), p(taken, 0.95)
        print(f"{people} people, {pause_s} s between two acts: p50 {half:.1f} p95 {most:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=2_500)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    parser.add_argument("--people", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        os.environ["XDG_STATE_HOME"] = folder + "/state"
        start = time.perf_counter()
        study, recording = make(Path(folder), given.segments)
        ivo, vera = study.desk("ivo"), study.desk("vera")
        filling = Filling(ivo, vera, recording)
        filling.work()
        whole: Transcript = transcripts.get_transcript(vera.catalog, recording)
        draft_bytes = vera.catalog.value("SELECT length(draft) FROM drafts")
        print(
            f"{len(whole.segments)} segments, {len(whole.revisions)} revisions, a draft of"
            f" {draft_bytes / 1e6:.1f} MB, {vera.vault.log.size} log entries,"
            f" made in {time.perf_counter() - start:.0f} s"
        )
        table = Table(ivo)
        reading(table, vera, recording)
        table.line("tell_read", timed(lambda _: tell_read(vera, recording), range(CALLS)))
        decisions(table, ivo, vera, recording)
        if given.people:
            many(study, recording, given.people, vera)
        found = transcripts.get_transcript(vera.catalog, recording)
        filling.now = {s.id: s for s in found.segments}
        filling.finish()
        table.line("prepare", timed(lambda _: prepare(vera, recording), [0] * 3))
        table.line("sign", timed(lambda _: sign(vera, recording, PASSPHRASE), [0]))
        table.line(
            "open_transcript, signed", timed(lambda _: open_transcript(vera, recording), [0] * 5)
        )
        table.line("reopen", timed(lambda _: reopen(vera, recording, "again"), [0]))
        reading(table, vera, recording, ", reopened")
        decisions(table, ivo, vera, recording, ", reopened")


if __name__ == "__main__":
    main()
