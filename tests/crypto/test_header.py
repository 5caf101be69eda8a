"""A header has one spelling: every other one is refused, and for the right reason."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto import HeaderDamaged, HeaderMacWrong, Stanza
from confere.crypto.header import HEADER_LIMIT_BYTES, VERSION_LINE, format_header, read_header
from confere.crypto.stanza import decode64, encode64
from crypto.spoil import FILE_KEY, header_of, mac_line

LINE_64 = b"A" * 64
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=70)
STANZAS = st.builds(Stanza, WORDS, st.lists(WORDS, max_size=4).map(tuple), st.binary(max_size=200))


@given(st.lists(STANZAS, min_size=1, max_size=4), st.binary(max_size=30))
def test_a_header_is_read_as_it_was_written(stanzas: list[Stanza], payload: bytes) -> None:
    """Any stanzas come back equal, the MAC holds, and the source stands at the payload."""
    source = io.BytesIO(format_header(stanzas, FILE_KEY) + payload)
    header = read_header(source)
    header.verify(FILE_KEY)
    assert header.stanzas == tuple(stanzas)
    assert source.read() == payload


@pytest.mark.parametrize("length", [0, 1, 47, 48, 49, 95, 96, 97])
def test_a_body_ends_with_a_short_line(length: int) -> None:
    """The last line of a body is shorter than 64 columns, also where the body fills its lines."""
    body_lines = bytes(Stanza("x", (), bytes(length))).split(b"\n")[1:-1]
    assert all(len(line) == 64 for line in body_lines[:-1])
    assert len(body_lines[-1]) < 64


@pytest.mark.parametrize(
    "stanzas",
    [
        pytest.param(b"", id="no stanza"),
        pytest.param(b"->\n\n", id="no argument"),
        pytest.param(b"-> \n\n", id="an empty argument"),
        pytest.param(b"->x\n\n", id="no space after the arrow"),
        pytest.param(b"->  x\n\n", id="two spaces after the arrow"),
        pytest.param(b"-> x  y\n\n", id="two spaces between arguments"),
        pytest.param(b"-> x \n\n", id="a space at the end"),
        pytest.param(b"-> x\ty\n\n", id="a tabulator"),
        pytest.param(b"-> x\x00\n\n", id="a zero byte"),
        pytest.param(b"-> x\x7f\n\n", id="a delete character"),
        pytest.param("-> à\n\n".encode(), id="not ASCII"),
        pytest.param(b" -> x\n\n", id="a space before the arrow"),
        pytest.param(b"=> x\n\n", id="another arrow"),
        pytest.param(b"\n-> x\n\n", id="an empty line before"),
        pytest.param(b"-> x\n\n\n", id="an empty line after"),
        pytest.param(b"-> x\r\n\r\n", id="carriage returns"),
        pytest.param(b"-> x\n\r\n", id="a carriage return in the body"),
        pytest.param(b"-> x\n", id="no body"),
        pytest.param(b"-> x\n-> y\n\n", id="no body before the next"),
        pytest.param(b"-> x\n" + LINE_64 + b"\n", id="no short line"),
        pytest.param(b"-> x\n" + LINE_64 + b"A\n\n", id="65 columns"),
        pytest.param(b"-> x\n" + LINE_64 + b"AAAA\n", id="68 columns"),
        pytest.param(b"-> x\nAAAA\nAAAA\n", id="two short lines"),
        pytest.param(b"-> x\nAA==\n", id="padding"),
        pytest.param(b"-> x\nAB\n", id="unused bits that are not zero"),
        pytest.param(b"-> x\nAAB\n", id="unused bits that are not zero, three characters"),
        pytest.param(b"-> x\nAAAAA\n", id="five characters"),
        pytest.param(b"-> x\nAA-_\n", id="the alphabet for addresses"),
        pytest.param(b"-> x\nAA A\n", id="a space in the body"),
        pytest.param(b"-> x\nAAA\xc3\n", id="a body that is not ASCII"),
    ],
)
def test_a_malformed_stanza_is_refused(stanzas: bytes) -> None:
    """A header with such stanzas is refused by the parser, although its MAC holds."""
    with pytest.raises(HeaderDamaged):
        read_header(io.BytesIO(header_of(stanzas)))


GOOD = VERSION_LINE + b"-> x\n\n"
MAC = mac_line(GOOD)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(VERSION_LINE, id="a version line alone"),
        pytest.param(VERSION_LINE[:-1], id="half a version line"),
        pytest.param(b"age-encryption.org/v1\r\n-> x\n\n" + MAC, id="a carriage return"),
        pytest.param(b"age-encryption.org/v2\n-> x\n\n" + MAC, id="another version"),
        pytest.param(b"age-encryption.org/v10\n-> x\n\n" + MAC, id="a longer version"),
        pytest.param(b"AGE-encryption.org/v1\n-> x\n\n" + MAC, id="capitals"),
        pytest.param(b" " + GOOD + MAC, id="a space before all"),
        pytest.param(b"\n" + GOOD + MAC, id="an empty line before all"),
        pytest.param(b"\xef\xbb\xbf" + GOOD + MAC, id="a byte order mark"),
        pytest.param(GOOD, id="no MAC line"),
        pytest.param(GOOD + b"---\n", id="no MAC"),
        pytest.param(GOOD + b"--- \n", id="an empty MAC"),
        pytest.param(GOOD + MAC[:-1], id="no line end"),
        pytest.param(GOOD + MAC[:-2] + b"\n", id="a character less"),
        pytest.param(GOOD + MAC[:-1] + b"A\n", id="a character more"),
        pytest.param(GOOD + MAC[:-1] + b" \n", id="a space at the end"),
        pytest.param(GOOD + MAC[:-1] + b"=\n", id="padding"),
        pytest.param(GOOD + MAC[:-1] + b"\r\n", id="a carriage return at the end"),
        pytest.param(GOOD + MAC.replace(b"--- ", b"---  "), id="two spaces"),
        pytest.param(GOOD + MAC.replace(b"--- ", b"---"), id="no space"),
        pytest.param(GOOD + MAC.replace(b"--- ", b"---- "), id="four dashes"),
        pytest.param(GOOD + b"--- " + b"A" * 42 + b"B\n", id="unused bits that are not zero"),
    ],
)
def test_a_malformed_frame_is_refused(header: bytes) -> None:
    """Version line and MAC line have one spelling each."""
    with pytest.raises(HeaderDamaged):
        read_header(io.BytesIO(header + bytes(100)))


def test_another_mac_is_told_from_a_malformed_one() -> None:
    """A well-formed MAC of another header is a HeaderMacWrong, found when the file key is known."""
    header = read_header(io.BytesIO(GOOD + mac_line(GOOD + b"-> y\n\n")))
    with pytest.raises(HeaderMacWrong):
        header.verify(FILE_KEY)


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(b"-> " + b"x" * (2 * HEADER_LIMIT_BYTES), id="one line"),
        pytest.param(b"-> x\n\n" * (HEADER_LIMIT_BYTES // 3), id="many stanzas"),
        pytest.param(b"-> x\n" + (LINE_64 + b"\n") * (HEADER_LIMIT_BYTES // 32), id="one body"),
    ],
)
def test_a_header_without_end_is_given_up(endless: bytes) -> None:
    """No more than the limit is read of a header that does not end."""
    source = io.BytesIO(VERSION_LINE + endless)
    with pytest.raises(HeaderDamaged, match="too long"):
        read_header(source)
    assert source.tell() <= HEADER_LIMIT_BYTES


def test_a_header_up_to_the_limit_is_read() -> None:
    """Six hundred recipients with hybrid keys still fit."""
    stanza = Stanza("mlkem768x25519", ("A" * 1494,), bytes(32))
    header = format_header([stanza] * 600, FILE_KEY)
    assert len(read_header(io.BytesIO(header)).stanzas) == 600


@given(st.binary(max_size=300))
def test_base64_has_one_spelling(raw: bytes) -> None:
    """Bytes come back equal from their base64, which has no padding."""
    assert decode64(encode64(raw)) == raw
    assert "=" not in encode64(raw)


@pytest.mark.parametrize("word", ["", "two words", "línea", "line\n", "\x1b"])
def test_a_stanza_that_no_reader_takes_is_not_written(word: str) -> None:
    """Arguments that would break the header are refused when it is written."""
    with pytest.raises(ValueError, match="printable ASCII"):
        bytes(Stanza("x", (word,), b""))
