"""A signature holds for exactly its bytes, its key and its purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.crypto import SigningKey, VerifyKey, derive_signing_key
from confere.crypto.signing import SMALL_ORDER
from confere.errors import BadKeyText, BadSignature

# RFC 8032, section 7.1, tests 1 and 2: seed, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]

KEY = SigningKey.from_seed(bytes(range(32)))
TEXT = "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_it_is_the_ed25519_of_the_rfc(seed: str, public: str, message: str, signature: str) -> None:
    """The RFC's keys give the RFC's signatures: nothing is put before the message."""
    key = SigningKey.from_seed(bytes.fromhex(seed))
    assert key.verify_key.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    key.verify_key.verify(bytes.fromhex(message), bytes.fromhex(signature))


@given(st.binary(max_size=100))
def test_a_signature_holds_for_its_message(message: bytes) -> None:
    """A signed message verifies; one byte more does not."""
    signature = KEY.sign(message)
    KEY.verify_key.verify(message, signature)
    with pytest.raises(BadSignature):
        KEY.verify_key.verify(message + b"\x00", signature)


def test_no_changed_signature_holds() -> None:
    """Every flipped byte, a missing and an added one are found; so is another key."""
    signature = KEY.sign(b"accepted")
    flipped = [
        signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        for at in range(len(signature))
    ]
    for changed in [*flipped, b"", signature[:-1], signature + b"\x00", bytes(64)]:
        with pytest.raises(BadSignature):
            KEY.verify_key.verify(b"accepted", changed)
    with pytest.raises(BadSignature):
        SigningKey.generate().verify_key.verify(b"accepted", signature)


def test_a_key_has_one_text() -> None:
    """A public key comes back from its text."""
    assert str(KEY.verify_key) == TEXT
    assert VerifyKey.parse(TEXT) == KEY.verify_key
    assert SigningKey.from_seed(KEY.seed) == KEY != SigningKey.generate()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(TEXT.removeprefix("ed25519:"), id="no prefix"),
        pytest.param(TEXT.replace("ed25519", "Ed25519"), id="capitals"),
        pytest.param("ed25519: " + TEXT.removeprefix("ed25519:"), id="a space"),
        pytest.param(TEXT + "=", id="padding"),
        pytest.param(TEXT + "\n", id="a line end"),
        pytest.param(TEXT[:-1] + "h", id="not canonical"),
        pytest.param(TEXT[:-1], id="too short"),
        pytest.param(TEXT + "AAAA", id="too long"),
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    """A public key in any other spelling is refused."""
    with pytest.raises(BadKeyText):
        VerifyKey.parse(text)


@pytest.mark.parametrize("sign_bit", [0, 0x80])
@pytest.mark.parametrize("point", sorted(SMALL_ORDER))
def test_a_key_that_would_accept_anything_is_refused(point: bytes, sign_bit: int) -> None:
    """A public key of small order, which would let its owner deny a signature, is refused."""
    with pytest.raises(BadKeyText, match="not the public key of anybody"):
        VerifyKey(point[:-1] + bytes([point[-1] | sign_bit]))


def test_one_person_has_a_key_for_each_kind_of_document() -> None:
    """The same seed gives one key a purpose, so a signature for one never holds for another."""
    seed = bytes(32)
    sign_off, event = derive_signing_key(seed, "sign-off"), derive_signing_key(seed, "event")
    assert derive_signing_key(seed, "sign-off") == sign_off != event
    with pytest.raises(BadSignature):
        event.verify_key.verify(b"accepted", sign_off.sign(b"accepted"))


def test_derived_keys_never_change() -> None:
    """The derivation is part of the format: this key must come out for ever."""
    key = derive_signing_key(bytes(range(32)), "sign-off")
    assert str(key.verify_key) == "ed25519:pbfRhlPAgzK3Op3jPoqmMqIQoyro2i/lzgmrZr3ripY"


@pytest.mark.parametrize(
    ("seed", "purpose"), [(bytes(31), "event"), (b"", "event"), (bytes(32), "")]
)
def test_a_key_is_not_derived_from_less(seed: bytes, purpose: str) -> None:
    """Without a whole seed and a purpose there is no key."""
    with pytest.raises(ValueError, match="a seed of 32 bytes and a purpose"):
        derive_signing_key(seed, purpose)
