"""Examples put together into tensors, in batches of about equal work."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .vocabulary import Vocabulary
from .windows import FULL_WINDOW, MOST_PADDING, POSITIONS_PER_SECOND, Example

IGNORED = -100  # no loss here
PADDINGS = (0, 0, 20, 60, MOST_PADDING)  # frames
POOL = 256  # examples that are sorted by length before they are parted into batches


@dataclass
class Guide:
    """Where attention is to look: for the token that is read at `query` of `row`, positions `low`
    to `high`."""

    rows: Tensor
    queries: Tensor
    low: Tensor
    high: Tensor


@dataclass
class Batch:
    """What one step trains on. Shapes: features `[batch, 80, frames]`, phonemes `[batch, frames /
    2]`, offsets `[batch]`, tokens and targets `[batch, length]`."""

    features: Tensor
    offsets: Tensor
    tokens: Tensor
    targets: Tensor
    phonemes: Tensor
    guide: Guide


def collate(examples: list[Example], frames: int, vocabulary: Vocabulary) -> Batch:
    """The examples padded to `frames`, with zeros as faster-whisper pads."""
    count = len(examples)
    length = max(len(example.tokens) for example in examples) - 1
    features = torch.zeros(count, 80, frames)
    tokens = torch.full((count, length), vocabulary.end)
    targets = torch.full((count, length), IGNORED)
    phonemes = torch.full((count, frames // 2), IGNORED)
    guided: list[tuple[int, int, float, float]] = []
    for row, example in enumerate(examples):
        heard = example.features[:frames]
        features[row, :, : len(heard)] = torch.from_numpy(heard.T)
        sequence = torch.tensor(example.tokens)
        tokens[row, : len(sequence) - 1] = sequence[:-1]
        targets[row, example.prompt : len(sequence) - 1] = sequence[example.prompt + 1 :]
        known = torch.from_numpy(example.phonemes[: frames // 2])
        phonemes[row, : len(known)] = known
        for position, span in enumerate(example.spans[1:]):
            if span is not None:
                start, end = (time * POSITIONS_PER_SECOND for time in span)
                guided.append((row, position, start, end))
    offsets = torch.tensor([example.offset for example in examples])
    columns = list(zip(*guided, strict=True)) or [(), (), (), ()]
    guide = Guide(
        torch.tensor(columns[0], dtype=torch.long),
        torch.tensor(columns[1], dtype=torch.long),
        torch.tensor(columns[2]),
        torch.tensor(columns[3]),
    )
    return Batch(features, offsets, tokens, targets, phonemes, guide)


def bucketed(
    make: Callable[[], Example], seconds: float, vocabulary: Vocabulary, rng: random.Random
) -> Iterator[Batch]:
    """Endless batches of examples of like length, each of at most `seconds` of sound with its
    padding."""
    while True:
        pool = sorted((make() for _ in range(POOL)), key=lambda example: len(example.features))
        groups: list[list[Example]] = [[]]
        for example in pool:
            if groups[-1] and (len(groups[-1]) + 1) * len(example.features) > seconds * 100:
                groups.append([])
            groups[-1].append(example)
        rng.shuffle(groups)
        for group in groups:
            longest = max(len(example.features) for example in group)
            frames = longest + rng.choice(PADDINGS)
            yield collate(group, frames + frames % 2, vocabulary)


def padded(make: Callable[[], Example], count: int, vocabulary: Vocabulary) -> Iterator[Batch]:
    """Endless batches of `count` windows of the full 30 s, as the model is shown them in use."""
    while True:
        yield collate([make() for _ in range(count)], FULL_WINDOW, vocabulary)
