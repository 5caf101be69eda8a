"""What a log says of itself at one size, as texts: the checkpoint, and the proof of one entry.

A checkpoint is a signed note (``notes``), and a proof carries one::

    c2sp.org/tlog-proof@v1
    index 4
    037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=      the inclusion path, a hash a line, upward
                                                      an empty line; from here on the checkpoint
    example.org/log                                   origin: which log
    5                                                 how many entries it has
    Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=      the root of its tree (``merkle``)

    — ana 0rT4bQ…                                     one line for every signer

Hashes are base64 with padding, numbers are decimal, and each has one spelling only: a text that says
the same in other bytes is refused.

Source: https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-proof
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from confere.crypto.merkle import EMPTY_ROOT, HASH_BYTES
from confere.crypto.notes import open_note, sign_note
from confere.crypto.signing import SigningKey, VerifyKey
from confere.errors import BadProof

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_SIZE = (1 << 64) - 1  # entries of a log; the specification names no limit, its readers this one
MAX_PATH = 64  # hashes: the height of the tree of that many entries

_INDEX = "index "
_EXTRA = "extra "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
_CHECKPOINT = "a checkpoint"
_PROOF = "a proof of one entry"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many entries it has, and the root of their tree.

    Values that no checkpoint can have are a mistake of the program and raise ValueError.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        wrong = _fault(self.origin, self.size, self.root)
        if wrong:
            raise ValueError(f"no checkpoint: {wrong}")

    def text(self) -> str:
        """The text that is signed: three lines, each with its newline."""
        return f"{self.origin}\n{self.size}\n{_write_hash(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint of a note's text; BadProof for any text that is none.

        Lines after the third are other programs' extensions: they may not be empty, and are dropped.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise BadProof(_CHECKPOINT, "it is not three lines, each with a newline")
        if "" in lines:
            raise BadProof(_CHECKPOINT, "one of its lines is empty")
        origin = lines[0]
        size, root = _read_number(_CHECKPOINT, lines[1]), _read_hash(_CHECKPOINT, lines[2])
        wrong = _fault(origin, size, root)
        if wrong:
            raise BadProof(_CHECKPOINT, wrong)
        return cls(origin, size, root)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the text of a proof says, unchecked: an index, an inclusion path, a checkpoint's note."""

    index: int
    path: tuple[bytes, ...]
    checkpoint_note: str


def sign_checkpoint(checkpoint: Checkpoint, name: str, key: SigningKey) -> str:
    """The signed note of a checkpoint, with one signature; ValueError for a bad ``name``.

    Before a log signs, it makes sure that this checkpoint continues every one it signed before.
    """
    return sign_note(checkpoint.text(), name, key)


def open_checkpoint(
    note: str, keys: Mapping[str, VerifyKey], origin: str
) -> tuple[Checkpoint, tuple[str, ...]]:
    """The checkpoint of a note and the names of the known keys that signed it.

    Raises BadSignature when no known key signed or a signature does not hold, BadProof when what
    was signed is no checkpoint, or one of another log than ``origin``.
    """
    opened = open_note(note, keys)
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != origin:
        raise BadProof(_CHECKPOINT, f"it is of the log '{checkpoint.origin}', not of '{origin}'")
    return checkpoint, opened.signers


def write_proof(index: int, path: Sequence[bytes], checkpoint_note: str) -> str:
    """The text that proves the entry at ``index``; the note stands in it as it is.

    Values that ``read_proof`` would refuse are a mistake of the program and raise ValueError.
    """
    hashes_fit = len(path) <= MAX_PATH and all(len(each) == HASH_BYTES for each in path)
    if not (0 <= index <= MAX_SIZE and hashes_fit and checkpoint_note):
        raise ValueError("a proof has an index, a path of hashes and a checkpoint")
    lines = [PROOF_HEADER, f"{_INDEX}{index}", *(_write_hash(each) for each in path)]
    return "\n".join(lines) + "\n\n" + checkpoint_note


def read_proof(text: str) -> Proof:
    """What the text of a proof says; BadProof for any other text. Nothing is checked by this.

    To check: ``open_checkpoint`` for its note, then ``check_inclusion`` with the index and path
    from here, and the size and root from there. An ``extra`` line is allowed but never read: what
    it says is authenticated by nothing.
    """
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines.pop(0) != PROOF_HEADER:
        raise BadProof(_PROOF, f"it does not begin with {PROOF_HEADER}")
    if lines and lines[0].startswith(_EXTRA):
        lines.pop(0)
    if not lines or not lines[0].startswith(_INDEX):
        raise BadProof(_PROOF, "it tells no index")
    index = _read_number(_PROOF, lines.pop(0).removeprefix(_INDEX))
    if len(lines) > MAX_PATH:
        raise BadProof(_PROOF, "its path is longer than that of any log")
    if not note:
        raise BadProof(_PROOF, "it carries no checkpoint")
    return Proof(index, tuple(_read_hash(_PROOF, line) for line in lines), note)


def _fault(origin: str, size: int, root: bytes) -> str:
    """What is wrong with these as a checkpoint; nothing, if they can be one."""
    if not origin or any(c < " " or "\ud800" <= c <= "\udfff" for c in origin):
        return "its origin is empty or has a character that no note can hold"
    if not 0 <= size <= MAX_SIZE:
        return "its size is not a number of 64 bits"
    if len(root) != HASH_BYTES:
        return f"its root is not {HASH_BYTES} bytes long"
    if size == 0 and root != EMPTY_ROOT:
        return "the root of no entries is another one"
    return ""


def _read_number(what: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise BadProof(what, "a number is not plain decimal of 64 bits")
    return int(text)


def _write_hash(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _read_hash(what: str, text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise BadProof(what, "a hash is not base64") from None
    if len(raw) != HASH_BYTES or _write_hash(raw) != text:
        raise BadProof(what, f"a hash is not canonical base64 of {HASH_BYTES} bytes")
    return raw
