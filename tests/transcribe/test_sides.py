"""One speaker on each side, or one room: made stereo of the bundled recordings' sentences."""

from __future__ import annotations

import wave
from functools import cache

import numpy as np
import pytest

from confere.transcribe.clips import Span
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.sides import judge, mix, own_voices
from doubles import stereo
from doubles.practice import RECORDINGS, truth
from doubles.stereo import Sound, Talk


def sentences(name: str) -> list[Sound]:
    """The sentences of a bundled WAV recording, at 16 kHz."""
    with wave.open(str(RECORDINGS / name)) as source:
        rate, channels = source.getframerate(), source.getnchannels()
        frames = np.frombuffer(source.readframes(source.getnframes()), "<i2")
    row = frames.reshape(-1, channels).mean(axis=1) / 32768
    at = np.arange(0, len(row), rate / SAMPLE_RATE)
    row = np.interp(at, np.arange(len(row)), row).astype(np.float32)
    return [
        row[each.start_ms * SAMPLE_RATE // 1000 : each.end_ms * SAMPLE_RATE // 1000]
        for each in truth(name)
    ]


@cache
def talk() -> Talk:
    """Two voices of the bundled recordings in conversation."""
    left, right = sentences("ZOOM0001.WAV")[:6], sentences("ZOOM0004_LR-0002.WAV")[:6]
    return stereo.talk(left, right, np.random.default_rng(7), overlap=0.0)


def all_voices(made: Talk) -> list[Span]:
    """What a voice detector hears on either side: everybody."""
    return sorted((*made.left, *made.right), key=lambda span: span.start_ms)


def verdict(sides: Sound) -> str:
    """The verdict on a recording of `talk`."""
    return judge(sides, all_voices(talk()), all_voices(talk()))


def rng() -> np.random.Generator:
    """Chance, always the same."""
    return np.random.default_rng(3)


def shared_ms(spans: list[Span], others: tuple[Span, ...]) -> int:
    """How much of these lies in those."""
    return sum(
        max(0, min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms))
        for one in spans
        for other in others
    )


@pytest.mark.parametrize("leak_db", [-12, -16, -20])
@pytest.mark.parametrize("delay_ms", [0, 6, 15])
def test_a_microphone_for_each_is_apart(leak_db: float, delay_ms: float) -> None:
    """Speakers who leak onto each other's side are told apart, at once or by way of the room."""
    sides = stereo.microphones_each(talk().rows, rng(), leak_db=leak_db, delay_ms=delay_ms)
    assert verdict(sides) == "apart"


@pytest.mark.parametrize("gain_db", [-10, 10])
def test_unlike_gains_and_noise_do_not_matter(gain_db: float) -> None:
    """One side set louder, and hiss on both, are still a microphone each."""
    sides = stereo.microphones_each(talk().rows, rng(), gain_db=gain_db, noise_db=-45)
    assert verdict(sides) == "apart"


@pytest.mark.parametrize("apart_db", [0, 3, 6])
@pytest.mark.parametrize("gain_db", [0, 6])
def test_a_pair_in_a_room_is_mixed(apart_db: float, gain_db: float) -> None:
    """Two microphones on one table are one recording, however they are set."""
    sides = stereo.pair_in_a_room(talk().rows, rng(), apart_db=apart_db, gain_db=gain_db)
    assert verdict(sides) == "mixed"


def test_an_interpreter_between_two_microphones_is_mixed() -> None:
    """Who is heard on both sides alike would be written twice."""
    made = talk()
    rows = made.rows.copy()
    for voice in made.left[1::2]:
        spoken = slice(voice.start_ms * 16, voice.end_ms * 16)
        rows[1, spoken] = rows[0, spoken]
    sides = stereo.microphones_each(rows, rng(), leak_db=-16)
    assert verdict(sides) == "mixed"


def test_a_copied_channel_is_mixed() -> None:
    """The same sound on both sides is one recording."""
    one = talk().rows.sum(axis=0)
    assert verdict(np.stack([one, one])) == "mixed"


@pytest.mark.parametrize("side", [0, 1])
def test_a_dead_side_is_mixed_and_costs_nothing(side: int) -> None:
    """A side without a microphone is no speaker's, and the other one keeps its loudness."""
    one = talk().rows.sum(axis=0)
    sides = np.zeros((2, len(one)), np.float32)
    sides[side] = one
    assert verdict(sides) == "mixed"
    assert np.array_equal(mix(sides), one)


def test_one_who_speaks_alone_decides_nothing() -> None:
    """While only one side has spoken, the other may still be somebody's."""
    made = talk()
    rows = made.rows * np.array([[1], [0]], np.float32)
    sides = stereo.microphones_each(rows, rng(), noise_db=-65)
    assert judge(sides, list(made.left), list(made.left)) == "undecided"


def test_a_single_yes_decides_nothing() -> None:
    """A side that has said a word so far may be somebody's: the next window will tell."""
    made = talk()
    rows = made.rows.copy()
    rows[1, made.right[0].start_ms * 16 + 12_000 :] = 0
    sides = stereo.microphones_each(rows, rng())
    assert verdict(sides) == "undecided"


def test_little_speech_decides_nothing() -> None:
    """Ten seconds of voice are needed; none at all is none."""
    made = talk()
    sides = stereo.microphones_each(made.rows, rng())
    assert judge(sides, list(made.left[:1]), list(made.right[:1])) == "undecided"
    assert judge(np.zeros((2, 0), np.float32), [], []) == "undecided"


@pytest.mark.parametrize("leak_db", [-12, -20])
def test_each_side_keeps_its_own_voice(leak_db: float) -> None:
    """What leaks over is no voice of a side; what is its own stays whole."""
    made = talk()
    sides = stereo.microphones_each(made.rows, rng(), leak_db=leak_db, delay_ms=5)
    both = [Span(voice.start_ms, voice.end_ms + 5) for voice in all_voices(made)]
    for own, mine, others in zip(
        own_voices(sides, both, both),
        (made.left, made.right),
        (made.right, made.left),
        strict=True,
    ):
        assert shared_ms(own, mine) > 0.98 * sum(span.length_ms for span in mine)
        assert shared_ms(own, others) < 0.01 * sum(span.length_ms for span in others)


def test_a_voice_that_runs_on_into_a_leak_ends_there() -> None:
    """The detector hears one voice where the other answers at once; it is cut in two."""
    made = talk()
    sides = stereo.microphones_each(made.rows, rng(), leak_db=-14)
    one = [Span(0, made.rows.shape[1] * 1000 // SAMPLE_RATE)]
    left, right = own_voices(sides, one, one)
    for own, mine, others in ((left, made.left, made.right), (right, made.right, made.left)):
        assert shared_ms(own, mine) > 0.98 * sum(span.length_ms for span in mine)
        assert shared_ms(own, others) < 0.05 * sum(span.length_ms for span in others)


def test_who_speaks_at_once_both_keep_their_voice() -> None:
    """An answer into the other's sentence is not taken for a leak."""
    made = talk()
    rows = made.rows.copy()
    first = slice(made.right[0].start_ms * 16, made.right[0].end_ms * 16)
    rows[0, first] = rows[1, first] * 0.7
    sides = stereo.microphones_each(rows, rng(), leak_db=-16)
    both = all_voices(made)
    left, right = own_voices(sides, both, both)
    for own in (left, right):
        assert shared_ms(own, made.right[:1]) > 0.9 * made.right[0].length_ms


def test_swapped_poles_do_not_cancel() -> None:
    """A microphone wired the wrong way round takes nothing away."""
    one = talk().rows.sum(axis=0)
    heard = mix(np.stack([one, -one]))
    assert float(np.abs(heard - one).max()) < 1e-6


def test_a_side_that_only_hums_is_left_out() -> None:
    """A loud hum on the one side does not bury the voices of the other."""
    one = talk().rows.sum(axis=0)
    hum = 0.3 * np.sin(2 * np.pi * 50 * np.arange(len(one)) / SAMPLE_RATE)
    assert np.array_equal(mix(np.stack([hum.astype(np.float32), one])), one)


def test_one_row_stays_as_it_is() -> None:
    """Mono is mono; two rows without a sample mix to none."""
    one = talk().rows[:1]
    assert np.array_equal(mix(one), one[0])
    assert mix(np.zeros((2, 0), np.float32)).shape == (0,)
