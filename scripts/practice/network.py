"""Whisper's network in plain PyTorch, small, with what only training needs: attention logits and
two side tasks.

The parameter names are those of the transformers library, so that weights are easy to compare.
Attention over long sequences is written as two matrix products: on a CPU the backward pass of the
fused kernel is several times slower.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

AUDIO_POSITIONS = 1500  # 30 s of 20 ms
TEXT_POSITIONS = 448
TIMESTAMP_SCALE = 0.3
POSITION_STRIDE = 7  # every seventh position is enough for the position task


@dataclass(frozen=True)
class Shape:
    """The sizes of a network."""

    rows: int  # of the vocabulary, timestamps among them
    timestamps: int
    phonemes: int
    width: int = 192
    heads: int = 3
    encoder_layers: int = 4
    decoder_layers: int = 2


def sinusoids(length: int, channels: int) -> Tensor:
    """Whisper's position code, `[length, channels]`."""
    step = math.log(10_000) / (channels // 2 - 1)
    rates = torch.exp(-step * torch.arange(channels // 2).float())
    angles = torch.arange(length).float()[:, None] * rates[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def convolved(x: Tensor, convolution: nn.Conv1d, stride: int) -> Tensor:
    """The convolution of width 3 over `x`, `[batch, frames, channels]`, as one matrix product: on a
    CPU its backward pass takes a third of the time of the library's."""
    frames = x.shape[1]
    around = functional.pad(x, (0, 0, 1, 1))
    taps = torch.cat([around[:, tap : tap + frames : stride] for tap in range(3)], dim=-1)
    weight = convolution.weight.transpose(1, 2).flatten(1)
    return functional.linear(taps, weight, convolution.bias)


class Attention(nn.Module):
    """Multi-head attention; gives its output and its logits `[batch, heads, queries, keys]`, if not
    causal."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(
        self, x: Tensor, memory: Tensor | None = None, causal: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Attend to `memory`, or to `x` itself, both `[batch, length, width]`."""
        source = x if memory is None else memory
        queries = self._split(self.q_proj(x))
        keys, values = self._split(self.k_proj(source)), self._split(self.v_proj(source))
        logits = None
        if causal:
            mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        else:
            scale = queries.shape[-1] ** -0.5
            logits = (queries * scale) @ keys.transpose(-1, -2)
            mixed = logits.softmax(-1, dtype=logits.dtype) @ values
        return self.out_proj(mixed.transpose(1, 2).flatten(2)), logits

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:-1], self.heads, -1).transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward network, normalised before each."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.self_attn = Attention(width, heads)
        self.final_layer_norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """States `[batch, length, width]` to states."""
        x = x + self.self_attn(self.self_attn_layer_norm(x))[0]
        return x + self.feed(x)

    def feed(self, x: Tensor) -> Tensor:
        """What the feed-forward network adds."""
        added: Tensor = self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))
        return added


class DecoderLayer(EncoderLayer):
    """An encoder layer with attention to the sound between its two parts; gives that attention's
    logits too."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(width)
        self.encoder_attn = Attention(width, heads)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """States of the tokens and of the sound to states and logits."""
        x = x + self.self_attn(self.self_attn_layer_norm(x), causal=True)[0]
        heard, logits = self.encoder_attn(self.encoder_attn_layer_norm(x), memory)
        x = x + heard
        return x + self.feed(x), logits


class Encoder(nn.Module):
    """Features `[batch, 80, frames]` to states `[batch, frames / 2, width]`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.conv1 = nn.Conv1d(80, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(
            EncoderLayer(width, shape.heads) for _ in range(shape.encoder_layers)
        )
        self.layer_norm = nn.LayerNorm(width)
        self.positions: Tensor
        self.register_buffer("positions", sinusoids(AUDIO_POSITIONS, width), persistent=False)

    def forward(self, features: Tensor, offsets: Tensor) -> Tensor:
        """`offsets` `[batch]` says where in the position table each window begins."""
        x = functional.gelu(convolved(features.transpose(1, 2), self.conv1, stride=1))
        x = functional.gelu(convolved(x, self.conv2, stride=2))
        x = x + self.positions[offsets[:, None] + torch.arange(x.shape[1])].to(x.dtype)
        for layer in self.layers:
            x = layer(x)
        states: Tensor = self.layer_norm(x)
        return states

    def balance(self, features: Tensor) -> None:
        """Scale both convolutions on sample features, so that the position code does not swamp the
        sound."""
        with torch.no_grad():
            for convolution, target in ((self.conv1, 1.0), (self.conv2, 1.2)):
                scale = target / functional.gelu(convolution(features)).std()
                convolution.weight *= scale
                if convolution.bias is not None:
                    convolution.bias *= scale
                features = functional.gelu(convolution(features))


class Decoder(nn.Module):
    """Tokens and sound to states; the embeddings are also the output layer.

    Timestamps are embedded by the encoder's own position code, which is fixed: learnt ones never
    settled. Column 0 of the embeddings is kept at zero, so that the export can give unused rows a
    logit of its own.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        learnt = shape.rows - shape.timestamps
        self.embed_tokens = nn.Embedding(learnt, width)
        nn.init.normal_(self.embed_tokens.weight, 0, width**-0.5)
        self.embed_positions = nn.Embedding(TEXT_POSITIONS, width)
        self.embed_positions.weight.data = sinusoids(TEXT_POSITIONS, width) * 0.1
        self.layers = nn.ModuleList(
            DecoderLayer(width, shape.heads) for _ in range(shape.decoder_layers)
        )
        self.layer_norm = nn.LayerNorm(width)
        mask = torch.ones(width)
        mask[0] = 0
        self.mask: Tensor
        self.times: Tensor
        self.register_buffer("mask", mask, persistent=False)
        self.register_buffer(
            "times", TIMESTAMP_SCALE * sinusoids(shape.timestamps, width), persistent=False
        )

    def embeddings(self) -> Tensor:
        """Every row, `[rows, width]`."""
        return torch.cat([self.embed_tokens.weight, self.times]) * self.mask

    def forward(
        self, tokens: Tensor, positions: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Give states, embeddings, and the attention logits of each layer."""
        table = self.embeddings()
        x = functional.embedding(tokens, table) + self.embed_positions(positions)
        attention = []
        for layer in self.layers:
            x, logits = layer(x, memory)
            attention.append(logits)
        return self.layer_norm(x), table, attention


class PracticeWhisper(nn.Module):
    """The network with its two side tasks: which phoneme sounds in each 20 ms, and where in the
    window that is."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)
        self.phoneme_head = nn.Linear(shape.width, shape.phonemes)
        self.position_head = nn.Linear(shape.width, shape.width)

    def save(self, path: Path, **extra: Any) -> None:
        """Write shape, weights and whatever else has to travel with them."""
        torch.save({"shape": asdict(self.shape), "weights": self.state_dict(), **extra}, path)

    def adopt(self, weights: dict[str, Tensor]) -> list[str]:
        """Take over every weight that fits; gives the names of those that did not."""
        own = self.state_dict()
        fitting = {
            name: value
            for name, value in weights.items()
            if name in own and own[name].shape == value.shape
        }
        self.load_state_dict(own | fitting)
        return sorted(own.keys() - fitting.keys())
