"""Keys and their spellings: one text a key, and no text of a secret where it was not asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto import (
    HeaderDamaged,
    HybridIdentity,
    KeyIdentity,
    KeyKind,
    ScryptIdentity,
    ScryptRecipient,
    SealedStream,
    SigningKey,
    Stanza,
    X25519Identity,
    X25519Recipient,
    bech32,
    decrypt,
    encrypt,
    generate_identity,
    key_kind,
    parse_identities,
    parse_recipient,
)
from confere.crypto.kdf import derive_key, hkdf
from confere.crypto.stanza import encode64
from confere.errors import BadKeyText
from crypto.spoil import LOW_ORDER_POINTS

# From the specification (C2SP age.md): the identity of 32 times 0x42.
IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


def test_the_specification_s_own_key() -> None:
    """The identity in the specification has the secret and the recipient that stand there."""
    identity = X25519Identity.parse(IDENTITY)
    assert identity.secret == b"\x42" * 32
    assert str(identity) == IDENTITY
    assert str(identity.recipient) == RECIPIENT
    assert X25519Recipient.parse(RECIPIENT) == identity.recipient


def test_a_generated_identity_comes_back_from_its_text() -> None:
    """Identity and recipient are equal to what is parsed from their texts, and no two are alike."""
    one, two = X25519Identity.generate(), X25519Identity.generate()
    assert X25519Identity.parse(str(one)) == one != two
    assert X25519Recipient.parse(str(one.recipient)) == one.recipient != two.recipient


@given(st.binary(max_size=100), st.text("abcxyz-", min_size=1, max_size=20))
def test_bech32_comes_back(raw: bytes, prefix: str) -> None:
    """Any bytes under any prefix come back from their text, in lower and in upper case."""
    text = bech32.encode(prefix, raw)
    assert bech32.decode(text) == (prefix, raw)
    assert bech32.decode(text.upper()) == (prefix.upper(), raw)


@given(st.integers(0, len(RECIPIENT) - 1), st.sampled_from(bech32.ALPHABET + "1b "))
def test_a_mistyped_character_is_found(place: int, letter: str) -> None:
    """A recipient with one other character anywhere is refused."""
    mistyped = RECIPIENT[:place] + letter + RECIPIENT[place + 1 :]
    if mistyped != RECIPIENT:
        with pytest.raises(BadKeyText):
            X25519Recipient.parse(mistyped)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("age1", id="no data"),
        pytest.param(RECIPIENT.upper(), id="a recipient in capitals"),
        pytest.param("A" + RECIPIENT[1:], id="mixed case"),
        pytest.param(RECIPIENT[:-1], id="a character missing"),
        pytest.param(RECIPIENT + "\n", id="a line end"),
        pytest.param(IDENTITY, id="an identity"),
        pytest.param(bech32.encode("age", b"\x09" * 31), id="31 bytes"),
        pytest.param(bech32.encode("age", b"\x09" * 33), id="33 bytes"),
        pytest.param(bech32.encode("agf", b"\x09" * 32), id="another prefix"),
        pytest.param(bech32.encode("age1pq", b"\x09" * 32), id="a hybrid prefix"),
    ],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    """A recipient has one spelling, in lower case, of 32 bytes."""
    with pytest.raises(BadKeyText):
        X25519Recipient.parse(text)


@pytest.mark.parametrize("point", LOW_ORDER_POINTS)
def test_a_recipient_of_low_order_is_refused(point: str) -> None:
    """A point under which every file would have the same key is no recipient."""
    with pytest.raises(BadKeyText, match="not the public key of anybody"):
        X25519Recipient.parse(bech32.encode("age", bytes.fromhex(point)))


@pytest.mark.parametrize("point", LOW_ORDER_POINTS)
def test_a_share_of_low_order_is_refused(point: str) -> None:
    """A stanza whose shared secret is all zeros is malformed, not somebody else's."""
    good = X25519Identity.generate()
    share = Stanza("X25519", (encode64(bytes.fromhex(point)),), bytes(32))
    with pytest.raises(HeaderDamaged, match="low order"):
        good.unwrap([share])


SHARE = "TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"
SALT = "rF0/NwblUHHTpgQgRpe5CQ"


@pytest.mark.parametrize(
    "stanza",
    [
        pytest.param(Stanza("X25519", (), bytes(32)), id="no share"),
        pytest.param(Stanza("X25519", (SHARE, "1"), bytes(32)), id="an argument more"),
        pytest.param(Stanza("X25519", (SHARE[:-1],), bytes(32)), id="a short share"),
        pytest.param(Stanza("X25519", (SHARE + "A",), bytes(32)), id="a long share"),
        pytest.param(Stanza("X25519", (SHARE[:-1] + "d",), bytes(32)), id="not canonical"),
        pytest.param(Stanza("X25519", (SHARE + "=",), bytes(32)), id="padding"),
        pytest.param(Stanza("X25519", (SHARE,), bytes(31)), id="a short body"),
        pytest.param(Stanza("X25519", (SHARE,), bytes(40)), id="a long body"),
        pytest.param(Stanza("X25519", (SHARE,), b""), id="no body"),
        pytest.param(Stanza("scrypt", (SALT,), bytes(32)), id="no work factor"),
        pytest.param(Stanza("scrypt", ("10",), bytes(32)), id="no salt"),
        pytest.param(Stanza("scrypt", (SALT, "10", "1"), bytes(32)), id="an argument too many"),
        pytest.param(Stanza("scrypt", (SALT[:-2], "10"), bytes(32)), id="a short salt"),
        pytest.param(Stanza("scrypt", (SALT + "AA", "10"), bytes(32)), id="a long salt"),
        pytest.param(Stanza("scrypt", (SALT[:-1] + "R", "10"), bytes(32)), id="salt not canonical"),
        pytest.param(Stanza("scrypt", (SALT, "10"), bytes(31)), id="a short scrypt body"),
        pytest.param(Stanza("scrypt", (SALT, "10"), bytes(33)), id="a long scrypt body"),
    ],
)
def test_a_malformed_stanza_of_ours_is_not_passed_over(stanza: Stanza) -> None:
    """A stanza of a known type is well-formed or the header is refused: it is never just ignored."""
    for identity in (X25519Identity.generate(), ScryptIdentity("word")):
        if stanza.type == ("X25519" if isinstance(identity, X25519Identity) else "scrypt"):
            with pytest.raises(HeaderDamaged):
                identity.unwrap([stanza])
        else:
            assert identity.unwrap([stanza]) is None


@pytest.mark.parametrize("kind", ["x25519", "X25519x", "Scrypt", "scrypt2", "grease"])
def test_stanzas_of_other_types_are_passed_over(kind: str) -> None:
    """What a type's name does not exactly say is somebody else's."""
    stanza = Stanza(kind, ("anything",), b"at all")
    assert X25519Identity.generate().unwrap([stanza]) is None
    assert ScryptIdentity("word").unwrap([stanza]) is None


def test_an_identity_file_is_read_as_age_reads_it() -> None:
    """Comments, empty lines and foreign line ends are passed over; the order is kept."""
    one, two = X25519Identity.generate(), X25519Identity.generate()
    text = f"# created: today\r\n\r\n{one}\r\n\n  # of the study\n{two}\n"
    assert parse_identities(text) == [one, two]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "no identity", id="empty"),
        pytest.param("# only words\n\n", "no identity", id="comments"),
        pytest.param(f"# x\n{IDENTITY[:-1]}\n", "line 2", id="cut off"),
        pytest.param(f"{IDENTITY}\n{RECIPIENT}\n", "line 2", id="a recipient"),
        pytest.param(IDENTITY.lower(), "line 1", id="lower case"),
        pytest.param(f"{IDENTITY} {IDENTITY}", "line 1", id="two on a line"),
    ],
)
def test_a_bad_identity_file_names_the_line_and_nothing_in_it(text: str, says: str) -> None:
    """The error of an identity file names the line, and no part of a key."""
    with pytest.raises(BadKeyText, match=says) as caught:
        parse_identities(text)
    told = f"{caught.value!r} {caught.value} {caught.value.hint}".upper()
    assert not any(IDENTITY[at : at + 6] in told for at in range(16, len(IDENTITY) - 6))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: X25519Identity.parse(IDENTITY), id="X25519Identity"),
        pytest.param(lambda: SigningKey.from_seed(b"\x42" * 32), id="SigningKey"),
        pytest.param(lambda: ScryptIdentity("BBBBBBBB"), id="ScryptIdentity"),
        pytest.param(lambda: ScryptRecipient("BBBBBBBB"), id="ScryptRecipient"),
    ],
)
def test_a_secret_is_not_in_the_repr(make: Callable[[], object]) -> None:
    """The repr of a key, which ends up in tracebacks, holds no secret."""
    shown = repr(make())
    assert IDENTITY[16:40] not in shown.upper()
    assert "BBBB" not in shown and "424242" not in shown


@pytest.mark.parametrize(
    ("kind", "identity_type"),
    [
        pytest.param("hybrid", HybridIdentity, id="hybrid"),
        pytest.param("x25519", X25519Identity, id="x25519"),
    ],
)
def test_both_kinds_of_key_are_used_alike(kind: KeyKind, identity_type: type[KeyIdentity]) -> None:
    """An identity is asked for by its kind, its recipient tells it, and both have the same parts."""
    identity = generate_identity(kind)
    recipient = parse_recipient(str(identity.recipient))
    assert type(identity) is identity_type
    assert key_kind(str(recipient)) == kind
    assert len(identity.secret) == 32 and identity_type(identity.secret) == identity
    assert parse_identities(str(identity)) == [identity]
    assert decrypt(encrypt(b"words", [recipient]), [identity]) == b"words"


@pytest.mark.parametrize("text", ["", "hybrid", "age1pq1", IDENTITY, RECIPIENT[:-1]])
def test_what_is_no_recipient_has_no_kind(text: str) -> None:
    """The kind is told of a recipient only, not guessed from how a text begins."""
    with pytest.raises(BadKeyText):
        key_kind(text)


def test_hkdf_is_rfc_5869() -> None:
    """Test cases 1 and 3 of RFC 5869, with and without salt and info."""
    secret = b"\x0b" * 22
    one = hkdf(secret, salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)), length=42)
    assert one.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    three = hkdf(secret, salt=b"", info=b"", length=42)
    assert three.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_one_secret_gives_a_key_for_each_purpose() -> None:
    """The same purpose gives the same key, another purpose another one, of any length asked for."""
    secret = os.urandom(32)
    assert derive_key(secret, "catalog") == derive_key(secret, "catalog")
    assert derive_key(secret, "catalog") != derive_key(secret, "índice")
    assert len(derive_key(secret, "catalog", 64)) == 64


def test_grease_does_not_hinder() -> None:
    """A file with stanzas of unknown types beside ours opens."""

    class Grease:
        def wrap(self, file_key: bytes) -> Stanza:
            return Stanza("grease-%", ("?", "!!"), os.urandom(100))

    identity = X25519Identity.generate()
    sealed = encrypt(b"words", [Grease(), identity.recipient, Grease()])
    assert decrypt(sealed, [identity]) == b"words"


def test_a_source_without_readinto_will_do() -> None:
    """A source that can only read() and readline() is read all the same."""

    class Plain:
        def __init__(self, data: bytes) -> None:
            inner = io.BytesIO(data)
            self.read, self.readline = inner.read, inner.readline

    identity = X25519Identity.generate()
    source = Plain(encrypt(bytes(100_000), [identity.recipient]))
    assert SealedStream(source, [identity]).read() == bytes(100_000)  # type: ignore[arg-type]
