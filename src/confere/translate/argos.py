"""The translation engine: Argos packages, from a folder on this machine, never from the net.

What it gives is what ``argostranslate.translate`` gives for a sentence alone (a test compares them):
the package's own splitter and tokenizer, argostranslate's parameters, the same CTranslate2. It does not
import that module, because it would cost 12 s, 300 MB of torch, a cache of the last text and log
lines that hold the text; and sentences go through the model in batches.

A batch holds pieces of *one length* only. Where shorter ones are padded, sums are added up in another order,
their last bits change, and now and then another translation wins (``benchmarks/translating.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from confere.domain import EngineRecord
from confere.translate.packages import load_package, load_splitter, load_translator
from confere.translate.port import CUT, FAILED, Translated

ENGINE = "argostranslate"

BEAM = 4  # argostranslate.settings.beam_size
LENGTH_PENALTY = 0.2  # argostranslate.translate.apply_packaged_translation
LONGEST_INPUT, LONGEST_OUTPUT = 1024, 256  # tokens; CTranslate2's own, which argostranslate leaves
BATCH = 32  # pieces

Piece: TypeAlias = tuple[str, ...]
Hypotheses: TypeAlias = Sequence[Sequence[str]]  # tokens, the best first


class ArgosEngine:
    """A ``TranslationEngine`` over an Argos package whose files were checked.

    ``parallel`` batches are translated at a time, each by ``threads`` processors. Raises DamagedModel
    when the folder does not load.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        digest: str,
        practice: bool,
        threads: int = 1,
        parallel: int = 1,
    ) -> None:
        self._package = load_package(folder, name)
        self._translator = load_translator(folder, name, threads, parallel)
        self._splitter = load_splitter(folder)
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
                "compute_type": str(self._translator.compute_type),
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

    def translate(self, sentences: Sequence[str]) -> tuple[Translated, ...]:
        """Return one translation a sentence; see ``TranslationEngine``."""
        return tuple(best for best, _ in self._hypotheses(sentences, 1))

    def alternatives(self, sentences: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return the other hypotheses of the beam; see ``TranslationEngine``."""
        return tuple(others for _, others in self._hypotheses(sentences, BEAM))

    def _hypotheses(
        self, sentences: Sequence[str], count: int
    ) -> list[tuple[Translated, tuple[str, ...]]]:
        # What is said again and again ("Sim.") is translated once.
        read = {sentence: self._read(sentence) for sentence in dict.fromkeys(sentences)}
        pieces = list(dict.fromkeys(piece for some in read.values() for piece in some or ()))
        written = dict(zip(pieces, self._written(pieces, count), strict=True))
        made = {
            sentence: self._put_together(some, [written[piece] for piece in some or ()], count)
            for sentence, some in read.items()
        }
        return [made[sentence] for sentence in sentences]

    def _read(self, sentence: str) -> list[Piece] | None:
        """A sentence as the model reads it; None where the package's splitter breaks on it."""
        # A line break would make two paragraphs of a sentence.
        line = " ".join(sentence.split())
        try:
            pieces = self._splitter.sentences(line) if line else []
            return [tuple(self._package.tokenizer.encode(piece)) for piece in pieces]
        except Exception:  # noqa: BLE001 - whatever odd text does to it, others must stand
            return None

    def _written(self, pieces: Sequence[Piece], count: int) -> list[Hypotheses | None]:
        """What the model writes for each piece; None where it breaks."""
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for at, piece in enumerate(pieces):
            alike[len(piece)].append(at)
        begun: list[tuple[int, Callable[[], Any]]] = []
        # The longest first: then no processor works on one of them when the others are done.
        for _, places in sorted(alike.items(), reverse=True):
            for first in range(0, len(places), BATCH):
                some = places[first : first + BATCH]
                begun += zip(some, self._begin([pieces[at] for at in some], count), strict=True)
        written: list[Hypotheses | None] = [None] * len(pieces)
        for at, result in begun:
            written[at] = self._ended(pieces[at], result, count)
        return written

    def _begin(self, batch: Sequence[Piece], count: int) -> list[Callable[[], Any]]:
        prefix = self._package.target_prefix
        results = self._translator.translate_batch(
            [list(piece) for piece in batch],
            asynchronous=True,
            target_prefix=[[prefix]] * len(batch) if prefix else None,
            replace_unknowns=True,
            max_batch_size=0,  # the batch as it is
            beam_size=BEAM,
            num_hypotheses=count,
            length_penalty=LENGTH_PENALTY,
            max_input_length=LONGEST_INPUT,
            max_decoding_length=LONGEST_OUTPUT,
        )
        return [result.result for result in results]

    def _ended(self, piece: Piece, result: Callable[[], Any], count: int) -> Hypotheses | None:
        for once_more in (result, lambda: self._begin([piece], count)[0]()):
            try:
                hypotheses: Hypotheses = once_more().hypotheses
            except (RuntimeError, ValueError):  # then its neighbours may be to blame
                continue
            return hypotheses
        return None

    def _put_together(
        self, pieces: list[Piece] | None, written: list[Hypotheses | None], count: int
    ) -> tuple[Translated, tuple[str, ...]]:
        """The texts of what a sentence's pieces became, as argostranslate puts them together."""
        whole = [hypotheses for hypotheses in written if hypotheses is not None]
        if pieces is None or len(whole) < len(pieces):
            return Translated("", (FAILED,)), ()
        if not pieces:
            return Translated(""), ()
        best, *others = (
            self._text([token for hypotheses in whole for token in hypotheses[rank]])
            for rank in range(count)
        )
        cut = max(map(len, pieces)) >= LONGEST_INPUT or any(
            len(hypotheses[0]) >= LONGEST_OUTPUT for hypotheses in whole
        )
        return Translated(best, (CUT,) if cut else ()), tuple(others)

    def _text(self, tokens: list[str]) -> str:
        text = str(self._package.tokenizer.decode(tokens))
        prefix = self._package.target_prefix
        return text.removeprefix(prefix).removeprefix(" ") if prefix else text.removeprefix(" ")
