#!/usr/bin/env python3
"""Translation of 2,000 sentences, against argostranslate called a sentence at a time; and the word list.

    python benchmarks/translating.py [--seed N] [--sentences N] [--table] [--words]

Theirs is `translate(text)` of argostranslate, its settings untouched, the model loaded and warmed up, in a
process of its own; once more with the one thread (`ARGOS_INTRA_THREADS=1`) that suits so small a model.
Ours is `Routes.translate`: all at once, and in windows of 40 to 80 sentences. Told are seconds by the clock
and of the processor, and how many texts differ from theirs, which must be none. ``--table`` compares batches
and threads; ``--words`` tells how many kept words and required terms survive.

Measured on two processors, practice model. 500 sentences with the processors to itself: theirs 11.3 s
(20.9 of processor time), theirs with one thread 2.0 (3.8), ours at once 0.57 (1.0), in windows 0.73
(1.3). 2,000 sentences on a busy machine, processor time: theirs 54.8, 15.8, ours 5.5, 6.4. No text
differed. Processor seconds of 600 sentences, at once / in windows, with batches of at most so many pieces
of one length:

    batches x threads    1            8            32           any
    1 x 1                2.0 / 2.3    1.5 / 1.8    1.4 / 1.7    1.4 / 1.8
    2 x 1                2.1 / 1.8    1.2 / 1.5    1.1 / 2.0    1.2 / 1.5
    1 x 2                14.3 / 12.6  5.3 / 8.9    4.5 / 9.7    4.0 / 9.5

So one thread a batch, as many batches as processors, and 32, which keeps the memory of a batch small. The
beam is argostranslate's 4: another one gives other texts. The word list, 200 sentences with unknown
names: followed in 0 % before and 100 % after, 95.5 % exactly right; 150 with institutions 98.7 and 92.7
%; 150 with required terms 100 and 92.0 %, where its card says 95 % of its own sentences; of 1,372
others none changed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

from made_speech import speech  # noqa: E402

from confere.domain.words import WordEntry, WordStatus  # noqa: E402
from confere.models.manifest import Kind  # noqa: E402
from confere.models.store import ModelStore  # noqa: E402
from confere.translate import argos  # noqa: E402
from confere.translate.argos import ArgosEngine  # noqa: E402
from confere.translate.needs import WordList  # noqa: E402
from confere.translate.routes import Routes  # noqa: E402
from practice import grammar, words  # noqa: E402 - the trainers' modules lie beside their scripts

MODEL = ModelStore(Path("nowhere")).find("practice-pt_en", Kind.TRANSLATION)
PROCESSORS = len(os.sched_getaffinity(0))
ONE_IN_STRANGE = 4  # sentences that the practice model was not made for
STRANGERS = "Raimunda Dalva Iracema Valdir Severino Jandira Neusa Itapira Juazeiro".split()  # noqa: SIM905
THEIRS = """
import json, os, sys, time
from argostranslate import translate
sentences = json.load(sys.stdin)
engine = translate.get_translation_from_codes("pt", "en")
for sentence in sentences[:20]:
    engine.translate(sentence)
clock, processor = time.perf_counter(), time.process_time()
texts = [engine.translate(sentence) for sentence in sentences]
json.dump([texts, time.perf_counter() - clock, time.process_time() - processor], sys.stdout)
"""

Pair = tuple[str, str]


def sentences(count: int, seed: int) -> list[str]:
    """Sentences of the practice language, and one in four of invented and joined ones."""
    strange = count // ONE_IN_STRANGE
    made = grammar.corpus(seed, count - strange, exclude=frozenset())
    found = [pair[0] for pair in [*made, *speech(strange, seed)]]
    random.Random(seed).shuffle(found)
    return found


def theirs(texts: list[str], **settings: str) -> tuple[list[str], float, float]:
    """What argostranslate makes of each text alone, the seconds, and the processor's."""
    with tempfile.TemporaryDirectory() as home:
        packages = Path(home) / "packages"
        skip = shutil.ignore_patterns("*.argosmodel", "manifest.json", "CARD.md")
        shutil.copytree(MODEL.path, packages / "practice", ignore=skip)
        folders = {f"XDG_{name}_HOME": home for name in ("DATA", "CONFIG", "CACHE")}
        run = subprocess.run(
            [sys.executable, "-c", THEIRS],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **folders, "ARGOS_PACKAGES_DIR": str(packages), **settings},
        )
    made, seconds, processor = json.loads(run.stdout)
    return made, seconds, processor


def ours(threads: int = 1, parallel: int = PROCESSORS) -> Routes:
    """The product's own translator, warmed up."""
    engine = ArgosEngine(
        MODEL.path,
        name=MODEL.name,
        digest=MODEL.digest,
        practice=True,
        threads=threads,
        parallel=parallel,
    )
    translator = Routes([engine], "en")
    translator.translate([("pt", "Bom dia."), ("pt", "Meu nome é Helena.")])
    return translator


def in_windows(translator: Routes, texts: list[str], least: int, most: int) -> list[str]:
    """Translate so many at a time."""
    chance, at, made = random.Random(1), 0, []
    while at < len(texts):
        some = texts[at : (at := at + chance.randint(least, most))]
        made += [each.text for each in translator.translate([("pt", text) for text in some])]
    return made


def timed(work: Callable[[], list[str]]) -> tuple[list[str], float, float]:
    """What it makes, the seconds, and the processor's."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return made, time.perf_counter() - clock, time.process_time() - processor


def row(
    run: tuple[list[str], float, float], reference: tuple[list[str], float, float]
) -> dict[str, Any]:
    """The figures of a run beside the reference's."""
    made, seconds, processor = run
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "times_faster": round(reference[1] / seconds, 1),
        "times_less_processor": round(reference[2] / processor, 1),
        "unequal": sum(a != b for a, b in zip(made, reference[0], strict=True)),
    }


def compared(texts: list[str]) -> dict[str, Any]:
    """Theirs, theirs at its best, ours at once and in windows."""
    reference = theirs(texts)
    translator, whole = ours(), len(texts)
    return {
        "theirs": row(reference, reference),
        "theirs, one thread": row(theirs(texts, ARGOS_INTRA_THREADS="1"), reference),
        "ours": row(timed(lambda: in_windows(translator, texts, whole, whole)), reference),
        "ours, windows": row(timed(lambda: in_windows(translator, texts, 40, 80)), reference),
    }


def table(texts: list[str]) -> dict[str, Any]:
    """Ours with other batches and threads, at once and in windows; theirs is its one thread here."""
    reference = theirs(texts, ARGOS_INTRA_THREADS="1")
    rows = {}
    for threads, parallel in ((1, 1), (1, PROCESSORS), (PROCESSORS, 1)):
        for batch in (1, 8, 32, 10_000):
            argos.BATCH = batch
            translator = ours(threads, parallel)
            for name, least, most in (("at once", len(texts), len(texts)), ("windows", 40, 80)):
                run = timed(
                    lambda a=least, b=most, by=translator: in_windows(by, texts, a, b)  # type: ignore[misc]
                )
                rows[f"{parallel} x {threads}, batch {batch}, {name}"] = row(run, reference)
    return rows


def word_list(seed: int) -> dict[str, Any]:
    """Names that the model has never read, and the words of the starter list, put into sentences."""
    chance = random.Random(seed)
    pool = grammar.corpus(seed, 6_000, exclude=frozenset())
    with (ROOT / "config" / "words.pt-en.csv").open(encoding="utf-8", newline="") as file:
        starter = [
            WordEntry(line["source"], line["target"], WordStatus(line["status"]))
            for line in csv.DictReader(file)
        ]
    named = [(pair, name) for pair in pool for name in words.NAMES if _in_both(pair, name, name)]
    posts = [pair for pair in pool if _in_both(pair, "posto de saúde", "health post")][:150]
    institutions = [entry.source for entry in starter if entry.source.isupper()]
    terms = [WordEntry(name, "", WordStatus.KEEP) for name in STRANGERS]
    people = [
        _with(pair, name, name, chance.choice(STRANGERS))
        for pair, name in chance.sample(named, 200)
    ]
    kept = [_with(p, "posto de saúde", "health post", chance.choice(institutions)) for p in posts]
    required = [(source, _put(target, "health post", "health centre")) for source, target in posts]
    return {
        "names": _followed(people, terms),
        "institutions": _followed(kept, starter),
        "required terms": _followed(required, starter),
        "sentences without them": _untouched(pool[:1_500], starter),
    }


def _followed(pairs: list[Pair], entries: list[WordEntry]) -> dict[str, Any]:
    translator, listed = ours(), WordList(entries)
    asked = [("pt", source) for source, _ in pairs]
    needs = [listed.needs(source) for source, _ in pairs]
    figures: dict[str, Any] = {"sentences": len(pairs)}
    for name, terms in (("before", []), ("after", entries)):
        made = [each.text for each in translator.translate(asked, terms)]
        right = sum(text == target for text, (_, target) in zip(made, pairs, strict=True))
        met = sum(
            all(need.is_met(text) for need in some) for text, some in zip(made, needs, strict=True)
        )
        figures[name] = {
            "followed_percent": round(100 * met / len(pairs), 1),
            "exactly_right_percent": round(100 * right / len(pairs), 1),
        }
    return figures


def _untouched(pairs: list[Pair], entries: list[WordEntry]) -> dict[str, int]:
    listed = WordList(entries)
    asked = [("pt", source) for source, _ in pairs if not listed.needs(source)]
    translator = ours()
    plain, followed = translator.translate(asked), translator.translate(asked, entries)
    changed = sum(a != b for a, b in zip(plain, followed, strict=True))
    return {"sentences": len(asked), "changed": changed}


def _put(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){old}(?!\w)", new, text)


def _with(pair: Pair, source: str, target: str, new: str) -> Pair:
    return _put(pair[0], source, new), _put(pair[1], target, new)


def _in_both(pair: Pair, source: str, target: str) -> bool:
    return all(
        re.search(rf"(?<!\w){w}(?!\w)", t) for w, t in zip((source, target), pair, strict=True)
    )


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=4_242)
    parser.add_argument("--sentences", type=int, default=2_000)
    parser.add_argument("--table", action="store_true", help="batches and threads")
    parser.add_argument("--words", action="store_true", help="kept words and required terms")
    options = parser.parse_args()
    if options.words:
        result = word_list(options.seed)
    else:
        texts = sentences(options.sentences, options.seed)
        result = table(texts) if options.table else compared(texts)
    print(json.dumps({"load": os.getloadavg()[0], **result}, indent=2))


if __name__ == "__main__":
    main()
