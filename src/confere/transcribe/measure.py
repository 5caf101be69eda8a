"""How fast a speech model hears on this machine, found out in a process of its own.

The process that asks may hold the vault's keys; the one that measures holds none, is told a model and
sound that ships with Confere, and may be killed by whatever a driver does. It reads a question a line of
JSON and writes an answer a line, and ends with whoever asks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

from confere.errors import ConfereError, UnknownLanguage
from confere.transcribe.decoding import AudioFacts, Decoder
from confere.transcribe.profile import Scalar
from confere.transcribe.resampling import SAMPLE_RATE

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

_COMMAND = (sys.executable, "-P", "-E", "-m", "confere.transcribe.measure")
_INHERITED = ("LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "CUDA_VISIBLE_DEVICES")


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model whose files were checked."""

    folder: Path
    name: str
    digest: str
    profile: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to use the machine: ``parallel`` batches at once, each with ``threads`` processors."""

    device: str
    compute_type: str
    threads: int
    parallel: int
    batch: int


@dataclass(frozen=True, slots=True)
class Speed:
    """What hearing cost: ``audio_s`` of sound in ``wall_s``, of all processors ``processor_s``.

    ``memory_bytes`` is the most that the process has held so far; 0 where the system does not tell.
    """

    audio_s: float
    wall_s: float
    processor_s: float
    memory_bytes: int

    @property
    def audio_s_per_s(self) -> float:
        """Seconds of sound in a second."""
        return self.audio_s / max(self.wall_s, 1e-6)


class Meter:
    """The process that measures; use it as a context manager.

    ``languages`` are those of the study, because alternating languages make shorter clips; ``sound`` are
    recordings of ours. A question that is not answered in ``patience_s`` ends the process.
    """

    def __init__(
        self, model: Model, languages: Sequence[str], sound: Sequence[Path], patience_s: float
    ) -> None:
        self._patience_s = patience_s
        self._task = {
            "folder": str(model.folder),
            "name": model.name,
            "profile": dict(model.profile),
            "languages": list(languages),
            "sound": [str(path) for path in sound],
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def compute_types(self) -> dict[str, list[str]]:
        """Return what CTranslate2 can compute with, by device; empty when it does not even load."""
        answer = self._ask({"compute_types": True}) or {}
        return {device: list(types) for device, types in answer.items()}

    def try_out(self, plan: Plan, audio_s: int) -> Speed | None:
        """Return how fast so many seconds of sound are heard; None when it fails or takes too long."""
        answer = self._ask({**self._task, "plan": asdict(plan), "audio_s": audio_s})
        return None if answer is None else Speed(**answer)

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any] | None:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        impatience = threading.Timer(self._patience_s, process.kill)
        impatience.start()
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):  # it was killed, or died
            self._end()
            return None
        finally:
            impatience.cancel()
        return answer if isinstance(answer, dict) else None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError):  # what it was asked and did not read
                process.communicate()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own interpreter, our own module
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        text=True,
        start_new_session=True,  # Ctrl-C reaches whoever asks, who then ends it
    )


@dataclass(slots=True)
class _InMemory:
    """A `Sound` that is decoded already."""

    samples: Samples
    facts: AudioFacts
    truncated: bool = False
    damaged: bool = False

    def blocks(self) -> Iterator[Samples]:
        yield self.samples

    def close(self) -> None:
        """Nothing is held open."""


def answer(question: Mapping[str, Any]) -> dict[str, Any] | None:
    """Answer a question in this process; None for what cannot be done here."""
    if "compute_types" in question:
        return _compute_types()
    try:
        return asdict(_measure(question))
    except (ConfereError, RuntimeError, ValueError, MemoryError):
        return None  # a type that the processor does not know, a driver, a full graphics card


def _compute_types() -> dict[str, Any]:
    import ctranslate2

    types = {"cpu": sorted(ctranslate2.get_supported_compute_types("cpu"))}
    if ctranslate2.get_cuda_device_count():
        types["cuda"] = sorted(ctranslate2.get_supported_compute_types("cuda"))
    return types


def _measure(question: Mapping[str, Any]) -> Speed:
    from confere.transcribe.whisper import WhisperEngine

    plan = Plan(**question["plan"])
    engine = WhisperEngine(
        Path(question["folder"]),
        name=question["name"],
        digest="",
        practice=True,
        profile={**question["profile"], "batch": plan.batch},
        device=plan.device,
        compute_type=plan.compute_type,
        threads=plan.threads,
        parallel=plan.parallel,
    )
    samples = _samples([Path(path) for path in question["sound"]], question["audio_s"])
    facts = AudioFacts(question["audio_s"] * 1000, 1, SAMPLE_RATE, "", "")
    begun, before = time.monotonic(), time.process_time()
    with suppress(UnknownLanguage):  # told at the end; a made voice is not everybody's language
        for _ in engine.windows(_InMemory(samples, facts), languages=question["languages"]):
            pass
    wall_s, processor_s = time.monotonic() - begun, time.process_time() - before
    return Speed(question["audio_s"], wall_s, processor_s, _memory())


def _samples(recordings: Sequence[Path], seconds: int) -> Samples:
    """Return so many seconds of the recordings, one after the other, from the beginning again if short."""
    import numpy as np

    parts = []
    for path in recordings:
        with path.open("rb") as file:
            parts += [block.mean(axis=0) for block in Decoder(file, path.name).blocks()]
    return np.resize(np.concatenate(parts), (1, seconds * SAMPLE_RATE)).astype(np.float32)


def _memory() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main() -> None:
    """Answer the questions of standard input, and end when it ends, be it in the middle of an answer."""
    questions: Queue[str] = Queue()

    def listen() -> None:
        for line in sys.stdin:
            questions.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        print(json.dumps(answer(json.loads(questions.get()))), flush=True)


if __name__ == "__main__":
    main()
