"""An Argos package that copies: real files and a real model, whose weights are worked out by hand.

It "translates" from one language to another by writing what it reads, in the word pieces of the practice
package, so that a route through it and the practice package has to say what the practice package says.

The model is a Transformer of one layer. Half of its width is a random code of the piece, the other half one
of the place. Everything is zero but the cross-attention: at each place the decoder looks for that place in
the source and adds its piece, eight times as strong as the one it wrote last.
"""

from __future__ import annotations

import json
import shutil
import string
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec

from confere.models.store import BUNDLED

HALF, PLACES = 128, 512
SHARP, STRONG = 4.0, 8.0


def copying_package(folder: Path, source: str, target: str, bpe: bool = False) -> Path:
    """Write the package, from one language code to another, into a new folder.

    With ``bpe`` it has the tokenizer of older packages, and reads words letter by letter.
    """
    folder.mkdir(parents=True)
    shutil.copytree(BUNDLED / "translation" / "minisbd", folder / "minisbd")
    named = {"from_code": source, "from_name": source, "to_code": target, "to_name": target}
    (folder / "metadata.json").write_text(json.dumps({"type": "translate", **named}))
    spec = _specification(_letters(folder) if bpe else _pieces(folder))
    spec.validate()
    (folder / "model").mkdir()
    spec.save(str(folder / "model"))
    return folder


def _pieces(folder: Path) -> list[str]:
    shutil.copy(BUNDLED / "translation" / "sentencepiece.model", folder)
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    return [model.id_to_piece(at) for at in range(model.get_piece_size())]


def _letters(folder: Path) -> list[str]:
    (folder / "bpe.model").write_text("#version: 0.2\n")
    letters = string.ascii_letters + string.digits + string.punctuation + "áâãàéêíóôõúçÉ"
    return ["<unk>", "<s>", "</s>", *letters, *(f"{letter}@@" for letter in letters)]


def _specification(pieces: list[str]) -> Any:
    spec = transformer_spec.TransformerSpec.from_config(
        (1, 1), 1, pre_norm=True, activation=common_spec.Activation.RELU
    )
    chance = np.random.default_rng(1)
    codes, nothing = _signs(chance, len(pieces)), np.zeros((len(pieces), HALF), np.float32)
    table = np.concatenate([codes, nothing], axis=1)
    places = np.concatenate([np.zeros((PLACES, HALF), np.float32), _signs(chance, PLACES)], axis=1)
    spec.encoder.embeddings[0].weight = table
    spec.decoder.embeddings.weight = table
    spec.decoder.projection.weight = table
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        side.position_encodings.encodings = places
        _level(side.layer_norm)
        layer = side.layer[0]
        _level(layer.self_attention.layer_norm)
        _level(layer.ffn.layer_norm)
        _linear(layer.self_attention.linear[0], np.zeros((3 * 2 * HALF, 2 * HALF)))
        _linear(layer.self_attention.linear[1], np.zeros((2 * HALF, 2 * HALF)))
        _linear(layer.ffn.linear_0, np.zeros((HALF, 2 * HALF)))
        _linear(layer.ffn.linear_1, np.zeros((2 * HALF, HALF)))
    piece, place = np.eye(2 * HALF), np.eye(2 * HALF)
    piece[HALF:], place[:HALF] = 0, 0
    across = spec.decoder.layer[0].attention
    _level(across.layer_norm)
    _linear(across.linear[0], SHARP * place)
    _linear(across.linear[1], np.concatenate([place, piece]))
    _linear(across.linear[2], STRONG * piece)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = "<s>"
    return spec


def _signs(chance: np.random.Generator, count: int) -> Any:
    return chance.choice([-1.0, 1.0], size=(count, HALF)).astype(np.float32)


def _level(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(2 * HALF, np.float32), np.zeros(2 * HALF, np.float32)


def _linear(spec: Any, weight: Any) -> None:
    spec.weight = weight.astype(np.float32)
    spec.bias = np.zeros(len(weight), np.float32)
