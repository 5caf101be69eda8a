#!/usr/bin/env python3
"""How often one speaker on each side of a stereo recording is told from a room, and whose voice is whose.

    python benchmarks/sides.py [--cases N] [--seed N]

Makes conversations with espeak-ng: two voices, and of each conversation every kind of stereo recording
there is (a microphone for each speaker with leaks of -12 to -20 dB, delays, noise, unlike gains; a pair of
microphones in a room; one channel copied; one dead), hears voices with the product's voice detector, and
prints how often the verdict is right, and how much of the speech given to a side is its own.
Needs libespeak-ng.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "src"), str(ROOT / "tests")]

from practice.recordings import chosen_voice, voice_names  # noqa: E402
from practice.synthesis import say  # noqa: E402

from confere.transcribe.clips import Span, find_voices  # noqa: E402 - src stands in the path
from confere.transcribe.profile import DraftingProfile  # noqa: E402
from confere.transcribe.sides import judge, mix, own_voices  # noqa: E402
from doubles import stereo  # noqa: E402
from practice import grammar  # noqa: E402 - the trainers' modules lie beside their scripts

Case = tuple[str, str, stereo.Sound, stereo.Talk | None]


def conversation(seed: int) -> stereo.Talk:
    """Two voices, each 20 to 45 s."""
    import random

    draw, rng = random.Random(seed), np.random.default_rng(seed)
    pairs = grammar.corpus(seed, 30, frozenset())
    names = voice_names("pt")
    sides = []
    for level_db in (0.0, rng.uniform(-8, 8)):  # people speak unlike loud
        voice = chosen_voice(draw, names)
        count = draw.randint(5, 12)
        sounds = [
            say(pairs.pop()[0], voice).sound * 10 ** (level_db / 20) * 0.5 for _ in range(count)
        ]
        sides.append(sounds)
    return stereo.talk(sides[0], sides[1], rng)


def cases(seed: int) -> Iterator[Case]:
    """Every kind of recording of one conversation, with the right verdict."""
    rng = np.random.default_rng(seed + 1)
    made = conversation(seed)
    rows = made.rows
    for gain_db, noise_db in ((0.0, -60.0), (0.0, -45.0), (rng.uniform(-10, 10), -55.0)):
        told = {
            "leak_db": rng.uniform(-20, -12), "delay_ms": rng.uniform(1, 15), "noise_db": noise_db,
            "gain_db": gain_db, "reverberation_s": rng.uniform(0.2, 0.6),
        }  # fmt: skip
        kind = f"a microphone each, noise {noise_db:.0f} dB{', unlike gains' if gain_db else ''}"
        yield kind, "apart", stereo.microphones_each(rows, rng, **told), made
    yield "a microphone each, no leak", "apart", stereo.noisy(rows, rng, -65), made
    for gain_db in (0.0, rng.uniform(-10, 10)):
        told = {
            "apart_db": rng.uniform(0, 7), "delay_ms": rng.uniform(0, 1), "gain_db": gain_db,
            "noise_db": rng.uniform(-65, -45), "reverberation_s": rng.uniform(0.2, 0.7),
        }  # fmt: skip
        kind = f"a pair in a room{', unlike gains' if gain_db else ''}"
        yield kind, "mixed", stereo.pair_in_a_room(rows, rng, **told), None
    third = conversation(seed + 500).rows[0]  # an interpreter between the two
    both = np.concatenate([rows, np.stack([third, third])], axis=1)
    told = {"leak_db": rng.uniform(-20, -12), "delay_ms": rng.uniform(1, 8)}
    yield (
        "a microphone each, a third voice between",
        "mixed",
        stereo.microphones_each(both, rng, **told),
        None,
    )
    one = stereo.echoed(rows.sum(axis=0), rng, 0.4, direct_db=4)
    one = stereo.noisy(one[np.newaxis], rng, -60)[0]
    yield "one channel copied", "mixed", np.stack([one, one]), None
    yield "one side dead", "mixed", np.stack([one, np.zeros_like(one)]), None
    hiss = stereo.noisy(np.zeros((1, len(one)), np.float32), rng, -70)[0]
    yield "one side nearly dead", "mixed", np.stack([hiss, one]), None


def shared(one: list[Span], other: tuple[Span, ...]) -> int:
    """Milliseconds that both cover."""
    ends = ((min(a.end_ms, b.end_ms), max(a.start_ms, b.start_ms)) for a in one for b in other)
    return sum(max(0, end - start) for end, start in ends)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=40, help="conversations (default 40)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    right: dict[str, Counter[str]] = {}
    expected: dict[str, str] = {}
    own_ms, foreign_ms, said_ms, kept_ms, buried = 0, 0, 0, 0, 0
    used_s = sound_s = 0.0
    for number in range(asked.cases):
        for kind, verdict, sides, made in cases(asked.seed * 1000 + number):
            kind = kind.split(" dB, unlike")[0] + (
                " dB, unlike gains" if " dB, unlike" in kind else ""
            )
            profile = DraftingProfile()
            voices = [find_voices(row, profile) for row in sides]
            begun = time.process_time()
            said = judge(sides, *voices)
            used_s, sound_s = used_s + time.process_time() - begun, sound_s + sides.shape[1] / 16000
            right.setdefault(kind, Counter())[said] += 1
            expected[kind] = verdict
            if verdict == "mixed":
                rms = [float(np.sqrt(np.mean(row**2))) for row in (mix(sides), *sides)]
                buried += rms[0] < 0.63 * max(rms[1:])
            if made is None or said != "apart":
                continue
            for kept, own, other in zip(
                own_voices(sides, *voices),
                (made.left, made.right),
                (made.right, made.left),
                strict=True,
            ):
                total = sum(span.length_ms for span in kept)
                both = shared(kept, own)
                own_ms, kept_ms = own_ms + both, kept_ms + total
                said_ms += sum(span.length_ms for span in own)
                foreign_ms += max(0, shared(kept, other) - shared_both(kept, own, other))
    for kind, verdicts in right.items():
        wanted = expected[kind]
        wrong = verdicts["apart" if wanted == "mixed" else "mixed"]
        print(
            f"{kind:52} {wanted:6} {100 * verdicts[wanted] / verdicts.total():5.1f} %"
            f"  undecided {verdicts['undecided']}  wrong {wrong}  of {verdicts.total()}"
        )
    print(f"of what each side said, found: {100 * own_ms / said_ms:.1f} %")
    print(f"of what was kept for a side, the other's alone: {100 * foreign_ms / kept_ms:.1f} %")
    print(f"mixed so that the louder side lost 4 dB or more: {buried}")
    print(f"processor time of a verdict: {1000 * used_s / sound_s:.2f} ms a second of sound")


def shared_both(kept: list[Span], own: tuple[Span, ...], other: tuple[Span, ...]) -> int:
    """Milliseconds of ``kept`` in which both speak."""
    both = [
        Span(max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms))
        for a in own
        for b in other
        if min(a.end_ms, b.end_ms) > max(a.start_ms, b.start_ms)
    ]
    return shared(kept, tuple(both))


if __name__ == "__main__":
    main()
