#!/usr/bin/env python3
"""How well the practice translation model translates held-out sentences of the practice language.

    python benchmarks/practice_translation.py [--package FILE] [--seed N] [--sentences N]

Installs the package into a folder of its own, shuts every socket, and translates through
argostranslate with its default settings: once the sentences as they are, once as a speech
recogniser may write them. Prints chrF, BLEU, how many are exactly right, and the speed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sacrebleu

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from practice.train_translation import as_recognised  # noqa: E402

from practice import sentences  # noqa: E402 - the trainers' modules lie beside their scripts

FOLDER = ROOT / "src" / "confere" / "models" / "practice" / "translation"


def translator(package: Path, home: Path) -> Callable[[str], str]:
    """argostranslate over this one package, unable to call out. Its settings are read on import, so
    they come first."""
    packages = home / "packages"
    packages.mkdir()
    os.environ["ARGOS_PACKAGES_DIR"] = str(packages)
    for name in ("DATA", "CONFIG", "CACHE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
    with zipfile.ZipFile(package) as archive:
        archive.extractall(packages)
    shut_sockets()
    from argostranslate import translate

    found = translate.get_translation_from_codes("pt", "en")
    return lambda text: str(found.translate(text))


def shut_sockets() -> None:
    """Make every attempt to reach the net an error."""

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise OSError("the benchmark was about to call out")

    socket.create_connection = refuse
    socket.getaddrinfo = refuse
    socket.socket.connect = refuse  # type: ignore[method-assign]


def figures(
    sources: list[str], wanted: list[str], translate: Callable[[str], str]
) -> dict[str, Any]:
    """Translate one by one and score."""
    began = time.perf_counter()
    found = [translate(source) for source in sources]
    seconds = time.perf_counter() - began
    wrong = [rows for rows in zip(sources, found, wanted, strict=True) if rows[1] != rows[2]]
    for source, hypothesis, reference in wrong[:5]:
        print(f"  {source}\n    -> {hypothesis}\n    != {reference}")
    return {
        "sentences": len(sources),
        "chrf": round(sacrebleu.corpus_chrf(found, [wanted]).score, 2),
        "bleu": round(sacrebleu.corpus_bleu(found, [wanted]).score, 2),
        "exact_percent": round(100 * (1 - len(wrong) / len(sources)), 1),
        "sentences_per_second": round(len(sources) / seconds, 1),
    }


def main() -> None:
    """Parse, translate, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--package", type=Path, help="the .argosmodel; default: the shipped one")
    parser.add_argument("--seed", type=int, default=5_000)
    parser.add_argument("--sentences", type=int, default=600)
    options = parser.parse_args()
    package = options.package or next(FOLDER.glob("*.argosmodel"))
    pairs = sentences.held_out(
        options.seed, options.sentences, sentences.translation_training_texts()
    )
    sources, wanted = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    rng = random.Random(options.seed)
    varied = [as_recognised(source, rng) for source in sources]
    with tempfile.TemporaryDirectory() as home:
        translate = translator(package, Path(home))
        translate(sources[0])  # loads the model
        result = {
            "as_written": figures(sources, wanted, translate),
            "as_recognised": figures(varied, wanted, translate),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
