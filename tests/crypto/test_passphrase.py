"""A passphrase opens what it sealed, stands alone, and cannot be made to cost without limit."""

from __future__ import annotations

import io

import pytest

from confere.crypto import (
    HeaderDamaged,
    Identity,
    ScryptIdentity,
    ScryptRecipient,
    SealedStream,
    SealedWriter,
    Stanza,
    X25519Identity,
    decrypt,
    encrypt,
)
from confere.crypto.header import format_header, read_header
from confere.crypto.scrypt import WORK_FACTOR
from confere.errors import BadKeyText, WrongKey, WrongPassphrase
from crypto.spoil import FILE_KEY, header_of

QUICK = 4  # a work factor for tests: no cost, no safety


@pytest.mark.parametrize(
    "passphrase", ["correct horse", "coração de açúcar", b"\xff\x00bytes", " "]
)
def test_a_passphrase_opens_what_it_sealed(passphrase: str | bytes) -> None:
    """Words, accents and bytes open again; the same characters as bytes are the same passphrase."""
    sealed = encrypt(b"a key", [ScryptRecipient(passphrase, QUICK)])
    assert decrypt(sealed, [ScryptIdentity(passphrase)]) == b"a key"
    raw = passphrase.encode() if isinstance(passphrase, str) else passphrase
    assert decrypt(sealed, [ScryptIdentity(raw)]) == b"a key"


def test_another_passphrase_does_not_open() -> None:
    """A wrong passphrase is told from a damaged file, and from a wrong key."""
    sealed = encrypt(b"a key", [ScryptRecipient("right", QUICK)])
    with pytest.raises(WrongPassphrase):
        decrypt(sealed, [ScryptIdentity("wrong")])
    with pytest.raises(WrongPassphrase):
        decrypt(sealed, [X25519Identity.generate(), ScryptIdentity("wrong")])
    with pytest.raises(WrongKey):
        decrypt(sealed, [X25519Identity.generate()])
    with pytest.raises(WrongKey):
        decrypt(encrypt(b"", [X25519Identity.generate().recipient]), [ScryptIdentity("right")])


def test_several_passphrases_may_be_tried() -> None:
    """The right one among several opens, wherever it stands."""
    sealed = encrypt(b"a key", [ScryptRecipient("right", QUICK)])
    tried: list[Identity] = [
        ScryptIdentity("wrong"),
        X25519Identity.generate(),
        ScryptIdentity("right"),
    ]
    assert decrypt(sealed, tried) == b"a key"


@pytest.mark.parametrize("beside", ["a key", "a second passphrase", "an unknown type"])
def test_a_passphrase_stands_alone(beside: str) -> None:
    """A header with a passphrase and anything else is neither written nor opened by anybody."""
    identity = X25519Identity.generate()
    passphrase = ScryptRecipient("right", QUICK)
    other = {
        "a key": identity.recipient.wrap(FILE_KEY),
        "a second passphrase": passphrase.wrap(FILE_KEY),
        "an unknown type": Stanza("grease", (), b""),
    }[beside]
    for stanzas in ([passphrase.wrap(FILE_KEY), other], [other, passphrase.wrap(FILE_KEY)]):
        sealed = format_header(stanzas, FILE_KEY) + bytes(100)
        for identities in ([identity], [ScryptIdentity("right")], []):
            with pytest.raises(HeaderDamaged, match="beside"):
                SealedStream(io.BytesIO(sealed), identities)
    sink = io.BytesIO()
    with pytest.raises(ValueError, match="one passphrase alone"):
        SealedWriter(sink, [passphrase, identity.recipient])
    assert sink.getvalue() == b""


NOT_DECIMAL = ["0", "00", "01", "010", "-1", "+1", "1.0", "1e1", "0x0a", "a", "10a", "a10", "१०"]
TOO_COSTLY = ["21", "64", "100", "18446744073709551617", "9" * 5000]


@pytest.mark.parametrize("text", [*NOT_DECIMAL, *TOO_COSTLY], ids=lambda text: text[:20])
def test_a_work_factor_is_a_small_plain_number(text: str) -> None:
    """A work factor that is no decimal number, or too costly, is refused before any work."""
    stanza = Stanza("scrypt", ("rF0/NwblUHHTpgQgRpe5CQ", text), bytes(32))
    with pytest.raises(HeaderDamaged, match="work factor"):
        ScryptIdentity("word").unwrap([stanza])


def test_no_work_factor_hides_behind_spaces() -> None:
    """A space in the number makes another argument, or a header that is refused as a whole."""
    for line in (b"10 ", b" 10", b"10 10"):
        with pytest.raises(HeaderDamaged):
            header = header_of(
                b"-> scrypt rF0/NwblUHHTpgQgRpe5CQ " + line + b"\n" + b"A" * 43 + b"\n"
            )
            ScryptIdentity("word").unwrap(read_header(io.BytesIO(header)).stanzas)


def test_who_opens_decides_how_much_work_is_too_much() -> None:
    """An identity's limit is the highest work factor it tries."""
    sealed = encrypt(b"a key", [ScryptRecipient("right", 8)])
    assert decrypt(sealed, [ScryptIdentity("right", max_work_factor=8)]) == b"a key"
    with pytest.raises(HeaderDamaged, match="more than 7"):
        decrypt(sealed, [ScryptIdentity("right", max_work_factor=7)])


def test_the_usual_work_factor_is_age_s() -> None:
    """Without saying so, a passphrase costs what it costs in the age command: 2 to the 18."""
    assert ScryptRecipient("word").work_factor == WORK_FACTOR == 18


@pytest.mark.parametrize("work_factor", [-1, 0, 21, 64])
def test_a_work_factor_that_would_not_open_is_not_written(work_factor: int) -> None:
    """What our own identities refuse is not written."""
    with pytest.raises(ValueError, match="work factor"):
        ScryptRecipient("word", work_factor)


@pytest.mark.parametrize("empty", ["", b""])
def test_an_empty_passphrase_is_none(empty: str | bytes) -> None:
    """An empty passphrase is refused on both sides, by name."""
    with pytest.raises(BadKeyText, match="empty"):
        ScryptRecipient(empty)
    with pytest.raises(BadKeyText, match="empty"):
        ScryptIdentity(empty)
