"""Model folders that no engine could load, but whose files are named and shaped like real ones."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from confere.models.bring import describe
from confere.models.manifest import Kind, write_manifest
from confere.models.store import ModelStore

TOKENIZER = {
    "added_tokens": [{"content": "<|pt|>"}, {"content": "<|en|>"}, {"content": "<|0.00|>"}]
}

SPEECH: dict[str, bytes] = {
    "model.bin": bytes(range(256)) * 400,
    "config.json": b"{}",
    "tokenizer.json": json.dumps(TOKENIZER).encode(),
    "vocabulary.txt": b"a\nb\n",
}

TRANSLATION: dict[str, bytes] = {
    "metadata.json": json.dumps({"from_code": "pt", "to_code": "en"}).encode(),
    "sentencepiece.model": b"pieces",
    "model/model.bin": b"weights" * 100,
    "model/shared_vocabulary.json": b"[]",
}


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a new folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def package(file: Path, files: dict[str, bytes], root: str = "translate-pt_en-1_0") -> Path:
    """Write files into an ``.argosmodel``."""
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in files.items():
            archive.writestr(f"{root}/{path}", content)
    return file


def installed(store: ModelStore, name: str = "toy", practice: bool = False) -> Path:
    """Put a speech model with a manifest into the store."""
    folder = lay_out(store.folder / "speech" / name, SPEECH)
    write_manifest(
        folder,
        describe(folder, Kind.SPEECH, name=name, licence="MIT", origin="a test", practice=practice),
    )
    return folder
