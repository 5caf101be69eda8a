"""The translation network: a small Transformer with one vocabulary and one table of embeddings for
both languages."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .network import sinusoids

UNKNOWN, BEGIN, END = 0, 1, 2  # sentencepiece's ids
LONGEST = 256  # tokens


@dataclass(frozen=True)
class TranslationShape:
    """The sizes of a translation network; layers count for each side."""

    pieces: int
    width: int = 128
    heads: int = 4
    layers: int = 2
    dropout: float = 0.05


class Attention(nn.Module):
    """Multi-head attention; `mask` is true where a key may be looked at."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries, self.keys = nn.Linear(width, width), nn.Linear(width, width)
        self.values, self.output = nn.Linear(width, width), nn.Linear(width, width)

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """Attend to `memory`; all are `[batch, length, width]`."""
        queries, keys, values = (
            part.reshape(*part.shape[:-1], self.heads, -1).transpose(1, 2)
            for part in (self.queries(x), self.keys(memory), self.values(memory))
        )
        mixed = functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, is_causal=causal
        )
        result: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return result


class Layer(nn.Module):
    """One layer, normalised before each part; a decoder layer also attends to the source."""

    def __init__(self, shape: TranslationShape, decoder: bool) -> None:
        super().__init__()
        width = shape.width
        self.norm_self, self.self_attention = nn.LayerNorm(width), Attention(width, shape.heads)
        if decoder:
            self.norm_cross, self.cross = nn.LayerNorm(width), Attention(width, shape.heads)
        self.norm_feed = nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(shape.dropout)
        self.decoder = decoder

    def forward(self, x: Tensor, mask: Tensor, memory: Tensor | None = None) -> Tensor:
        """`mask` is that of the source; a decoder layer needs `memory`, the encoded source."""
        inner = self.norm_self(x)
        own = None if self.decoder else mask
        x = x + self.dropout(self.self_attention(inner, inner, own, causal=self.decoder))
        if memory is not None:
            x = x + self.dropout(self.cross(self.norm_cross(x), memory, mask))
        added: Tensor = self.narrow(functional.relu(self.widen(self.norm_feed(x))))
        result: Tensor = x + self.dropout(added)
        return result


class Translator(nn.Module):
    """Source `[batch, source]` and the target so far `[batch, target]` to logits `[batch, target,
    pieces]`. Padding is the id one past the last piece."""

    def __init__(self, shape: TranslationShape) -> None:
        super().__init__()
        self.shape, self.padding = shape, shape.pieces
        self.embeddings = nn.Embedding(shape.pieces + 1, shape.width, padding_idx=self.padding)
        nn.init.normal_(self.embeddings.weight, 0, shape.width**-0.5)
        with torch.no_grad():
            self.embeddings.weight[self.padding] = 0
        self.encoder = nn.ModuleList(Layer(shape, decoder=False) for _ in range(shape.layers))
        self.decoder = nn.ModuleList(Layer(shape, decoder=True) for _ in range(shape.layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.bias = nn.Parameter(torch.zeros(shape.pieces))
        self.positions: Tensor
        self.register_buffer("positions", sinusoids(LONGEST, shape.width), persistent=False)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Give the logits of the next piece at every place of the target."""
        mask = (source != self.padding)[:, None, None, :]
        memory = self._embedded(source)
        for layer in self.encoder:
            memory = layer(memory, mask)
        memory = self.encoder_norm(memory)
        x = self._embedded(target)
        for layer in self.decoder:
            x = layer(x, mask, memory)
        table = self.embeddings.weight[: self.shape.pieces]
        return functional.linear(self.decoder_norm(x), table, self.bias)

    def _embedded(self, tokens: Tensor) -> Tensor:
        embedded: Tensor = self.embeddings(tokens) * self.shape.width**0.5
        return embedded + self.positions[: tokens.shape[1]]
