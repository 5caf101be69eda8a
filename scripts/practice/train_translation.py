"""Trains the practice translation model: word pieces from the sentences themselves, then the
network, by steps."""

from __future__ import annotations

import io
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional

from .grammar import Pair
from .translation import BEGIN, END, UNKNOWN, TranslationShape, Translator

IGNORED = -100
Encoded = tuple[list[int], list[int]]


@dataclass(frozen=True)
class TranslationPlan:
    """How long and how fast to train."""

    steps: int = 1500
    batch: int = 128  # pairs
    learning_rate: float = 1.5e-3
    warmup_steps: int = 300
    label_smoothing: float = 0.05
    varied_share: float = 0.25  # of pairs that are also shown as a recogniser might write them
    seed: int = 5

    def rate(self, step: int) -> float:
        """The learning rate: a rise, then half a cosine."""
        fall = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return self.learning_rate * min(1.0, (step + 1) / self.warmup_steps) * (fall + 0.01)


def learn_pieces(pairs: list[Pair]) -> bytes:
    """A sentencepiece model of both languages, as the bytes of its file."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for pair in pairs for text in pair]),
        model_writer=model,
        vocab_size=1400,
        hard_vocab_limit=False,  # fewer, if the language has fewer
        character_coverage=1.0,
        model_type="unigram",
        pad_id=-1,
        unk_id=UNKNOWN,
        bos_id=BEGIN,
        eos_id=END,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    return model.getvalue()


def as_recognised(text: str, rng: random.Random) -> str:
    """The text as a speech recogniser may write it: without its last mark, its capital or its
    commas."""
    if rng.random() < 0.6:
        text = text.rstrip(".?")
    if rng.random() < 0.6:
        text = text[0].lower() + text[1:]
    if rng.random() < 0.2:
        text = text.replace(",", "")
    return text


def encode(pairs: list[Pair], pieces: bytes, plan: TranslationPlan) -> list[Encoded]:
    """Pairs as ids, a share of them a second time with a varied source."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    rng = random.Random(plan.seed)
    encoded = [(processor.encode(source), processor.encode(target)) for source, target in pairs]
    for source, target in pairs:
        varied = as_recognised(source, rng)
        if varied != source and rng.random() < plan.varied_share:
            encoded.append((processor.encode(varied), processor.encode(target)))
    return encoded


def batches(
    encoded: list[Encoded], size: int, padding: int, rng: random.Random
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless batches of pairs of like length: source, target so far, target to come."""
    ordered = sorted(encoded, key=lambda pair: (len(pair[0]), len(pair[1])))
    groups = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    while True:
        rng.shuffle(groups)
        for group in groups:
            sources = [torch.tensor([*source, END]) for source, _ in group]
            before = [torch.tensor([BEGIN, *target]) for _, target in group]
            after = [torch.tensor([*target, END]) for _, target in group]
            yield (
                torch.nn.utils.rnn.pad_sequence(sources, True, padding),
                torch.nn.utils.rnn.pad_sequence(before, True, padding),
                torch.nn.utils.rnn.pad_sequence(after, True, IGNORED),
            )


def train(
    pairs: list[Pair],
    pieces: bytes,
    plan: TranslationPlan,
    say: Callable[[str], None] = print,
) -> Translator:
    """The trained network, in evaluation mode."""
    torch.manual_seed(plan.seed)
    count = sentencepiece.SentencePieceProcessor(model_proto=pieces).get_piece_size()
    network = Translator(TranslationShape(count))
    optimizer = torch.optim.AdamW(
        network.parameters(),
        lr=plan.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=0.01,
        fused=True,
    )
    encoded = encode(pairs, pieces, plan)
    say(f"{len(encoded)} pairs, {count} pieces")
    stream = batches(encoded, plan.batch, network.padding, random.Random(plan.seed))
    began, average = time.monotonic(), 0.0
    for step in range(plan.steps):
        source, before, after = next(stream)
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(source, before)
        loss = functional.cross_entropy(
            logits.float().flatten(0, 1),
            after.flatten(),
            ignore_index=IGNORED,
            label_smoothing=plan.label_smoothing,
        )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average = loss.item() if step == 0 else 0.98 * average + 0.02 * loss.item()
        if (step + 1) % 100 == 0:
            say(f"{(time.monotonic() - began) / 60:5.1f} min  step {step + 1}  loss {average:.4f}")
    return network.eval()
