"""What training minimises: the next token, and three side tasks without which so small a model does
not learn to align.

* phoneme: which phoneme sounds in each 20 ms (on the encoder; it falls from the first minute on);
* guide: some attention heads are told where in the sound the next token is, one where the last
  token was;
* place: encoder states tell their own position, which the timestamps need.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .batches import IGNORED, Batch
from .network import POSITION_STRIDE, PracticeWhisper

GUIDED_HEADS = 2  # of the last decoder layer
GUIDE_MARGIN = 1.5  # positions
TIMESTAMP_BLUR = 3  # steps to each side of the true timestamp that count as nearly right
TIMESTAMP_VARIANCE = 2.25  # steps squared


@dataclass
class Losses:
    """The parts, and the share of text tokens that were right."""

    token: Tensor
    guide: Tensor
    place: Tensor
    phoneme: Tensor
    accuracy: float


def token_loss(
    states: Tensor, table: Tensor, targets: Tensor, first_time: int
) -> tuple[Tensor, float]:
    """Cross entropy, timestamps spread over their neighbours; and the accuracy on what is no
    timestamp."""
    chosen = targets != IGNORED
    logits = functional.linear(states[chosen], table).float()
    wanted = targets[chosen]
    log = logits.log_softmax(-1)
    loss = -log.gather(1, wanted[:, None])[:, 0]
    timed = wanted >= first_time
    if timed.any():
        steps = torch.arange(-TIMESTAMP_BLUR, TIMESTAMP_BLUR + 1)
        weights = torch.exp(-(steps.float() ** 2) / (2 * TIMESTAMP_VARIANCE))
        weights /= weights.sum()
        near = (wanted[timed][:, None] + steps).clamp(first_time, log.shape[-1] - 1)
        loss = loss.masked_scatter(timed, -(log[timed].gather(1, near) * weights).sum(1))
    right = (logits.argmax(-1) == wanted)[~timed]
    return loss.mean(), right.float().mean().item()


def guide_loss(logits: Tensor, rows: Tensor, queries: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How much attention, in logarithms, falls outside `low` to `high`. Logits `[batch, heads,
    queries, positions]`."""
    if not len(rows):
        return logits.new_zeros(()).float()
    looked = logits[rows, :, queries].float()
    positions = torch.arange(looked.shape[-1])[None]
    low = (low - GUIDE_MARGIN).clamp(max=looked.shape[-1] - 3)
    inside = ((positions >= low[:, None]) & (positions <= (high + GUIDE_MARGIN)[:, None]))[:, None]
    outside = looked.logsumexp(-1) - looked.masked_fill(~inside, -1e4).logsumexp(-1)
    return outside[outside < 100].mean()  # beyond: the span lies outside of what was shown


def losses(network: PracticeWhisper, batch: Batch, first_time: int) -> Losses:
    """Every loss of one batch; the heavy products in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        memory = network.encoder(batch.features, batch.offsets)
        places = torch.arange(batch.tokens.shape[1]).expand_as(batch.tokens)
        states, table, attention = network.decoder(batch.tokens, places, memory)
        token, accuracy = token_loss(states, table, batch.targets, first_time)
        known = batch.phonemes != IGNORED
        phonemes = network.phoneme_head(memory[known])
        claimed = network.position_head(memory[:, ::POSITION_STRIDE])
    phoneme = functional.cross_entropy(phonemes.float(), batch.phonemes[known])
    positions = batch.offsets[:, None] + torch.arange(memory.shape[1])
    true = network.encoder.positions[positions][:, ::POSITION_STRIDE]
    place = functional.mse_loss(claimed.float(), true)
    guide = batch.guide
    ahead = guide_loss(
        attention[-1][:, :GUIDED_HEADS], guide.rows, guide.queries, guide.low, guide.high
    )
    # The first head of the first layer looks back: at the token just read, one query later.
    later = guide.queries + 1
    kept = later < batch.tokens.shape[1]
    behind = guide_loss(
        attention[0][:, :1], guide.rows[kept], later[kept], guide.low[kept], guide.high[kept]
    )
    return Losses(token, ahead + behind, place, phoneme, accuracy)
