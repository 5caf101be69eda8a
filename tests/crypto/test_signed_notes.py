"""Signed notes: a text with signatures under it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto.notes import add_signature, key_id, open_note, sign_note
from confere.crypto.signing import SigningKey, VerifyKey
from confere.errors import BadSignature

# The example of the Go package golang.org/x/mod/sumdb/note, and the key its tests make from zeros.
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_PUBLIC = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1"
    "RvMc+QQ=\n"
)
# An example of the C2SP specification.
C2SP_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHj"
    "G1Yu72IneyaQM=\n"
)
C2SP_PUBLIC = "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

ANA = SigningKey.from_seed(b"a" * 32)
BIA = SigningKey.from_seed(b"b" * 32)
KEYS = {"ana": ANA.verify_key, "bia": BIA.verify_key}
TEXT = "roster 3\n\nana: lead\n"


def raw(vector: str) -> bytes:
    """Return the 32 bytes of a key in Go's notation: type byte and key in base64."""
    decoded = base64.b64decode(vector)
    assert decoded[0] == 1
    return decoded[1:]


def test_it_makes_what_the_go_package_makes() -> None:
    """Go's example key over Go's example text gives Go's note, byte for byte."""
    note = sign_note(GO_TEXT, "PeterNeumann", SigningKey.from_seed(raw(GO_SECRET)))
    assert note == f"{GO_TEXT}\n{GO_LINE}"


def test_it_opens_what_the_go_package_makes() -> None:
    """Two signatures of Go's tests hold, and key ids are as Go computes them."""
    peter = VerifyKey(raw(GO_PUBLIC))
    enoch = SigningKey.from_seed(bytes(32)).verify_key
    opened = open_note(
        f"{GO_TEXT}\n{GO_LINE}{ENOCH_LINE}", {"PeterNeumann": peter, "EnochRoot": enoch}
    )
    assert opened.text == GO_TEXT
    assert opened.signers == ("PeterNeumann", "EnochRoot")
    assert key_id("PeterNeumann", peter).hex() == "c74f20a3"
    assert key_id("EnochRoot", enoch).hex() == "af0cfe78"


def test_it_opens_the_example_of_the_specification() -> None:
    """The note of the C2SP page holds."""
    opened = open_note(C2SP_NOTE, {"example.com/foo": VerifyKey(raw(C2SP_PUBLIC))})
    assert opened.text == "This is an example message.\n"


_lines = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20)


@given(st.lists(_lines, min_size=1, max_size=6))
def test_a_text_comes_back_with_its_signers(lines: list[str]) -> None:
    """Any text, empty lines and lines like signatures too, comes back as it was."""
    text = "".join(f"{line}\n" for line in lines)
    note = add_signature(sign_note(text, "ana", ANA), "bia", BIA)
    opened = open_note(note, KEYS)
    assert opened.text == text
    assert opened.signers == ("ana", "bia")
    assert open_note(note, {"bia": BIA.verify_key}).signers == ("bia",)


def test_a_text_that_ends_like_a_note_is_still_only_a_text() -> None:
    """A note within the text signs nothing: the last empty line counts."""
    inner = sign_note("bia: lead\n", "bia", BIA)
    outer = sign_note(inner, "ana", ANA)
    opened = open_note(outer, KEYS)
    assert (opened.text, opened.signers) == (inner, ("ana",))


def test_every_changed_character_is_found() -> None:
    """No character of text, name, key id or signature can be another."""
    note = sign_note(TEXT, "ana", ANA)
    for at, character in enumerate(note):
        other = "X" if character != "X" else "Y"
        with pytest.raises(BadSignature):
            open_note(note[:at] + other + note[at + 1 :], KEYS)
        with pytest.raises(BadSignature):
            open_note(note[:at] + note[at + 1 :], KEYS)


def test_a_note_nobody_known_signed_is_refused() -> None:
    """Without a known key, and with a known name over another key, the text is not released."""
    note = sign_note(TEXT, "ana", ANA)
    for keys in ({}, {"bia": BIA.verify_key}, {"ana": BIA.verify_key}):
        with pytest.raises(BadSignature):
            open_note(note, keys)


def test_unknown_signatures_are_ignored() -> None:
    """A signature of a stranger, also one under a known name, neither helps nor harms."""
    stranger = SigningKey.from_seed(b"s" * 32)
    note = sign_note(TEXT, "ana", ANA)
    for name in ("zoe", "ana"):
        assert open_note(add_signature(note, name, stranger), KEYS).signers == ("ana",)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    """A signature that was made over another text is refused beside one that holds."""
    line = sign_note("another text\n", "bia", BIA).rpartition("\n\n")[2]
    with pytest.raises(BadSignature):
        open_note(sign_note(TEXT, "ana", ANA) + line, KEYS)


def test_a_signer_counts_once() -> None:
    """The same signature twice is one signer."""
    note = add_signature(sign_note(TEXT, "ana", ANA), "ana", ANA)
    assert open_note(note, KEYS).signers == ("ana",)


GOOD = sign_note(TEXT, "ana", ANA)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "more\n",
        GOOD.replace("— ", "- "),
        GOOD.replace("— ", "—"),
        GOOD.replace("— ana ", "— ana  "),
        GOOD.replace("— ana ", "— a+na "),
        GOOD.replace("— ana ", "— a\u00a0na "),
        GOOD.replace("— ana ", "—  "),
        GOOD.replace("=\n", "\n"),
        GOOD.replace("=\n", "= \n"),
        GOOD.replace("=\n", "==\n"),
        GOOD.replace("lead", "le\tad"),
        GOOD.replace("lead", "le\rad"),
        GOOD.replace("lead", "le\x00ad"),
        GOOD.replace("lead", "le\ud800ad"),
        GOOD.replace("\n", "\r\n"),
        "x\n\n— ana AAAA\n",
        "x\n\n— ana \n",
        "x\n\n— ana ÄÖÜ=\n",
        "x\n\n" + GOOD.rpartition("\n\n")[2] * 101,
    ],
    ids=range(25),
)
def test_malformed_notes_are_refused(note: str) -> None:
    """Whatever is not exactly a signed note is refused as one that nobody signed."""
    with pytest.raises(BadSignature):
        open_note(note, KEYS)
    if note not in (GOOD, TEXT):
        with pytest.raises(BadSignature):
            add_signature(note, "bia", BIA)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "\x00\n", "\ud800\n"])
def test_a_text_that_is_no_notes_text_is_not_signed(text: str) -> None:
    """Signing what no reader would open is a mistake of the program."""
    with pytest.raises(ValueError, match="newline"):
        sign_note(text, "ana", ANA)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "\ud800"])
def test_a_name_that_is_no_signers_name_does_not_sign(name: str) -> None:
    """Names with spaces or plus would make the line ambiguous."""
    with pytest.raises(ValueError, match="name"):
        sign_note(TEXT, name, ANA)
