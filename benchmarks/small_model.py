#!/usr/bin/env python3
"""Writes a speech model that costs what Whisper *small* costs, and knows nothing.

    python benchmarks/small_model.py FOLDER [--size base|small] [--tokens-per-second 4.2]

For figures of speed where no real weights are at hand. Layers, heads, widths, vocabulary, int8 weights
and files are those of the real model, so every matrix product is as large; CTranslate2's kernels take
equally long whatever the numbers are. The folder has a manifest and can be imported
(``confere models import``); it is marked as practice, so no study can draft with it.

What the numbers are does matter in one place: how many tokens are decoded. Weights drawn blindly never
say the end and would decode 448 tokens for each clip. Here the end comes as it does in speech:

* two of the encoder's layers of convolution tell frames with sound from padding, which is exactly 0;
* one head of the decoder's first cross-attention looks at all frames alike, so it knows the share of
  the 30 s that holds sound; one head of its first self-attention looks at the start token, so that
  a prompt before it (previous text, hotwords) does not count;
* both are written, in tokens, to one channel of the residual, where the position counts up; when the
  position has passed ``tokens-per-second`` x sound, the end token wins.

4.2 tokens a second are an assumption: talk of 150 words a minute at 1.7 tokens a word, punctuation
included. What it says on the way is a fixed passage of the practice language, a token a position, in
Portuguese; the alignment heads look where that token would be, so words have plausible times. All other
weights are random and small. What differs from the real model, then: text and its certainty do not
depend on the sound, and without time tokens the sequential mode decodes about a tenth less than it would.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "src")]

Array = NDArray[np.float32]

POSITIONS, FRAMES, MEL = 448, 1500, 80
TEXT_TOKENS = 50_257  # the last of them is the empty string, as in Whisper's own vocabulary
TOKENS_PER_SECOND = 4.2
PROMPT = 4  # <|startoftranscript|><|pt|><|transcribe|><|notimestamps|>

# Channels of the residual. Positions have orthogonal codes in the channels from CODES on.
END, START, CODES = 0, 1, 2
SOUND = 0  # the encoder's

CODE = 16.0  # length of a position's code
STEP = 0.005  # what one position adds to the channel END
SHARP = 10.0  # by which the channel END is lifted before it is rounded to 8 bits
SOUND_GAIN = 4.0
SOUND_SEEN = 21.8  # what the counting head reads when all 30 s hold sound; measured
LATE = 5  # tokens by which the end would come early otherwise; measured


@dataclass(frozen=True)
class Size:
    """One of Whisper's sizes; ``alignment`` are its published alignment heads (layer, head)."""

    name: str
    width: int
    layers: int
    heads: int
    alignment: tuple[tuple[int, int], ...]


def _heads(text: str) -> tuple[tuple[int, int], ...]:
    pairs = (pair.split(".") for pair in text.split())
    return tuple((int(layer), int(head)) for layer, head in pairs)


BASE = Size("base", 512, 6, 8, _heads("3.1 4.2 4.3 4.7 5.1 5.2 5.4 5.6"))
SMALL = Size("small", 768, 12, 12, _heads("5.3 5.9 8.0 8.4 8.7 8.8 9.0 9.7 9.9 10.5"))
SIZES = {size.name: size for size in (BASE, SMALL)}


class Maker:
    """Random weights of one size, with the few that are not random."""

    def __init__(self, size: Size, tokens_per_second: float, seed: int) -> None:
        self.size, self.rate = size, tokens_per_second
        self.rng = np.random.default_rng(seed)
        self.scale = CODE / size.width**0.5
        ones = np.ones((size.width - CODES, 1))
        drawn = self.rng.standard_normal((size.width - CODES, POSITIONS))
        codes = np.linalg.qr(np.hstack([ones, drawn]))[0][:, 1:].T  # zero mean, orthogonal
        self.codes = np.hstack([np.zeros((POSITIONS, CODES)), codes]).astype(np.float32)
        angles = np.arange(FRAMES)[:, None] * 10_000 ** -np.linspace(0, 1, size.width // 2)
        self.waves = np.hstack([np.sin(angles), np.cos(angles)]).astype(np.float32)
        self.waves[:, SOUND] = 0

    def random(self, rows: int, columns: int, spread: float = 0.02) -> Array:
        """A matrix of normally distributed numbers."""
        return self.rng.standard_normal((rows, columns), np.float32) * np.float32(spread)

    def writing(self, columns: int) -> Array:
        """A matrix whose product is added to the residual: little, and nothing to the channel END."""
        matrix = self.random(self.size.width, columns, 0.002)
        matrix[END] = 0
        return matrix

    def encoder(self, spec: Any) -> None:
        """Fill the encoder: its channel SOUND is the share of bands that are not padding."""
        width = self.size.width
        spec.conv1.weight = self.random(width, MEL * 3, 0.002).reshape(width, MEL, 3)
        spec.conv1.bias = np.zeros(width, np.float32)
        spec.conv2.weight = self.random(width, width * 3, 0.002).reshape(width, width, 3)
        spec.conv2.bias = np.zeros(width, np.float32)
        spec.conv2.weight[SOUND] = 0
        # gelu(40 x - 4) - gelu(40 x - 5) is 1 for x > 0.15 and 0 at 0; the same for -x.
        for row in range(4 * MEL):
            band, kind = divmod(row, 4)
            spec.conv1.weight[row] = 0
            spec.conv1.weight[row, band, 1] = 40.0 if kind < 2 else -40.0
            spec.conv1.bias[row] = -4.0 - kind % 2
            spec.conv2.weight[SOUND, row, 1] = (1 - 2 * (kind % 2)) * 5.0 / MEL
        spec.position_encodings.encodings = self.waves - self.waves.mean(1, keepdims=True)
        self.norm(spec.layer_norm)
        for layer in spec.layer:
            self.common(layer)

    def decoder(self, spec: Any, passage: list[int], start: int, end: int) -> None:
        """Fill the decoder, which says the passage for as long as there is sound."""
        size = self.size
        places = CODE * self.codes
        places[:, END] = STEP * np.arange(POSITIONS)
        spec.position_encodings.encodings = places
        self.norm(spec.layer_norm, END, 4 * SHARP)
        for number, layer in enumerate(spec.layer):
            self.common(layer)
            self.norm(layer.attention.layer_norm)
            attention = layer.attention
            query, keys = self.random(size.width, size.width), self.random(size.width, size.width)
            for each, head in size.alignment:
                if each == number:
                    self.guide(query, keys, head)
            attention.linear[0].weight = query
            attention.linear[0].bias = np.zeros(size.width, np.float32)
            values = self.random(size.width, size.width)
            attention.linear[1].weight = np.concatenate([keys, values])
            attention.linear[1].bias = np.zeros(2 * size.width, np.float32)
            attention.linear[2].weight = self.writing(size.width)
            attention.linear[2].bias = np.zeros(size.width, np.float32)
        self.count(spec.layer[0])
        table = self.table(passage, start, end)
        spec.embeddings.weight = table
        spec.projection.weight = table

    def count(self, layer: Any) -> None:
        """Head 0 of both attentions: how much sound there is, and where the prompt begins."""
        width = self.size.width
        per_head = width // self.size.heads
        cross = layer.attention
        cross.linear[0].weight[:per_head] = 0  # no question: all frames alike
        reading = cross.linear[1].weight[width]  # the first value
        reading[:] = 0
        reading[SOUND] = SOUND_GAIN
        cross.linear[2].weight[END] = 0
        cross.linear[2].weight[END, 0] = -STEP * self.rate * 30 / SOUND_SEEN
        cross.linear[2].bias[END] = -STEP * (PROMPT - 1 + LATE)
        own = layer.self_attention
        self.norm(own.layer_norm, END, SHARP)
        own.linear[0].weight[:per_head] = 0
        own.linear[0].bias[0] = 40.0
        own.linear[0].weight[width : width + per_head] = 0
        own.linear[0].weight[width, START] = 4.0
        own.linear[0].weight[2 * width] = 0
        own.linear[0].weight[2 * width, END] = 1.0
        own.linear[1].weight[END] = 0
        own.linear[1].weight[END, 0] = -self.scale / SHARP

    def guide(self, query: Array, keys: Array, head: int) -> None:
        """Let a head look at the frame at which the token of a position would be said."""
        width, per_head = self.size.width, self.size.width // self.size.heads
        pairs = np.linspace(0.25, 0.8, per_head // 2) * (width // 2)
        chosen = np.concatenate([pairs, pairs + width // 2]).astype(int)
        frames = np.clip((np.arange(POSITIONS) - PROMPT + 1) * 50 / self.rate, 0, FRAMES - 1)
        looked = self.waves[frames.astype(int)][:, chosen]
        rows = slice(head * per_head, (head + 1) * per_head)
        query[rows] = (looked.T @ self.codes) * self.scale / CODE
        keys[rows] = 0
        keys[np.arange(per_head) + rows.start, chosen] = 1.5

    def table(self, passage: list[int], start: int, end: int) -> Array:
        """What tokens are, read and written: at position p the passage's token p is likeliest."""
        table = self.random(TEXT_TOKENS + 1608, self.size.width, 0.005)
        table[:, :CODES] = 0
        clear = 12.4 / self.size.width**0.5  # so that a word has a probability of about 0.8
        for position in range(POSITIONS):
            table[passage[position % len(passage)]] += clear * self.codes[position]
        table[start, START] = 2.0
        portuguese = start + 1 + 8  # in Whisper's order of languages
        table[portuguese] += clear * self.codes[0]
        table[start + 1] += 0.8 * clear * self.codes[0]
        table[end] = 0
        table[end, END] = 24.0
        return table

    def common(self, layer: Any) -> None:
        """Fill what layers of both sides have: self-attention and the feed-forward network."""
        width = self.size.width
        self.norm(layer.self_attention.layer_norm)
        for target, shape in (
            (layer.self_attention.linear[0], (3 * width, width)),
            (layer.ffn.linear_0, (4 * width, width)),
        ):
            target.weight = self.random(*shape)
            target.bias = np.zeros(shape[0], np.float32)
        for target, columns in (
            (layer.self_attention.linear[1], width),
            (layer.ffn.linear_1, 4 * width),
        ):
            target.weight = self.writing(columns)
            target.bias = np.zeros(width, np.float32)
        self.norm(layer.ffn.layer_norm)

    def norm(self, target: Any, channel: int = 0, gain: float = 1.0) -> None:
        """Normalise, and lift one channel."""
        target.gamma = np.ones(self.size.width, np.float32)
        target.beta = np.zeros(self.size.width, np.float32)
        target.gamma[channel] = gain


def tokenizer() -> dict[str, Any]:
    """A tokenizer.json with Whisper's layout: the practice model's pieces, made-up ones, special tokens."""
    from practice.vocabulary import special_tokens

    shipped = ROOT / "src/confere/models/practice/speech/tokenizer.json"
    contents: dict[str, Any] = json.loads(shipped.read_text())
    vocabulary = contents["model"]["vocab"]
    del vocabulary["<unused>"]
    for number in range(len(vocabulary), TEXT_TOKENS - 1):
        vocabulary[f"Ġw{number}"] = number
    vocabulary[""] = TEXT_TOKENS - 1
    like = contents["added_tokens"][0]
    contents["added_tokens"] = [
        {**like, "id": TEXT_TOKENS + index, "content": content}
        for index, content in enumerate(special_tokens())
    ]
    return contents


def write_model(
    folder: Path,
    size: Size = SMALL,
    *,
    tokens_per_second: float = TOKENS_PER_SECOND,
    seed: int = 1,
) -> Path:
    """Write the model into a folder and return it; what is there already is left as it is."""
    from ctranslate2.specs.whisper_spec import WhisperSpec
    from practice.export_speech import PREPROCESSOR
    from tokenizers import Tokenizer

    from confere.models.bring import describe
    from confere.models.manifest import Kind, write_manifest

    if (folder / "manifest.json").exists():
        return folder
    contents = tokenizer()
    reader = Tokenizer.from_str(json.dumps(contents))
    start, end = TEXT_TOKENS + 1, TEXT_TOKENS
    passage = [0] * (PROMPT - 1) + reader.encode(passage_text(), add_special_tokens=False).ids
    spec = WhisperSpec(size.layers, size.heads, size.layers, size.heads)
    maker = Maker(size, tokens_per_second, seed)
    maker.encoder(spec.encoder)
    maker.decoder(spec.decoder, passage, start, end)
    spec.register_vocabulary([reader.id_to_token(number) for number in range(TEXT_TOKENS + 1608)])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [contents["model"]["vocab"]["Ġ"], end]
    spec.config.lang_ids = list(range(start + 1, start + 100))
    spec.config.alignment_heads = [list(pair) for pair in size.alignment]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    (folder / "tokenizer.json").write_text(json.dumps(contents, ensure_ascii=False) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    manifest = describe(
        folder,
        Kind.SPEECH,
        name=f"{size.name}-dimensions",
        licence="Apache-2.0",
        origin="benchmarks/small_model.py",
        practice=True,
    )
    write_manifest(folder, manifest)
    return folder


def passage_text() -> str:
    """What the bundled monologues say in Portuguese."""
    folder = ROOT / "src/confere/models/practice/recordings"
    lines = [
        line.split("\t")
        for name in ("VOICE002.txt", "ZOOM0001.txt")
        for line in (folder / name).read_text().splitlines()
    ]
    return "".join(" " + line[4] for line in lines if line[3:4] == ["pt"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--tokens-per-second", type=float, default=TOKENS_PER_SECOND)
    options = parser.parse_args()
    size = SIZES[options.size]
    write_model(options.folder, size, tokens_per_second=options.tokens_per_second)
    size_bytes = (options.folder / "model.bin").stat().st_size
    print(f"{options.folder}: {size.name}'s dimensions, {size_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
