"""A sentence splitter of rules in the format of MiniSBD, so that the Argos package needs no
download at first use.

MiniSBD runs an ONNX graph over character numbers and reads a label for each character; label 2 ends
a sentence. Here the graph is not trained: one convolution over one-hot characters says that a mark
`. ! ? …` with a blank or the end behind it ends a sentence, unless the mark closes a listed
abbreviation.
"""

from __future__ import annotations

import json
import string
from typing import Any

import numpy as np
import onnx  # type: ignore[import-not-found,unused-ignore]
from numpy.typing import NDArray
from onnx import (  # type: ignore[import-not-found,unused-ignore]
    TensorProto,
    helper,
    numpy_helper,
)

CHARACTERS = ["<PAD>", "<UNK>", " ", *".!?…", *string.ascii_lowercase, *string.ascii_uppercase]
MARKS = ".!?…"
ABBREVIATIONS = ["Dr.", "Sr.", "Sra.", "Dra.", "Av.", "dr.", "sr.", "sra.", "dra.", "av."]
BEFORE, AFTER = 5, 1  # characters that the convolution sees to each side

# What the labels of one character become; 1 is unused.
INSIDE, UNUSED, SENTENCE_END = 0, 1, 2


def _detectors() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights `[detectors, characters, window]` and biases: the first finds a mark that ends
    something, each other one an abbreviation. A detector is above zero only where all of its
    characters stand."""
    number = {character: index for index, character in enumerate(CHARACTERS)}
    weights = np.zeros((1 + len(ABBREVIATIONS), len(CHARACTERS), BEFORE + 1 + AFTER), np.float32)
    biases = np.zeros(len(weights), np.float32)
    for mark in MARKS:
        weights[0, number[mark], BEFORE] = 1
    for behind in (" ", "<PAD>"):
        weights[0, number[behind], BEFORE + 1] = 1
    biases[0] = -1.5
    for row, abbreviation in enumerate(ABBREVIATIONS, 1):
        text = " " + abbreviation
        for place, character in enumerate(text):
            weights[row, number[character], BEFORE + 1 - len(text) + place] = 1
        biases[row] = 0.5 - len(text)
    return weights, biases


def _constants() -> dict[str, NDArray[Any]]:
    weights, biases = _detectors()
    votes = np.zeros((3, len(weights), 1), np.float32)
    votes[SENTENCE_END, 0], votes[SENTENCE_END, 1:] = 4, -100
    return {
        "one_hot": np.eye(len(CHARACTERS), dtype=np.float32),
        "detectors": weights,
        "thresholds": biases,
        "votes": votes,
        "bias": np.array([1, -50, 0], np.float32),
        "zero": np.zeros(1, np.float32),
        "last_axis": np.array([2], np.int64),
    }


def model() -> bytes:
    """The splitter as the bytes of an ONNX file with MiniSBD's metadata."""
    nodes = [
        helper.make_node("Gather", ["one_hot", "units"], ["characters"]),
        helper.make_node("Transpose", ["characters"], ["rows"], perm=[0, 2, 1]),
        helper.make_node(
            "Conv",
            ["rows", "detectors", "thresholds"],
            ["found"],
            kernel_shape=[BEFORE + 1 + AFTER],
            pads=[BEFORE, AFTER],
        ),
        helper.make_node("Relu", ["found"], ["clear"]),
        helper.make_node("Conv", ["clear", "votes", "bias"], ["labels"], kernel_shape=[1]),
        helper.make_node("Transpose", ["labels"], ["by_character"], perm=[0, 2, 1]),
        # MiniSBD also feeds features of the characters; an input must be used, so they count for nothing.
        helper.make_node("ReduceSum", ["features", "last_axis"], ["summed"], keepdims=1),
        helper.make_node("Mul", ["summed", "zero"], ["nothing"]),
        helper.make_node("Add", ["by_character", "nothing"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "practice_sentence_splitter",
        [
            helper.make_tensor_value_info("units", TensorProto.INT64, ["B", "N"]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", "N", "F"]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["B", "N", 3])],
        [numpy_helper.from_array(array, name) for name, array in _constants().items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    for key, value in _metadata().items():
        entry = proto.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(proto)
    contents: bytes = proto.SerializeToString(deterministic=True)
    return contents


def _metadata() -> dict[str, str]:
    number = {character: index for index, character in enumerate(CHARACTERS)}
    config = {
        "feat_funcs": ["space_before", "capitalized"],
        "max_seqlen": 1000,
        "batch_size": 1,
        "skip_newline": False,
        "use_dictionary": False,
        "num_dict_feat": 0,
    }
    vocabulary = {
        "lang": "pt",
        "idx": 0,
        "cutoff": 0,
        "lower": False,
        "_unit2id": number,
        "_id2unit": CHARACTERS,
    }
    return {
        "lang_code": "pt",
        "config": json.dumps(config),
        "vocab": json.dumps(vocabulary, ensure_ascii=False),
        "lexicon": "null",
    }
