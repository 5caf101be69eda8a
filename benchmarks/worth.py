#!/usr/bin/env python3
"""How long `confere worth` takes of a whole study: 200 signed transcripts of 700 segments.

    python benchmarks/worth.py [--transcripts N] [--segments N] [--changed PERCENT]

Makes the study in a folder of its own, through the catalog's triggers, each transcript really signed: two
seconds and more for each, so that 20 tell as much. The drafts are made-up speech, of which so many segments
have words that were changed, lost or put in. Prints the seconds, passed and of one core, of measuring the
study, of its figures with their intervals and of the points of the plot; and three ratios of the same run:
to only opening the same transcripts (signatures checked, as every reading does), of those that the process
has measured before, and of measuring to counting with the libraries' own functions, segment by segment.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import jiwer
from made_speech import Pair, speech
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from confere import wiring
from confere.acts import worth
from confere.acts.desk import Desk, iso
from confere.acts.offload import Dock, offload_folder
from confere.acts.reading import open_transcript, signed_file
from confere.acts.take_in import take_in
from confere.crypto import encrypt
from confere.domain import (
    Draft,
    EngineRecord,
    Segment,
    SpokenSegment,
    State,
    Transcription,
    Word,
    new_id,
)
from confere.intake.outcome import Silent
from confere.review import changes, document, sign_off
from confere.review.document import Terms
from confere.review.drafted import drafted
from confere.review.worth import combined, figures
from confere.vault import Vault, register, transcripts
from doubles.clock import FakeClock
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, make_study

SEGMENT_MS = 5_000
T = TypeVar("T")


def spoilt(text: str, tail: Sequence[str], chance: random.Random) -> str:
    """Return a text as a machine may have it: a tenth of its words wrong, lost or too many."""
    words = []
    for word in text.split():
        dice = chance.random()
        if dice < 0.05:
            words.append(chance.choice(tail))
        elif dice >= 0.08:
            words.append(word)
        if dice > 0.98:
            words.append(chance.choice(tail))
    return " ".join(words)


def a_study(root: Path, count: int) -> tuple[Desk, Desk, list[str]]:
    """Make a vault with recordings; return the lead's desk, the verifier's, and the ids."""
    study = make_study(root / "vault")
    for number in range(count):
        write_tone(root / "card" / f"{number:04}.wav", seconds=0.2, pitch_hz=200 + number)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, root / "card", Silent(), keep=False)
    lead = study.desk("lena")
    return lead, study.desk("vera"), [r.id for r in take_in(lead)]


def one_transcript(
    desk: Desk, id_: str, pairs: Sequence[Pair], chance: random.Random, share: float
) -> None:
    """Draft, correct, verify and sign one, with the decisions of an afternoon."""
    tail = [word for pair in pairs[:50] for word in pair[0].split()]
    at = datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(days=chance.randrange(300))
    drafts = [
        tuple(spoilt(t, tail, chance) for t in pair) if chance.random() < share else pair
        for pair in pairs
    ]
    segments = [a_segment(id_, n, *texts) for n, texts in enumerate(drafts, 1)]
    register.set_duration(desk.catalog, id_, len(pairs) * SEGMENT_MS)
    transcripts.add_draft(desk.catalog, id_, a_draft(segments, iso(at)), segments)
    untouched = transcripts.get_transcript(desk.catalog, id_)
    for segment, (source, target) in zip(untouched.segments, pairs, strict=True):
        at += timedelta(seconds=chance.randrange(5, 90))
        now, revision = changes.correct(
            segment,
            "ivo",
            iso(at),
            seen_version=0,
            duration_ms=untouched.recording.duration_ms,
            source=source,
            target=target,
        )
        transcripts.save_revision(desk.catalog, now, revision)
        later = iso(at + timedelta(days=1))
        now, revision = changes.verify(
            now, untouched, "vera", later, seen_version=1, unplayed_reason="sat in the room"
        )
        transcripts.save_revision(desk.catalog, now, revision)
    sign(desk, id_, iso(at + timedelta(days=2)))


def sign(desk: Desk, id_: str, at: str) -> None:
    transcript = transcripts.get_transcript(desk.catalog, id_)
    key = desk.vault.sign_off_key(PASSPHRASE)
    value = document.build_document(
        transcript,
        Terms(),
        study={"id": desk.roster.study_id, "name": "Prova", "protocol": "verbatim"},
        previous=None,
        verifier="vera",
        verifier_key=str(key.verify_key),
        signed_at=at,
        software_version="0",
        target_language="en",
    )
    signed = sign_off.sign(value, key)
    for segment in transcript.segments:
        transcripts.save_revision(desk.catalog, *changes.lock(segment, "vera", at))
    transcripts.add_sign_off(desk.catalog, id_, 1, signed.envelope, at)
    recipient = desk.vault.recording_key(id_).recipient
    desk.vault.locked.storage.write(signed_file(id_, 1), encrypt(signed.envelope, [recipient]))


def a_segment(id_: str, number: int, source: str, target: str) -> Segment:
    start = (number - 1) * SEGMENT_MS
    return Segment(
        new_id(), id_, number, start, start + 4_900, "P01", "pt", source, target, State.DRAFT, 0
    )


def a_draft(segments: Sequence[Segment], at: str) -> Draft:
    heard = [
        SpokenSegment(
            s.start_ms,
            s.end_ms,
            "pt",
            s.source,
            tuple(Word(word, s.start_ms, s.end_ms, 0.9) for word in s.source.split()),
            -0.2,
            0.01,
        )
        for s in segments
    ]
    record = EngineRecord("fake", "1", "fake", "0" * 64, True, {})
    transcription = Transcription(segments[-1].end_ms, tuple(heard))
    return Draft(transcription, tuple(s.target for s in segments), record, record, at)


def timed(what: str, act: Callable[[], T]) -> tuple[T, float]:
    start, busy = time.perf_counter(), time.process_time()
    found = act()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"  {what:36} {seconds:7.2f} s, {busy:7.2f} s of one core", flush=True)
    return found, busy


def libraries(desk: Desk, ids: Sequence[str]) -> int:
    """Count with jiwer and sacrebleu as they come, segment by segment; return how many."""
    chrf, ter, count = CHRF(), TER(), 0
    for id_ in ids:
        for it in drafted(open_transcript(desk, id_).transcript):
            jiwer.process_words(it.source.lower(), it.draft_source.lower())
            chrf.sentence_score(it.draft_target, [it.target])
            ter.sentence_score(it.draft_target, [it.target])
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transcripts", type=int, default=200)
    parser.add_argument("--segments", type=int, default=700)
    parser.add_argument(
        "--changed", type=int, default=60, help="per cent of segments (default: 60)"
    )
    options = parser.parse_args()
    chance = random.Random(20261122)
    with tempfile.TemporaryDirectory() as folder:
        lead, verifier, ids = a_study(Path(folder), options.transcripts)
        pairs = speech(options.transcripts * options.segments, seed=1)
        for number, id_ in enumerate(ids, 1):
            some = [next(pairs) for _ in range(options.segments)]
            with verifier.catalog.transaction():
                one_transcript(verifier, id_, some, chance, options.changed / 100)
            print(f"\r{number} of {len(ids)} transcripts", end="", file=sys.stderr)
        print(file=sys.stderr)
        measure(lead, ids)


def measure(desk: Desk, ids: Sequence[str]) -> None:
    account, whole = timed("worth of the study", lambda: worth.account(desk))
    study = combined(each.worth for each in account.measured)
    found, of_all = timed("figures with intervals", lambda: figures(study))
    timed("a point for each transcript", lambda: worth.points(account))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {len(ids)} transcripts, {len(study.segments)} segments, {peak:.0f} MiB at the most")
    shares = found.source_changed.percent, found.target_changed.percent
    print(f"  changed: {shares[0]:.0f} % of sources, {shares[1]:.0f} % of targets;"
          f" word error rate {found.word_error_rate.value:.1f} %, chrF {found.chrf.value:.1f}")  # fmt: skip
    known: worth.Known = {}
    worth.account(desk, ids[:10], known=known)
    _, again = timed("ten that are known", lambda: worth.account(desk, ids[:10], known=known))
    _, opening = timed(
        "only opening the transcripts", lambda: [open_transcript(desk, i) for i in ids]
    )
    some = ids[: max(1, len(ids) // 20)]
    _, bare = timed("opening some of them", lambda: [open_transcript(desk, i) for i in some])
    _, plain = timed("the same, and the libraries' counts", lambda: libraries(desk, some))
    before: worth.Known = {}
    _, ours = timed("the same, measured", lambda: worth.account(desk, some, known=before))
    _, shared = timed(
        "the same, known: times of the study", lambda: worth.account(desk, some, known=before)
    )
    print(f"  worth / opening = {(whole + of_all) / opening:.1f}")
    print(f"  known / measured anew = {again / min(10, len(ids)) / (whole / len(ids)):.3f}")
    print(f"  measuring / libraries' counting = {(ours - shared - bare) / (plain - bare):.2f}")


if __name__ == "__main__":
    main()
