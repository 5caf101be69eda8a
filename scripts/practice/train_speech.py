"""Trains the practice speech model in two stages, by steps, so that a busy machine only makes it
slower.

Stage one shows short windows anywhere in the position table and teaches the sounds. Stage two shows
clips as the product cuts them; a growing share is padded to the full 30 s, which is dear and
therefore comes last.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from . import losses as objective
from .batches import Batch, bucketed, padded
from .features import normalised
from .network import PracticeWhisper, Shape
from .speech_corpus import SpeechCorpus
from .vocabulary import TIMESTAMPS, Vocabulary
from .windows import ExampleMaker


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train. Shares are of steps; a full step shows `full_batch` windows
    of 30 s."""

    short_steps: int
    clip_steps: int
    learning_rate: float
    warmup_steps: int = 60
    final_rate_share: float = 0.02
    seconds_per_batch: float = 160
    full_batch: int = 8
    full_share_early: float = 0.08
    full_share_late: float = 0.25
    late_from: float = 0.75  # share of the clip steps
    save_every: int = 100
    seed: int = 1

    @property
    def steps(self) -> int:
        """Steps of both stages."""
        return self.short_steps + self.clip_steps

    def rate(self, step: int) -> float:
        """The learning rate: a short rise, then half a cosine."""
        fall = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        rise = min(1.0, (step + 1) / self.warmup_steps)
        share = self.final_rate_share
        return self.learning_rate * rise * (fall * (1 - share) + share)


FROM_SCRATCH = Plan(short_steps=1200, clip_steps=2400, learning_rate=1.5e-3)
FROM_CHECKPOINT = Plan(short_steps=0, clip_steps=900, learning_rate=6e-4)


def train(
    corpus: SpeechCorpus,
    vocabulary: Vocabulary,
    plan: Plan,
    checkpoint: Path,
    initial: Path | None,
    say: Callable[[str], None] = print,
) -> PracticeWhisper:
    """Train, saving to `checkpoint` and numbered copies beside it; the network comes back in
    evaluation mode."""
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    maker = ExampleMaker(corpus, vocabulary, rng)
    network = PracticeWhisper(Shape(vocabulary.rows, TIMESTAMPS, maker.phoneme_count))
    if initial is None:
        network.encoder.balance(_sample_features(corpus))
    else:
        weights = torch.load(initial, weights_only=True)["weights"]
        say(
            f"warm start from {initial.name}; new: {', '.join(network.adopt(weights)) or 'nothing'}"
        )
    optimizer = torch.optim.AdamW(
        network.parameters(),
        lr=plan.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=0.01,
        fused=True,
    )
    report = _Report(say)
    for step, batch in enumerate(_batches(maker, vocabulary, plan, rng)):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(step)
        parts = objective.losses(network, batch, vocabulary.first_time)
        early = step < plan.short_steps
        loss = (
            parts.token
            + (0.5 if early else 0.6) * (parts.guide + 2 * parts.place)
            + (1.0 if early else 0.3) * parts.phoneme
        )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        report.add(step + 1, parts)
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            network.save(checkpoint, tokenizer=vocabulary.contents, step=step + 1)
            network.save(checkpoint.with_stem(f"{checkpoint.stem}-{step + 1}"),
                         tokenizer=vocabulary.contents, step=step + 1)  # fmt: skip
    return network.eval()


def _batches(
    maker: ExampleMaker, vocabulary: Vocabulary, plan: Plan, rng: random.Random
) -> Iterator[Batch]:
    """The batches of both stages, one a step."""
    short = bucketed(maker.short, plan.seconds_per_batch, vocabulary, rng)
    for _ in range(plan.short_steps):
        yield next(short)
    clips = bucketed(lambda: maker.clip(1000), plan.seconds_per_batch, vocabulary, rng)
    full = padded(lambda: maker.clip(3000), plan.full_batch, vocabulary)
    for step in range(plan.clip_steps):
        late = step >= plan.late_from * plan.clip_steps
        share = plan.full_share_late if late else plan.full_share_early
        yield next(full if rng.random() < share else clips)


def _sample_features(corpus: SpeechCorpus) -> torch.Tensor:
    """The first 1.6 s of some utterances, to balance the convolutions on."""
    samples = [corpus.raw(index)[:160] for index in range(min(64, len(corpus.utterances)))]
    return torch.stack([torch.from_numpy(normalised(s).T) for s in samples if len(s) == 160])


@dataclass
class _Averages:
    token: float = 0.0
    guide: float = 0.0
    place: float = 0.0
    phoneme: float = 0.0
    accuracy: float = 0.0


class _Report:
    """Running averages of the losses, told every fifty steps."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.began = say, time.monotonic()
        self.averages: _Averages | None = None

    def add(self, step: int, parts: objective.Losses) -> None:
        """Count one step in."""
        now = _Averages(
            parts.token.item(),
            parts.guide.item(),
            parts.place.item(),
            parts.phoneme.item(),
            parts.accuracy,
        )
        if self.averages is None:
            self.averages = now
        old = self.averages
        mixed = {
            name: 0.95 * getattr(old, name) + 0.05 * value for name, value in vars(now).items()
        }
        self.averages = replace(old, **mixed)
        if step % 50 == 0 or step == 1:
            figures = "  ".join(f"{name} {value:.3f}" for name, value in mixed.items())
            self.say(f"{(time.monotonic() - self.began) / 60:5.1f} min  step {step}  {figures}")
