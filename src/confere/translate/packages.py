"""An Argos package on this disk: its reader, its splitter and its model, loaded without a trace."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from confere.errors import DamagedModel

COMPUTE_TYPE = "auto"  # argostranslate.settings.compute_type

# sacremoses and minisbd come with argostranslate and have the same text in their hands.
TALKATIVE = ("argostranslate.utils", "minisbd", "sacremoses", "stanza")


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


def load_package(folder: Path, name: str) -> Any:
    """Return argostranslate's reader of a package: languages, tokenizer; raises DamagedModel."""
    package = _argostranslate_package()
    try:
        return package.Package(folder)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DamagedModel(name, "it is not an Argos package") from error


def load_translator(folder: Path, name: str, threads: int, parallel: int) -> Any:
    """Return the package's model, for so many batches at a time and so many threads a batch.

    Raises DamagedModel.
    """
    import ctranslate2

    try:
        return ctranslate2.Translator(
            str(folder / "model"),
            device="cpu",
            compute_type=COMPUTE_TYPE,
            inter_threads=parallel,
            intra_threads=threads,
        )
    except (RuntimeError, ValueError) as error:
        raise DamagedModel(name, f"it does not load ({type(error).__name__})") from error


def load_splitter(folder: Path) -> Splitter:
    """Return the splitter that lies in a package."""
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
