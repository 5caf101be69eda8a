"""Writes a trained network as the folder that faster-whisper loads: CTranslate2 weights in int8,
tokenizer, settings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ctranslate2.specs import common_spec
from ctranslate2.specs.whisper_spec import WhisperSpec
from numpy.typing import NDArray
from torch import Tensor, nn

from .losses import GUIDED_HEADS
from .network import Attention, DecoderLayer, EncoderLayer, PracticeWhisper, Shape
from .vocabulary import LANGUAGES, SPACE, Vocabulary

NEVER = -40.0  # the logit of rows that were not trained

# What faster-whisper's feature extractor has to do; Whisper's own values.
PREPROCESSOR = {
    "chunk_length": 30,
    "feature_extractor_type": "WhisperFeatureExtractor",
    "feature_size": 80,
    "hop_length": 160,
    "n_fft": 400,
    "n_samples": 480000,
    "nb_max_frames": 3000,
    "padding_side": "right",
    "padding_value": 0.0,
    "processor_class": "WhisperProcessor",
    "return_attention_mask": False,
    "sampling_rate": 16000,
}


def vocabulary_of(checkpoint: Path) -> Vocabulary:
    """The vocabulary that a checkpoint was trained with."""
    return Vocabulary(torch.load(checkpoint, weights_only=True)["tokenizer"])


def network_of(checkpoint: Path) -> PracticeWhisper:
    """The network of a checkpoint that training saved, ready to be exported."""
    saved = torch.load(checkpoint, weights_only=True)
    network = PracticeWhisper(Shape(**saved["shape"]))
    network.load_state_dict(saved["weights"])
    return network.eval()


def export(network: PracticeWhisper, vocabulary: Vocabulary, folder: Path) -> None:
    """Write model.bin, config.json, vocabulary.json, tokenizer.json and preprocessor_config.json; a
    model card and a manifest that lie there stay."""
    spec = specification(network, vocabulary)
    spec.validate()
    spec.optimize(
        quantization="int8"
    )  # overwrites the arrays: a specification is good for one export
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    spec.save(str(fresh))
    contents = json.dumps(vocabulary.contents, ensure_ascii=False)
    (fresh / "tokenizer.json").write_text(contents + "\n")
    (fresh / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    for path in fresh.iterdir():
        path.replace(folder / path.name)
    fresh.rmdir()


def specification(network: PracticeWhisper, vocabulary: Vocabulary) -> WhisperSpec:
    """The network in CTranslate2's terms."""
    shape = network.shape
    spec = WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    encoder, decoder = network.encoder, network.decoder
    for target, convolution in (
        (spec.encoder.conv1, encoder.conv1),
        (spec.encoder.conv2, encoder.conv2),
    ):
        _weights(target, convolution)
    spec.encoder.position_encodings.encodings = _array(encoder.positions)
    _norm(spec.encoder.layer_norm, encoder.layer_norm)
    for target, layer in layers(spec.encoder, encoder.layers):
        _common(target, layer)
    table, gain, shift = _output(network, vocabulary)
    spec.decoder.embeddings.weight = table
    spec.decoder.projection.weight = table
    spec.decoder.position_encodings.encodings = _array(decoder.embed_positions.weight)
    spec.decoder.layer_norm.gamma, spec.decoder.layer_norm.beta = gain, shift
    for target, layer in layers(spec.decoder, decoder.layers):
        _common(target, layer)
        _norm(target.attention.layer_norm, layer.encoder_attn_layer_norm)
        attention = layer.encoder_attn
        _weights(target.attention.linear[0], attention.q_proj)
        _fused(target.attention.linear[1], attention.k_proj, attention.v_proj)
        _weights(target.attention.linear[2], attention.out_proj)
    spec.register_vocabulary(vocabulary.entries())
    first_language = vocabulary.file_id("en")
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [
        vocabulary.contents["model"]["vocab"][SPACE],
        vocabulary.file_id("endoftext"),
    ]
    spec.config.lang_ids = list(range(first_language, first_language + len(LANGUAGES)))
    spec.config.alignment_heads = [[shape.decoder_layers - 1, head] for head in range(GUIDED_HEADS)]
    return spec


def layers(side: Any, modules: nn.ModuleList) -> list[tuple[Any, Any]]:
    """The layers of one side of a specification, each with the module it is filled from."""
    return list(zip(side.layer, modules, strict=True))


def _output(
    network: PracticeWhisper, vocabulary: Vocabulary
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings for every row of the file and the last normalising. Hidden unit 0 is made
    constantly one: through it each untrained row gets its logit, while the embeddings of trained
    rows are zero there."""
    decoder = network.decoder
    rows = _array(decoder.embeddings())
    table = np.zeros((len(vocabulary.entries()), rows.shape[1]), np.float32)
    table[:, 0] = NEVER
    table[vocabulary.file_ids] = rows
    gain, shift = _array(decoder.layer_norm.weight), _array(decoder.layer_norm.bias)
    gain[0], shift[0] = 0.0, 1.0
    return table, gain, shift


def _common(target: Any, layer: EncoderLayer | DecoderLayer) -> None:
    attention: Attention = layer.self_attn
    _norm(target.self_attention.layer_norm, layer.self_attn_layer_norm)
    _fused(target.self_attention.linear[0], attention.q_proj, attention.k_proj, attention.v_proj)
    _weights(target.self_attention.linear[1], attention.out_proj)
    _norm(target.ffn.layer_norm, layer.final_layer_norm)
    _weights(target.ffn.linear_0, layer.fc1)
    _weights(target.ffn.linear_1, layer.fc2)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().float().numpy().copy()
    return array


def _weights(target: Any, module: nn.Linear | nn.Conv1d) -> None:
    target.weight = _array(module.weight)
    if module.bias is not None:
        target.bias = _array(module.bias)


def _norm(target: Any, module: nn.LayerNorm) -> None:
    target.gamma, target.beta = _array(module.weight), _array(module.bias)


def _fused(target: common_spec.LinearSpec, *modules: nn.Linear) -> None:
    """Several projections of one input as a single matrix; keys have no bias, so theirs is zero."""
    target.weight = np.concatenate([_array(module.weight) for module in modules])
    target.bias = np.concatenate(
        [
            np.zeros(module.out_features, np.float32)
            if module.bias is None
            else _array(module.bias)
            for module in modules
        ]
    )
