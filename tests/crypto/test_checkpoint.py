"""Checkpoints and proofs as texts: what a log says of itself, and of one entry."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto.checkpoint import (
    MAX_PATH,
    MAX_SIZE,
    Checkpoint,
    Proof,
    open_checkpoint,
    read_proof,
    sign_checkpoint,
    write_proof,
)
from confere.crypto.merkle import EMPTY_ROOT, Tree, check_inclusion, leaf_hash
from confere.crypto.notes import add_signature, sign_note
from confere.crypto.signing import SigningKey, VerifyKey
from confere.errors import BadProof, BadSignature

# A checkpoint of Go's checksum database, signed by it: the C2SP page shows it, under another
# origin, as its example. The key is the one that Go itself carries (cmd/go, modfetch/key.go).
GO_NOTE = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
    "zyWE+xeMcTOAYQ8=\n"
)
GO_ORIGIN = "go.sum database tree"
GO_KEY = VerifyKey(base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")[1:])

# The head of the example of the C2SP page on proofs, without its extra line.
C2SP_PROOF = (
    "c2sp.org/tlog-proof@v1\n"
    "index 73894\n"
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
    "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\n"
    "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
    "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n"
    "\n"
)
C2SP_EXTRA = "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n"

ORIGIN = "example.org/log"
ANA = SigningKey.from_seed(b"a" * 32)
BIA = SigningKey.from_seed(b"b" * 32)
KEYS = {"ana": ANA.verify_key, "bia": BIA.verify_key}

ENTRIES = [b"entry %d" % index for index in range(11)]
TREE = Tree(ENTRIES)
CHECKPOINT = Checkpoint(ORIGIN, TREE.size, TREE.root())
NOTE = sign_checkpoint(CHECKPOINT, "ana", ANA)
ROOT_64 = base64.b64encode(TREE.root()).decode()
EMPTY_64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
INDEX = 4
PROOF = write_proof(INDEX, TREE.inclusion_path(INDEX), NOTE)
SIBLING_64 = base64.b64encode(TREE.inclusion_path(INDEX)[0]).decode()


def other_spelling(hash64: str) -> str:
    """Return base64 that decodes to the same 32 bytes: the last two bits are read by nobody."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = hash64[:-2] + alphabet[alphabet.index(hash64[-2]) + 1] + "="
    assert base64.b64decode(other) == base64.b64decode(hash64)
    return other


# --- checkpoints -------------------------------------------------------------------------------


def test_a_real_checkpoint_opens() -> None:
    """What Go's checksum database signed is read as it was meant."""
    checkpoint, signers = open_checkpoint(GO_NOTE, {"sum.golang.org": GO_KEY}, GO_ORIGIN)
    assert (checkpoint.size, signers) == (20852163, ("sum.golang.org",))
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e1d90c808")
    assert checkpoint.text() == GO_NOTE.partition("\n\n")[0] + "\n"


def test_a_checkpoint_is_three_lines() -> None:
    """Origin, size and root, each with its newline, and nothing else."""
    assert CHECKPOINT.text() == f"{ORIGIN}\n11\n{ROOT_64}\n"
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text() == f"{ORIGIN}\n0\n{EMPTY_64}\n"


_origins = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=30
)
_hashes = st.binary(min_size=32, max_size=32)
_sizes = st.integers(1, MAX_SIZE)


@given(_origins, _sizes, _hashes)
def test_a_checkpoint_comes_back(origin: str, size: int, root: bytes) -> None:
    """Any origin without control characters, with spaces or line separators too, comes back."""
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint
    note = sign_checkpoint(checkpoint, "ana", ANA)
    assert open_checkpoint(note, KEYS, origin) == (checkpoint, ("ana",))


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("two\nlines", 1, bytes(32)),
        ("tab\t", 1, bytes(32)),
        ("\ud800", 1, bytes(32)),
        (ORIGIN, -1, bytes(32)),
        (ORIGIN, MAX_SIZE + 1, bytes(32)),
        (ORIGIN, 1, bytes(31)),
        (ORIGIN, 1, bytes(33)),
        (ORIGIN, 1, b""),
        (ORIGIN, 0, bytes(32)),
    ],
    ids=range(10),
)
def test_values_that_no_checkpoint_can_have(origin: str, size: int, root: bytes) -> None:
    """A checkpoint that nobody could read back is a mistake of the program."""
    with pytest.raises(ValueError, match="no checkpoint"):
        Checkpoint(origin, size, root)


MALFORMED_CHECKPOINTS = [
    "",
    "\n",
    "\n\n\n",
    ORIGIN,
    f"{ORIGIN}\n11\n",
    f"{ORIGIN}\n11\n{ROOT_64}",
    f"{ORIGIN}\n11\n{ROOT_64}\nmore",
    f"\n11\n{ROOT_64}\n",
    f"{ORIGIN}\n\n{ROOT_64}\n",
    f"{ORIGIN}\n11\n\n",
    f"{ORIGIN}\n11\n{ROOT_64}\n\n",
    f"{ORIGIN}\n11\n{ROOT_64}\nmore\n\n",
    f"{ORIGIN}\n11\n{ROOT_64}\n\nmore\n",
    f"\n{ORIGIN}\n11\n{ROOT_64}\n",
    f"{ORIGIN}\r\n11\r\n{ROOT_64}\r\n",
    f"{ORIGIN}\t\n11\n{ROOT_64}\n",
    f"\ud800\n11\n{ROOT_64}\n",
    *(
        f"{ORIGIN}\n{size}\n{ROOT_64}\n"
        for size in (
            "011",
            "00",
            "+11",
            "-11",
            "-0",
            " 11",
            "11 ",
            "1_1",
            "1e1",
            "11.0",
            "0xb",
            "eleven",
            "\u0661\u0661",  # digits, but not ours
            "\u00b9\u00b9",
            str(MAX_SIZE + 1),
            "9" * 20,
            "1" * 5000,  # more than Python converts
        )
    ),
    *(
        f"{ORIGIN}\n11\n{root}\n"
        for root in (
            ROOT_64[:-1],
            ROOT_64 + "=",
            " " + ROOT_64,
            ROOT_64 + " ",
            ROOT_64[:20] + " " + ROOT_64[20:],
            ROOT_64[:20] + "-_" + ROOT_64[22:],
            ROOT_64[:-5] + "\u00e4bcd=",
            other_spelling(ROOT_64),
            base64.b64encode(bytes(31)).decode(),
            base64.b64encode(bytes(33)).decode(),
            TREE.root().hex(),
            "=",
        )
    ),
    f"{ORIGIN}\n0\n{ROOT_64}\n",
]


@pytest.mark.parametrize("text", MALFORMED_CHECKPOINTS, ids=range(len(MALFORMED_CHECKPOINTS)))
def test_malformed_checkpoints_are_refused(text: str) -> None:
    """Whatever is not exactly a checkpoint is none."""
    with pytest.raises(BadProof, match="a checkpoint does not hold"):
        Checkpoint.parse(text)


def test_what_a_known_key_signed_must_still_be_a_checkpoint() -> None:
    """A signature does not make a checkpoint of another text."""
    for text in ("hello\n", f"{ORIGIN}\n011\n{ROOT_64}\n", f"{ORIGIN}\n11\n{ROOT_64}\n\nmore\n"):
        with pytest.raises(BadProof):
            open_checkpoint(sign_note(text, "ana", ANA), KEYS, ORIGIN)


def test_the_largest_log() -> None:
    """A size of 64 bits is read, one more is not."""
    assert Checkpoint.parse(f"{ORIGIN}\n{MAX_SIZE}\n{ROOT_64}\n").size == MAX_SIZE


def test_extension_lines_are_let_be() -> None:
    """Lines of other programs after the third are under the signature, and are not ours."""
    extended = CHECKPOINT.text() + "Timestamp: 1\nmore\n"
    assert Checkpoint.parse(extended) == CHECKPOINT
    note = sign_note(extended, "ana", ANA)
    assert open_checkpoint(note, KEYS, ORIGIN) == (CHECKPOINT, ("ana",))
    with pytest.raises(BadSignature):
        open_checkpoint(note.replace("more", "less"), KEYS, ORIGIN)


def test_the_signers_are_told() -> None:
    """Every known key that signed is named; a stranger's signature is ignored."""
    stranger = SigningKey.from_seed(b"s" * 32)
    both = add_signature(add_signature(NOTE, "bia", BIA), "zoe", stranger)
    assert open_checkpoint(both, KEYS, ORIGIN) == (CHECKPOINT, ("ana", "bia"))
    assert open_checkpoint(both, {"bia": BIA.verify_key}, ORIGIN)[1] == ("bia",)


def test_a_checkpoint_nobody_known_signed() -> None:
    """Without a known key nothing of it is believed, nor under a known name and another key."""
    for keys in ({}, {"bia": BIA.verify_key}, {"ana": BIA.verify_key}):
        with pytest.raises(BadSignature):
            open_checkpoint(NOTE, keys, ORIGIN)
    with pytest.raises(BadSignature):
        open_checkpoint(CHECKPOINT.text(), KEYS, ORIGIN)


def test_a_checkpoint_of_another_log() -> None:
    """One log's checkpoint does not stand in for another's, though the same person signed it."""
    for other in ("example.org/log2", "example.org/lo", "", "Example.org/log", ORIGIN + "\n"):
        with pytest.raises(BadProof, match="it is of the log 'example.org/log', not of"):
            open_checkpoint(NOTE, KEYS, other)


def test_every_changed_character_of_a_note_is_found() -> None:
    """No character of the text or of its signature can be another or be missing."""
    for at, character in enumerate(NOTE):
        other = "X" if character != "X" else "Y"
        for wrong in (other, ""):
            with pytest.raises(BadSignature):
                open_checkpoint(NOTE[:at] + wrong + NOTE[at + 1 :], KEYS, ORIGIN)


# --- proofs ------------------------------------------------------------------------------------


def test_a_proof_is_an_index_a_path_and_the_checkpoint() -> None:
    """The text is laid out as the specification says, and the note stands in it verbatim."""
    path = [base64.b64encode(each).decode() for each in TREE.inclusion_path(INDEX)]
    assert "\n".join(["c2sp.org/tlog-proof@v1", "index 4", *path, "", NOTE]) == PROOF
    assert write_proof(0, [], NOTE) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE}"


def test_the_example_of_the_specification() -> None:
    """The head of the example of the C2SP page is read, and written again as it was."""
    proof = read_proof(C2SP_PROOF + GO_NOTE)
    assert (proof.index, len(proof.path)) == (73894, 5)
    assert proof.path[0].hex().startswith("8122b25e861952067a8ddb96")
    assert write_proof(proof.index, proof.path, proof.checkpoint_note) == C2SP_PROOF + GO_NOTE


def test_a_proof_of_every_entry_proves_it() -> None:
    """The whole way: write, read, open the checkpoint, check the path."""
    for index, entry in enumerate(ENTRIES):
        proof = read_proof(write_proof(index, TREE.inclusion_path(index), NOTE))
        checkpoint, _ = open_checkpoint(proof.checkpoint_note, KEYS, ORIGIN)
        check_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)


@given(
    st.integers(0, MAX_SIZE),
    st.lists(_hashes, max_size=MAX_PATH),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_a_proof_comes_back(index: int, path: list[bytes], note: str) -> None:
    """Index and path as they were; the note too, whatever it holds: others read it."""
    assert read_proof(write_proof(index, path, note)) == Proof(index, tuple(path), note)


def test_an_extra_line_is_not_read() -> None:
    """What no signature covers changes nothing, be it base64 or not."""
    for extra in (C2SP_EXTRA, "extra aGk=\n", "extra \n", "extra index 9\n"):
        head, rest = PROOF.split("\n", 1)
        assert read_proof(f"{head}\n{extra}{rest}") == read_proof(PROOF)


MALFORMED_PROOFS = [
    "",
    "\n",
    "\n\n",
    NOTE,
    PROOF.partition("\n\n")[0],
    PROOF.partition("\n\n")[0] + "\n",
    PROOF.partition("\n\n")[0] + "\n\n",
    "\n" + PROOF,
    " " + PROOF,
    PROOF.replace("@v1", "@v2"),
    PROOF.replace("@v1", "@v1 "),
    PROOF.replace("\n", "\r\n"),
    f"c2sp.org/tlog-proof@v1\n\n{NOTE}",
    f"c2sp.org/tlog-proof@v1\n{C2SP_EXTRA}\n{NOTE}",
    PROOF.replace("index 4\n", ""),
    PROOF.replace("index 4\n", "\nindex 4\n"),
    PROOF.replace("index 4\n", "index 4\nindex 4\n"),
    PROOF.replace("index 4\n", f"{C2SP_EXTRA}{C2SP_EXTRA}index 4\n"),
    PROOF.replace("index 4\n", f"index 4\n{C2SP_EXTRA}"),
    PROOF.replace("index 4\n", "extra\nindex 4\n"),
    PROOF.replace("index 4\n", "more\nindex 4\n"),
    *(
        PROOF.replace("index 4\n", f"{index}\n")
        for index in (
            "index",
            "index ",
            "index4",
            "Index 4",
            "index  4",
            "index 4 ",
            "index\t4",
            "index 04",
            "index 00",
            "index +4",
            "index -4",
            "index -0",
            "index 4.0",
            "index 0x4",
            "index 1_0",
            "index \u0664",
            f"index {MAX_SIZE + 1}",
            "index " + "1" * 5000,
        )
    ),
    *(
        PROOF.replace(SIBLING_64, wrong)
        for wrong in (
            SIBLING_64[:-1],
            SIBLING_64 + "=",
            " " + SIBLING_64,
            SIBLING_64 + " ",
            SIBLING_64[:20] + "-_" + SIBLING_64[22:],
            SIBLING_64[:20] + "\u00e4" + SIBLING_64[21:],
            other_spelling(SIBLING_64),
            base64.b64encode(bytes(31)).decode(),
            base64.b64encode(bytes(33)).decode(),
            f"{SIBLING_64} {SIBLING_64}",
        )
    ),
    PROOF.replace(SIBLING_64, "\n".join([SIBLING_64] * (MAX_PATH + 1))),
]


@pytest.mark.parametrize("text", MALFORMED_PROOFS, ids=range(len(MALFORMED_PROOFS)))
def test_malformed_proofs_are_refused(text: str) -> None:
    """Whatever is not exactly a proof is none."""
    assert text != PROOF
    with pytest.raises(BadProof, match="a proof of one entry does not hold"):
        read_proof(text)


def test_every_changed_character_of_a_proof_is_found() -> None:
    """Of index, path and checkpoint nothing can be another: reading, opening or checking refuses."""
    for at, character in enumerate(PROOF):
        other = "X" if character != "X" else "Y"
        for wrong in (other, "", "7"):
            if wrong == character:
                continue
            with pytest.raises((BadProof, BadSignature)):
                check_whole(PROOF[:at] + wrong + PROOF[at + 1 :])
    check_whole(PROOF)


def check_whole(text: str) -> None:
    """Check everything there is to check of a proof of the entry at ``INDEX``."""
    proof = read_proof(text)
    checkpoint, _ = open_checkpoint(proof.checkpoint_note, KEYS, ORIGIN)
    leaf = leaf_hash(ENTRIES[INDEX])
    check_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)


@pytest.mark.parametrize(
    ("index", "path", "note"),
    [
        (-1, [], NOTE),
        (MAX_SIZE + 1, [], NOTE),
        (0, [bytes(31)], NOTE),
        (0, [b""], NOTE),
        (0, [bytes(32)] * (MAX_PATH + 1), NOTE),
        (0, [], ""),
    ],
    ids=range(6),
)
def test_values_that_no_proof_can_have(index: int, path: list[bytes], note: str) -> None:
    """A proof that nobody could read back is a mistake of the program."""
    with pytest.raises(ValueError, match="a proof has"):
        write_proof(index, path, note)
