"""The tokens of the practice speech model: a small byte-level BPE and all of Whisper's special
tokens.

The layout is Whisper's, made compact: word pieces, one empty entry, `<|endoftext|>`,
`<|startoftranscript|>`, 99 languages, the task tokens and 1,501 timestamps. Two facts decide
details of it:

* CTranslate2 4.7 and later calls a model multilingual only if its vocabulary holds the empty
  string;
* faster-whisper suppresses the first token of `" -"`, `" '"` and `" ♩"`. Without merges for these
  three that token would be the bare space, which begins every word that is not in the vocabulary.

Most language rows are never trained; training works on the compact rows that are (`trained`), and
the export gives all others a logit that never wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

# In the order of Whisper's own tokenizer (openai/whisper, tokenizer.py, LANGUAGES).
LANGUAGE_CODES = """
    en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th
    ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr
    pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt
    haw ln ha ba jw su
"""
LANGUAGES = tuple(LANGUAGE_CODES.split())
TASKS = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
TIMESTAMPS = 1501
TIMESTAMP_STEP = 0.02  # seconds
PIECES = 1000
EMPTY_PIECE = "<unused>"
SUPPRESSED_BY_FASTER_WHISPER = ("-", "'", "\u00e2")  # the first bytes of - ' ♩ in byte-level BPE
SPACE = "Ġ"


def special_tokens() -> list[str]:
    """Whisper's special tokens in their order."""
    names = ["endoftext", "startoftranscript", *LANGUAGES, *TASKS]
    times = [f"{index * TIMESTAMP_STEP:.2f}" for index in range(TIMESTAMPS)]
    return [f"<|{name}|>" for name in names + times]


def learn(texts: Iterable[str]) -> dict[str, Any]:
    """A tokenizer learnt from the texts, as the contents of tokenizer.json."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    # Whisper's texts begin with a blank.
    tokenizer.train_from_iterator((" " + text for text in texts), trainer)
    contents: dict[str, Any] = json.loads(tokenizer.to_str())
    model = contents["model"]
    for piece in SUPPRESSED_BY_FASTER_WHISPER:
        if SPACE + piece not in model["vocab"]:
            model["vocab"][SPACE + piece] = len(model["vocab"])
            model["merges"].insert(0, [SPACE, piece])
    model["vocab"][EMPTY_PIECE] = len(model["vocab"])
    first = len(model["vocab"])
    contents["added_tokens"] = [
        {
            "id": first + index,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, content in enumerate(special_tokens())
    ]
    return contents


class Vocabulary:
    """A tokenizer.json, and the compact rows that training uses.

    Rows: the word pieces, then `trained special tokens`, then the timestamps; `file_ids[row]` is
    the id in the file.
    """

    TRAINED_SPECIALS = (
        "endoftext",
        "startoftranscript",
        "en",
        "pt",
        "translate",
        "transcribe",
        "startofprev",
        "nospeech",
        "notimestamps",
    )

    def __init__(self, contents: dict[str, Any]) -> None:
        self.contents = contents
        self.tokenizer = Tokenizer.from_str(json.dumps(contents))
        self.pieces = len(contents["model"]["vocab"]) - 1  # without the empty one
        ids = [self.file_id(name) for name in self.TRAINED_SPECIALS]
        self.first_time_id = self.file_id("0.00")
        self.file_ids = [*range(self.pieces), *ids]
        self.file_ids += range(self.first_time_id, self.first_time_id + TIMESTAMPS)
        rows = [self.pieces + index for index in range(len(ids))]
        self.end, self.start, self.en, self.pt = rows[:4]
        self.transcribe, self.previous, self.no_speech, self.no_timestamps = rows[5:]
        self.first_time = self.pieces + len(ids)
        self.rows = len(self.file_ids)

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """The vocabulary of a tokenizer.json."""
        return cls(json.loads(path.read_text()))

    def file_id(self, name: str) -> int:
        """The id, in the file, of the special token `<|name|>`."""
        number = self.tokenizer.token_to_id(f"<|{name}|>")
        if number is None:
            raise KeyError(name)
        return number

    def language(self, code: str) -> int:
        """The row of a language that is trained."""
        return {"en": self.en, "pt": self.pt}[code]

    def time(self, seconds: float) -> int:
        """The row of a timestamp."""
        return self.first_time + min(TIMESTAMPS - 1, round(seconds / TIMESTAMP_STEP))

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Rows of the pieces of `" " + text`, and which characters of that each covers."""
        encoding = self.tokenizer.encode(" " + text, add_special_tokens=False)
        return list(encoding.ids), list(encoding.offsets)

    def entries(self) -> list[str]:
        """Every entry by its id in the file, as CTranslate2 wants it."""
        entries = {number: piece for piece, number in self.contents["model"]["vocab"].items()}
        entries[self.pieces] = ""
        entries |= {token["id"]: token["content"] for token in self.contents["added_tokens"]}
        return [entries[number] for number in range(len(entries))]
