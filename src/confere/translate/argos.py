"""The translation engine: Argos packages, from a folder on this machine, never from the net.

What it gives is what ``argostranslate.translate`` gives for a sentence alone (a test compares them):
the package's own splitter and tokenizer, argostranslate's parameters, the same CTranslate2. It does not
import that module, because it would cost 12 s, 300 MB of torch, a cache of the last text and log
lines that hold the text; and all sentences go through the model in one batch.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from confere.domain import EngineRecord
from confere.errors import DamagedModel

ENGINE = "argostranslate"

BEAM = 4  # argostranslate.settings.beam_size
LENGTH_PENALTY = 0.2  # argostranslate.translate.apply_packaged_translation
BATCH_TOKENS = 2_048  # argostranslate's own 32 would be one sentence at a time

# sacremoses and minisbd come with argostranslate and have the same text in their hands.
TALKATIVE = ("argostranslate.utils", "minisbd", "sacremoses", "stanza")


class ArgosEngine:
    """A ``TranslationEngine`` over an Argos package whose files were checked.

    ``threads`` is how many processors it may use, 0 for what CTranslate2 thinks best. Raises DamagedModel
    when the folder does not load.
    """

    def __init__(
        self, folder: Path, *, name: str, digest: str, practice: bool, threads: int = 0
    ) -> None:
        self._package = _package(folder, name)
        self._translator = _translator(folder, name, threads)
        self._splitter = _splitter(folder)
        self._record = EngineRecord(
            engine=ENGINE,
            engine_version=version(ENGINE),
            model=name,
            model_digest=digest,
            practice=practice,
            parameters={
                "source": self.source,
                "target": self.target,
                "beam": BEAM,
                "length_penalty": LENGTH_PENALTY,
                "splitter": type(self._splitter).__name__,
            },
        )

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is."""
        return self._record

    @property
    def source(self) -> str:
        """The language it translates from, ISO 639-1."""
        return str(self._package.from_code)

    @property
    def target(self) -> str:
        """The language it translates to, ISO 639-1."""
        return str(self._package.to_code)

    def translate(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """Return one translation a sentence; see ``TranslationEngine``."""
        # A line break would make two paragraphs of a sentence.
        lines = [" ".join(sentence.split()) for sentence in sentences]
        pieces = [self._splitter.sentences(line) if line else [] for line in lines]
        tokens = [self._package.tokenizer.encode(piece) for line in pieces for piece in line]
        hypotheses = iter(self._translated(tokens))
        return tuple(self._joined([next(hypotheses) for _ in line]) for line in pieces)

    def _translated(self, tokens: list[list[str]]) -> list[list[str]]:
        if not tokens:
            return []
        prefix = self._package.target_prefix
        results = self._translator.translate_batch(
            tokens,
            target_prefix=[[prefix]] * len(tokens) if prefix else None,
            replace_unknowns=True,
            max_batch_size=BATCH_TOKENS,
            batch_type="tokens",
            beam_size=BEAM,
            num_hypotheses=1,
            length_penalty=LENGTH_PENALTY,
        )
        return [result.hypotheses[0] for result in results]

    def _joined(self, pieces: list[list[str]]) -> str:
        """The text of what a sentence's pieces became, as argostranslate puts it together."""
        if not pieces:
            return ""
        text = str(self._package.tokenizer.decode([token for piece in pieces for token in piece]))
        prefix = self._package.target_prefix
        return text.removeprefix(prefix).removeprefix(" ") if prefix else text.removeprefix(" ")


class Splitter(Protocol):
    """Cuts a text where the package's model wants its sentences to end."""

    def sentences(self, text: str) -> list[str]:
        """Return the pieces of a text, in order."""
        ...


class WholeSentence:
    """For packages without a splitter: what comes in is a sentence already.

    Older packages bring one of Stanza's, which Python would have to unpickle; it is never loaded.
    """

    def sentences(self, text: str) -> list[str]:
        """Return the text."""
        return [text]


def _package(folder: Path, name: str) -> Any:
    package = _argostranslate_package()
    try:
        return package.Package(folder)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DamagedModel(name, "it is not an Argos package") from error


def _translator(folder: Path, name: str, threads: int) -> Any:
    import ctranslate2

    try:
        return ctranslate2.Translator(
            str(folder / "model"),
            device="cpu",
            inter_threads=1,
            intra_threads=threads,
        )
    except (RuntimeError, ValueError) as error:
        raise DamagedModel(name, f"it does not load ({type(error).__name__})") from error


def _splitter(folder: Path) -> Splitter:
    models = sorted((folder / "minisbd").glob("*.onnx"))
    if not models:
        return WholeSentence()
    minisbd: Any = import_module("minisbd")
    # A path that is a file is used as it is; only a bare language code would be downloaded.
    splitter: Splitter = minisbd.SBDetect(str(models[0].resolve()), use_gpu=False, max_threads=1)
    return splitter


@cache
def _argostranslate_package() -> Any:
    """Import argostranslate's package reader so that it finds and leaves nothing of the user's.

    On import it makes four folders, by default in the user's home, and reads settings from there and
    from the environment, ``ARGOS_DEBUG`` among them, which prints every sentence. So the import sees an
    environment of its own, over a folder that is gone before anything is translated.
    """
    with tempfile.TemporaryDirectory(prefix="confere-") as folder, _environment(folder):
        from argostranslate import package
    for name in TALKATIVE:
        logging.getLogger(name).disabled = True
    return package


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    kept = dict(os.environ)
    for key in [key for key in os.environ if key.startswith(("ARGOS_", "SNAP"))]:
        del os.environ[key]
    for key in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR"):
        os.environ[key] = folder
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
