"""Writes a trained translation network as an `.argosmodel`: CTranslate2 weights in int8, pieces,
splitter, metadata."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray
from torch import Tensor, nn

from . import sentence_splitter
from .export_speech import layers
from .translation import Attention, Layer, Translator

PACKAGE = "translate-pt_en-practice-1_0"
METADATA = {
    "package_version": "1.0",
    "argos_version": "1.11",
    "from_code": "pt",
    "from_name": "Portuguese",
    "to_code": "en",
    "to_name": "English",
    "links": [],
    "type": "translate",
    "code": "translate-pt_en",
}
README = """\
# Practice model, Portuguese to English

Knows the practice language alone: some 550 Portuguese words and a few dozen sentence patterns, made by
a grammar. For demonstrations and tests. Useless on real text, and its errors are fluent. Licence:
Apache-2.0.
"""
EARLIEST = (1980, 1, 1, 0, 0, 0)  # what a ZIP can say at least; the same package has the same bytes


def export(network: Translator, pieces: bytes, folder: Path) -> Path:
    """Write the package into the folder, and unpacked beside it as the product loads it; gives its
    path."""
    spec = specification(network, pieces)
    spec.validate()
    spec.optimize(quantization="int8")
    contents: dict[str, bytes] = {
        "README.md": README.encode(),
        "metadata.json": (json.dumps(METADATA, indent=2) + "\n").encode(),
        "minisbd/pt.onnx": sentence_splitter.model(),
        "sentencepiece.model": pieces,
    }
    with tempfile.TemporaryDirectory() as temporary:
        spec.save(temporary)
        for path in sorted(Path(temporary).iterdir()):
            contents[f"model/{path.name}"] = path.read_bytes()
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    package = folder / f"{PACKAGE}.argosmodel"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"{PACKAGE}/{name}", EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[name])
    return package


def specification(network: Translator, pieces: bytes) -> transformer_spec.TransformerSpec:
    """The network in CTranslate2's terms."""
    shape = network.shape
    spec = transformer_spec.TransformerSpec.from_config(
        (shape.layers, shape.layers),
        shape.heads,
        pre_norm=True,
        activation=common_spec.Activation.RELU,
    )
    table = _array(network.embeddings.weight[: shape.pieces])
    spec.encoder.embeddings[0].weight = table
    spec.decoder.embeddings.weight = table
    spec.decoder.projection.weight = table
    spec.decoder.projection.bias = _array(network.bias)
    for side, norm in ((spec.encoder, network.encoder_norm), (spec.decoder, network.decoder_norm)):
        side.scale_embeddings = True
        side.position_encodings.encodings = _array(network.positions)
        _norm(side.layer_norm, norm)
    for target, layer in layers(spec.encoder, network.encoder):
        _common(target, layer)
    for target, layer in layers(spec.decoder, network.decoder):
        _common(target, layer)
        cross = layer.cross
        _norm(target.attention.layer_norm, layer.norm_cross)
        _fused(target.attention.linear[0], cross.queries)
        _fused(target.attention.linear[1], cross.keys, cross.values)
        _fused(target.attention.linear[2], cross.output)
    processor = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    entries = [processor.id_to_piece(index) for index in range(shape.pieces)]
    spec.register_source_vocabulary(entries)
    spec.register_target_vocabulary(entries)
    spec.config.add_source_eos = True
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.decoder_start_token = "<s>"
    return spec


def _common(target: Any, layer: Layer) -> None:
    attention: Attention = layer.self_attention
    _norm(target.self_attention.layer_norm, layer.norm_self)
    _fused(target.self_attention.linear[0], attention.queries, attention.keys, attention.values)
    _fused(target.self_attention.linear[1], attention.output)
    _norm(target.ffn.layer_norm, layer.norm_feed)
    _fused(target.ffn.linear_0, layer.widen)
    _fused(target.ffn.linear_1, layer.narrow)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().float().numpy().copy()
    return array


def _norm(target: Any, module: nn.LayerNorm) -> None:
    target.gamma, target.beta = _array(module.weight), _array(module.bias)


def _fused(target: Any, *modules: nn.Linear) -> None:
    """One or several projections of one input as a single matrix."""
    target.weight = np.concatenate([_array(module.weight) for module in modules])
    target.bias = np.concatenate([_array(module.bias) for module in modules])
