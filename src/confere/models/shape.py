"""Which files a model of each kind may and must have.

Only files on these lists are taken from a stick or from the net. CTranslate2's ``model.bin`` and
sentencepiece's model are plain data. What is not on the lists is left behind, above all anything that
Python would unpickle: the Stanza splitters (``stanza/*.pt``) inside older Argos packages are such.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from confere.models.manifest import Kind

ALLOWED: dict[Kind, tuple[str, ...]] = {
    Kind.SPEECH: (
        "model.bin",
        "config.json",
        "tokenizer.json",
        "preprocessor_config.json",
        "vocabulary.json",
        "vocabulary.txt",
        "README.md",
    ),
    Kind.TRANSLATION: (
        "metadata.json",
        "README.md",
        "sentencepiece.model",
        "bpe.model",
        "model/config.json",
        "model/model.bin",
        "model/shared_vocabulary.json",
        "model/shared_vocabulary.txt",
        "model/source_vocabulary.json",
        "model/source_vocabulary.txt",
        "model/target_vocabulary.json",
        "model/target_vocabulary.txt",
        "minisbd/*.onnx",
    ),
}

# One of each row must be there. Without tokenizer.json faster-whisper would ask a hub on the net.
REQUIRED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.SPEECH: (
        ("model.bin",),
        ("config.json",),
        ("tokenizer.json",),
        ("vocabulary.json", "vocabulary.txt"),
    ),
    Kind.TRANSLATION: (
        ("metadata.json",),
        ("sentencepiece.model", "bpe.model"),
        ("model/model.bin",),
        ("model/shared_vocabulary.*", "model/source_vocabulary.*"),
    ),
}


def allowed(kind: Kind, path: str) -> bool:
    """Whether a model of this kind may hold a file at this relative path."""
    return any(
        fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")
        for pattern in ALLOWED[kind]
    )


def missing(kind: Kind, paths: Iterable[str]) -> str | None:
    """Return the name of a file that a model of this kind must have and these paths lack."""
    there = list(paths)
    for choices in REQUIRED[kind]:
        if not any(fnmatchcase(path, choice) for path in there for choice in choices):
            return " or ".join(choices)
    return None


def looks_like(paths: Iterable[str]) -> Kind | None:
    """Return the kind of model that a folder with these files holds, if any."""
    there = set(paths)
    if "metadata.json" in there:
        return Kind.TRANSLATION
    return Kind.SPEECH if {"model.bin", "config.json"} <= there else None
