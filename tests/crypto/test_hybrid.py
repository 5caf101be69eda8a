"""Hybrid keys: their spellings, what is sealed to them, and that nothing weaker stands beside them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import pytest

from confere.crypto import (
    HeaderDamaged,
    HybridIdentity,
    HybridRecipient,
    KeyIdentity,
    Recipient,
    ScryptIdentity,
    ScryptRecipient,
    SealedReader,
    SealedStream,
    SealedWriter,
    Stanza,
    X25519Identity,
    bech32,
    decrypt,
    encrypt,
    parse_identities,
    parse_recipient,
)
from confere.crypto.chunks import CHUNK_BYTES
from confere.crypto.filekey import new_file_key
from confere.crypto.header import format_header
from confere.crypto.stanza import decode64, encode64
from confere.errors import BadKeyText, BadValue, DamagedObject, WrongKey
from crypto.spoil import LOW_ORDER_POINTS

# From the specification (C2SP age.md). The end of the recipient is its checksum over all 1959 characters.
SPECIMEN = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
SPECIMEN_RECIPIENT_BEGINS = "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5"
SPECIMEN_RECIPIENT_ENDS = "jtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k"

IDENTITY = HybridIdentity.generate()
TEXT = str(IDENTITY.recipient)
RAW = IDENTITY.recipient.raw
WEAK = X25519Identity.generate()


def test_the_specification_s_own_key() -> None:
    """The identity in the specification has the recipient that stands there."""
    identity = HybridIdentity.parse(SPECIMEN)
    assert str(identity) == SPECIMEN and len(identity.secret) == 32
    recipient = str(identity.recipient)
    assert recipient.startswith(SPECIMEN_RECIPIENT_BEGINS) and len(recipient) == 1959
    assert recipient.endswith(SPECIMEN_RECIPIENT_ENDS)


def test_a_generated_identity_comes_back_from_its_text() -> None:
    """Identity and recipient are equal to what is parsed from their texts, and no two are alike."""
    other = HybridIdentity.generate()
    assert HybridIdentity.parse(str(IDENTITY)) == IDENTITY != other
    assert HybridRecipient.parse(TEXT) == IDENTITY.recipient != other.recipient
    assert HybridIdentity(IDENTITY.secret) == IDENTITY


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("age1pq1", id="no data"),
        pytest.param(TEXT.upper(), id="in capitals"),
        pytest.param("A" + TEXT[1:], id="mixed case"),
        pytest.param(TEXT[:-1], id="a character missing"),
        pytest.param(TEXT[:900] + TEXT[901:], id="a character missing within"),
        pytest.param(TEXT + "\n", id="a line end"),
        pytest.param(SPECIMEN, id="an identity"),
        pytest.param(str(WEAK.recipient), id="an X25519 recipient"),
        pytest.param(bech32.encode("age1pq", RAW[:-1]), id="a byte too short"),
        pytest.param(bech32.encode("age1pq", RAW + b"\x09"), id="a byte too long"),
        pytest.param(bech32.encode("age1pq", RAW[-32:]), id="half of it"),
        pytest.param(bech32.encode("age", RAW), id="another prefix"),
        pytest.param(bech32.encode("age1pq", b"\xff" * 1184 + RAW[-32:]), id="no lattice key"),
        *(
            pytest.param(bech32.encode("age1pq", RAW[:1184] + bytes.fromhex(point)), id=point[:8])
            for point in LOW_ORDER_POINTS
        ),
    ],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    """A recipient has one spelling, in lower case, and both of its halves are keys."""
    with pytest.raises(BadKeyText):
        HybridRecipient.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(SPECIMEN.lower(), id="lower case"),
        pytest.param(SPECIMEN[:-1], id="a character missing"),
        pytest.param(SPECIMEN[:-1] + "Q", id="a character mistyped"),
        pytest.param(SPECIMEN + " ", id="a space"),
        pytest.param(str(WEAK), id="an X25519 identity"),
        pytest.param(TEXT, id="a recipient"),
        pytest.param(bech32.encode("age-secret-key-pq-", b"\x09" * 31).upper(), id="31 bytes"),
        pytest.param(bech32.encode("age-secret-key-pq-", b"\x09" * 33).upper(), id="33 bytes"),
    ],
)
def test_what_is_no_identity_is_refused(text: str) -> None:
    """An identity has one spelling, in capitals, of 32 bytes; the error holds no part of it."""
    with pytest.raises(BadKeyText) as caught:
        HybridIdentity.parse(text)
    told = f"{caught.value!r} {caught.value} {caught.value.hint}".upper()
    assert not any(SPECIMEN[at : at + 6] in told for at in range(19, len(SPECIMEN) - 6))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    """A seed is never stretched or cut: SHAKE256 would take any."""
    with pytest.raises(ValueError, match="32 bytes"):
        HybridIdentity(bytes(length))


def test_a_secret_is_not_in_the_repr() -> None:
    """The repr of an identity names its recipient's beginning and holds no secret."""
    identity = HybridIdentity(b"\x42" * 32)
    shown = repr(identity)
    assert str(identity)[19:43] not in shown.upper()
    assert "BBBB" not in shown and "424242" not in shown
    assert str(identity.recipient)[:20] in shown and len(shown) < 100


def test_both_kinds_may_stand_in_one_identity_file() -> None:
    """An identity file holds keys of both kinds, and their order is kept."""
    text = f"# the study\n{IDENTITY}\n{WEAK}\n\n{SPECIMEN}\r\n"
    assert parse_identities(text) == [IDENTITY, WEAK, HybridIdentity.parse(SPECIMEN)]


@pytest.mark.parametrize("line", [SPECIMEN[:-1], SPECIMEN.lower(), TEXT, f"{SPECIMEN} {SPECIMEN}"])
def test_a_bad_hybrid_line_is_named(line: str) -> None:
    """The error of an identity file names the line, and no part of a hybrid key."""
    with pytest.raises(BadKeyText, match="line 3") as caught:
        parse_identities(f"{SPECIMEN}\n\n{line}\n")
    told = f"{caught.value!r} {caught.value} {caught.value.hint}".upper()
    assert not any(SPECIMEN[at : at + 6] in told for at in range(19, len(SPECIMEN) - 6))


@pytest.mark.parametrize("identity", [IDENTITY, WEAK])
def test_a_recipient_of_either_kind_is_parsed(identity: KeyIdentity) -> None:
    """parse_recipient tells the kinds apart by their texts."""
    assert parse_recipient(str(identity.recipient)) == identity.recipient


@pytest.mark.parametrize("text", ["", "age1", "age1pq1", TEXT[:-1], TEXT.upper(), SPECIMEN])
def test_what_is_no_recipient_of_either_kind_is_refused(text: str) -> None:
    """parse_recipient refuses the text of anything else."""
    with pytest.raises(BadKeyText):
        parse_recipient(text)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_what_was_sealed_opens(size: int) -> None:
    """A file of any length around a chunk's border opens whole and by seeking."""
    plaintext = hashlib.shake_256(b"noise").digest(size)
    sealed = encrypt(plaintext, [IDENTITY.recipient])
    assert decrypt(sealed, [IDENTITY]) == plaintext
    reader = SealedReader(io.BytesIO(sealed), [IDENTITY])
    reader.seek(size // 2)
    assert reader.read() == plaintext[size // 2 :]


def test_the_header_for_one_has_its_size() -> None:
    """A header with one hybrid stanza is 1627 bytes; nonce and an empty chunk follow."""
    assert len(encrypt(b"", [IDENTITY.recipient])) == 1627 + 16 + 16


def test_any_recipient_opens_and_nobody_else() -> None:
    """Each of several hybrid recipients opens a file; strangers of every kind get WrongKey."""
    others = [HybridIdentity.generate() for _ in range(3)]
    sealed = encrypt(b"to three", [other.recipient for other in others])
    assert [decrypt(sealed, [other]) for other in others] == [b"to three"] * 3
    assert decrypt(sealed, [WEAK, IDENTITY, others[2]]) == b"to three"
    for strangers in ([IDENTITY], [WEAK], [ScryptIdentity("word")], []):
        with pytest.raises(WrongKey):
            decrypt(sealed, strangers)


def test_a_hybrid_identity_does_not_open_what_is_not_for_it() -> None:
    """A file for an X25519 key is not a hybrid identity's, nor damaged."""
    with pytest.raises(WrongKey):
        decrypt(encrypt(b"words", [WEAK.recipient]), [IDENTITY])


def test_every_changed_byte_is_found() -> None:
    """No byte of a small file can be changed: header, share, body, nonce or chunk."""
    sealed = encrypt(b"a word said in confidence", [IDENTITY.recipient])
    for at in range(len(sealed)):
        spoilt = bytearray(sealed)
        spoilt[at] ^= 1 << at % 8
        for reader in (SealedStream, SealedReader):
            with pytest.raises((DamagedObject, WrongKey)):
                reader(io.BytesIO(spoilt), [IDENTITY]).read()


def test_no_share_is_used_twice() -> None:
    """The same file key wrapped twice for one recipient shares no block of the stanza."""
    file_key = new_file_key()
    one, two = (IDENTITY.recipient.wrap(file_key) for _ in range(2))
    assert IDENTITY.unwrap([one]) == IDENTITY.unwrap([two]) == file_key
    assert one.arguments[0][:20] != two.arguments[0][:20]
    assert one.arguments[0][-20:] != two.arguments[0][-20:]
    assert one.body != two.body


@pytest.mark.parametrize("point", LOW_ORDER_POINTS)
def test_a_share_of_low_order_is_refused(point: str) -> None:
    """A stanza whose X25519 half has no secret is malformed, not somebody else's."""
    good = IDENTITY.recipient.wrap(new_file_key())
    share = decode64(good.arguments[0])[:1088] + bytes.fromhex(point)
    with pytest.raises(HeaderDamaged, match="low order"):
        IDENTITY.unwrap([Stanza("mlkem768x25519", (encode64(share),), good.body)])


SHARE = encode64(b"\x09" * 1120)


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        pytest.param((), bytes(32), id="no share"),
        pytest.param((SHARE, "1"), bytes(32), id="an argument more"),
        pytest.param((encode64(b"\x09" * 1119),), bytes(32), id="a short share"),
        pytest.param((encode64(b"\x09" * 1121),), bytes(32), id="a long share"),
        pytest.param((encode64(b"\x09" * 32),), bytes(32), id="a share of X25519 alone"),
        pytest.param((SHARE[:-1] + "l",), bytes(32), id="not canonical"),
        pytest.param((SHARE + "=",), bytes(32), id="padding"),
        pytest.param((SHARE,), bytes(31), id="a short body"),
        pytest.param((SHARE,), bytes(33), id="a long body"),
        pytest.param((SHARE,), b"", id="no body"),
    ],
)
def test_a_malformed_stanza_of_ours_is_not_passed_over(
    arguments: tuple[str, ...], body: bytes
) -> None:
    """A hybrid stanza is well-formed or the header is refused; another identity passes it over."""
    stanza = Stanza("mlkem768x25519", arguments, body)
    with pytest.raises(HeaderDamaged):
        IDENTITY.unwrap([stanza])
    assert WEAK.unwrap([stanza]) is None


def test_a_whole_stanza_of_somebody_else_is_passed_over() -> None:
    """A hybrid stanza that is well-formed and does not open is another's."""
    assert IDENTITY.unwrap([Stanza("mlkem768x25519", (SHARE,), bytes(32))]) is None


@pytest.mark.parametrize("kind", ["MLKEM768X25519", "mlkem768x25519 ", "mlkem768", "X25519"])
def test_stanzas_of_other_types_are_passed_over(kind: str) -> None:
    """What a type's name does not exactly say is somebody else's."""
    assert IDENTITY.unwrap([Stanza(kind, ("anything",), b"at all")]) is None


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param([IDENTITY.recipient, WEAK.recipient], id="X25519 after"),
        pytest.param([WEAK.recipient, IDENTITY.recipient], id="X25519 before"),
        pytest.param([IDENTITY.recipient, WEAK.recipient, IDENTITY.recipient], id="between"),
        pytest.param([IDENTITY.recipient, ScryptRecipient("word", 1)], id="a passphrase"),
    ],
)
def test_hybrid_and_weaker_keys_are_not_written_together(recipients: Sequence[Recipient]) -> None:
    """A file for hybrid keys and others is refused, and nothing of it is written."""
    sink = io.BytesIO()
    with pytest.raises(BadValue, match="hybrid"):
        SealedWriter(sink, recipients)
    assert sink.getvalue() == b""


def _empty_file(recipients: Sequence[Recipient]) -> bytes:
    """A file without its chunks, as a careless writer would begin it for any recipients."""
    file_key = new_file_key()
    header = format_header([recipient.wrap(file_key) for recipient in recipients], file_key)
    return header + bytes(16)


def test_hybrid_and_x25519_together_are_read() -> None:
    """A header that mixes them is somebody's mistake, not damage: both keys enter the file."""
    mixed = _empty_file([WEAK.recipient, IDENTITY.recipient])
    for identity in (IDENTITY, WEAK):
        SealedStream(io.BytesIO(mixed), [identity])
    with pytest.raises(WrongKey):
        SealedStream(io.BytesIO(mixed), [HybridIdentity.generate()])


def test_hybrid_and_a_passphrase_together_are_not_read() -> None:
    """A passphrase stands alone, beside a hybrid key too."""
    mixed = _empty_file([IDENTITY.recipient, ScryptRecipient("word", 1)])
    with pytest.raises(HeaderDamaged, match="passphrase"):
        SealedStream(io.BytesIO(mixed), [IDENTITY])
