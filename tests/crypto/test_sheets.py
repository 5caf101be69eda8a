"""A key on sheets: any two give it back, whatever else is given does not, and says so in silence."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import EncryptedMasterSecret, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.cipher import encrypt as seal
from shamir_mnemonic.share import Share
from shamir_mnemonic.wordlist import WORDLIST

from confere.crypto import (
    HybridIdentity,
    KeyKind,
    X25519Identity,
    decrypt,
    encrypt,
    generate_identity,
    is_sheet,
    join_candidates,
    join_sheets,
    split_identity,
)
from confere.errors import BadKeyText, BadSheet, BadValue, ConfereError, SheetMissing, WrongSheets

KINDS: tuple[KeyKind, ...] = ("hybrid", "x25519")
IDENTITY = X25519Identity(b"\x42" * 32)
RECIPIENT = str(IDENTITY.recipient)
ONE, TWO, THREE = split_identity(IDENTITY)
OTHER_ONE, OTHER_TWO, OTHER_THREE = split_identity(IDENTITY)  # the same key, split once more

# Vectors 20 to 24, 33 and 45 of SLIP-0039, those of 256 bits: vectors.json of
# trezor/python-shamir-mnemonic (MIT, Trezor). All have the passphrase TREZOR.
NOT_SHARED = (
    "theory painting academic academic armed sweater year military elder discuss acne wildlife "
    "boring employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks "
    "paces beyond phantom capital marvel lips brave detect luck"
)
WRONG_CHECKSUM = NOT_SHARED.removesuffix("luck") + "lunar"
WRONG_PADDING = (
    "theory painting academic academic campus sweater year military elder discuss acne wildlife "
    "boring employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks "
    "paces beyond phantom capital marvel lips facility obtain sister"
)
ONE_OF_GROUPS = (
    "wildlife deal beard romp alcohol space mild usual clothes union nuclear testify course "
    "research heat listen task location thank hospital slice smell failure fawn helpful priest "
    "ambition average recover lecture process dough stadium"
)
TWO_OF_THREE = (
    "humidity disease academic always aluminum jewelry energy woman receiver strategy amuse "
    "duckling lying evidence network walnut tactics forget hairy rebound impulse brother survive "
    "clothes stadium mailman rival ocean reward venture always armed unwrap",
    "humidity disease academic agency actress jacket gross physics cylinder solution fake mortgage "
    "benefit public busy prepare sharp friar change work slow purchase ruler again tricycle "
    "involve viral wireless mixture anatomy desert cargo upgrade",
)
EXTENDABLE = (
    "western apart academic always artist resident briefing sugar woman oven coding club ajar "
    "merit pecan answer prisoner artist fraction amount desktop mild false necklace muscle photo "
    "wealthy alpha category unwrap spew losing making",
    "western apart academic acid answer ancient auction flip image penalty oasis beaver multiple "
    "thunder problem switch alive heat inherit superior teaspoon explain blanket pencil numb lend "
    "punish endless aunt garlic humidity kidney observe",
)


@pytest.mark.parametrize(
    ("sheets", "secret"),
    [
        pytest.param(
            TWO_OF_THREE,
            "c938b319067687e990e05e0da0ecce1278f75ff58d9853f19dcaeed5de104aae",
            id="23",
        ),
        pytest.param(
            EXTENDABLE,
            "8dc652d6d6cd370d8c963141f6d79ba440300f25c467302c1d966bff8f62300d",
            id="45",
        ),
    ],
)
def test_the_standard_s_own_sheets_give_its_secrets(sheets: Sequence[str], secret: str) -> None:
    """The library gives what SLIP-0039 publishes, and joining gives it as without a passphrase."""
    assert combine_mnemonics(sheets, b"TREZOR").hex() == secret
    first = Share.from_mnemonic(sheets[0])
    parameters = (first.iteration_exponent, first.identifier, first.extendable)
    sealed = seal(bytes.fromhex(secret), b"TREZOR", *parameters)
    plain = EncryptedMasterSecret(
        first.identifier, first.extendable, first.iteration_exponent, sealed
    ).decrypt(b"")
    assert [key.secret for key in join_candidates(sheets)] == [plain, plain]


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        pytest.param(NOT_SHARED, "not a sheet of a recovery key", id="20, not shared"),
        pytest.param(WRONG_CHECKSUM, "checksum", id="21, wrong checksum"),
        pytest.param(WRONG_PADDING, "checksum", id="22, wrong padding"),
        pytest.param(ONE_OF_GROUPS, "not a sheet of a recovery key", id="33, of several groups"),
    ],
)
def test_the_standard_s_other_sheets_are_refused(sheet: str, says: str) -> None:
    """What SLIP-0039 calls invalid, or shares in another way, is no sheet of ours."""
    with pytest.raises(BadSheet, match=f"number 2: .*{says}"):
        join_candidates([TWO_OF_THREE[0], sheet])


def test_one_of_the_standard_s_sheets_is_not_enough() -> None:
    """Vector 24 of SLIP-0039: one sheet of two gives nothing."""
    with pytest.raises(SheetMissing):
        join_candidates(TWO_OF_THREE[:1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", range(2, 9))
def test_any_two_sheets_give_the_key_back(kind: KeyKind, count: int) -> None:
    """Each two of all the sheets, in either order, give the very key, of its kind."""
    identity = generate_identity(kind)
    sheets = split_identity(identity, count)
    assert len(set(sheets)) == count and {len(sheet.split()) for sheet in sheets} == {33}
    for pair in itertools.permutations(sheets, 2):
        assert join_sheets(pair, str(identity.recipient)) == identity


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.sampled_from(KINDS))
def test_whatever_the_key_it_comes_back(secret: bytes, kind: KeyKind) -> None:
    """Every 32 bytes come back, those with zeros in front too."""
    identity = (HybridIdentity if kind == "hybrid" else X25519Identity)(secret)
    assert join_sheets(split_identity(identity, 2), str(identity.recipient)) == identity


@pytest.mark.parametrize("count", [-1, 0, 1, 9, 16])
def test_other_numbers_of_sheets_are_refused(count: int) -> None:
    """One sheet would be the key itself, and more than eight are not foreseen."""
    with pytest.raises(BadValue, match=f" {count} sheets"):
        split_identity(IDENTITY, count)


def test_a_key_is_split_into_three_by_default_and_anew_each_time() -> None:
    """Two splittings of one key have no sheet in common, and theirs do not go together."""
    assert len({ONE, TWO, THREE, OTHER_ONE, OTHER_TWO, OTHER_THREE}) == 6
    for ours, theirs in itertools.product((ONE, TWO, THREE), (OTHER_ONE, OTHER_TWO, OTHER_THREE)):
        with pytest.raises(WrongSheets, match="do not belong together"):
            join_sheets([ours, theirs], RECIPIENT)


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.integers(2, 8))
def test_no_sheet_holds_the_key(kind: KeyKind, count: int) -> None:
    """The point of a sheet is not the secret, neither plain nor as the standard seals it."""
    identity = generate_identity(kind)
    for sheet in split_identity(identity, count):
        share = Share.from_mnemonic(sheet)
        sealed = seal(identity.secret, b"", share.iteration_exponent, share.identifier, True)
        assert (share.group_count, share.member_threshold) == (1, 2)
        assert share.value not in (identity.secret, sealed)


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_recipient_both_kinds_are_given_to_try(kind: KeyKind) -> None:
    """The sheets do not tell the kind, and both candidates together open the file."""
    identity = generate_identity(kind)
    hybrid, x25519 = join_candidates(split_identity(identity)[1:])
    assert isinstance(hybrid, HybridIdentity) and isinstance(x25519, X25519Identity)
    assert identity in (hybrid, x25519)
    assert decrypt(encrypt(b"words", [identity.recipient]), [hybrid, x25519]) == b"words"


def numbered(sheet: str, form: str, between: str = " ") -> str:
    """A sheet whose words bear their numbers."""
    words = enumerate(sheet.split(), start=1)
    return between.join(form.format(number, word) for number, word in words)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(ONE.upper(), id="capitals"),
        pytest.param(ONE.title(), id="initials"),
        pytest.param(f"\n  {ONE.replace(' ', '   ')}\t\n", id="spaces"),
        pytest.param(ONE.replace(" ", "\r\n"), id="a word a line"),
        pytest.param(ONE.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(ONE.replace(" ", ", ") + ".", id="commas"),
        pytest.param(numbered(ONE, "{}. {}"), id="1. academic"),
        pytest.param(numbered(ONE, "{}.{}", "\n"), id="1.academic"),
        pytest.param(numbered(ONE, "{} {}"), id="1 academic"),
        pytest.param(numbered(ONE, "{:>2}) {}", "\n"), id="1) academic"),
        pytest.param(numbered(ONE, "({}) {}", ";"), id="(1) academic"),
        pytest.param(numbered(ONE, "{}: {}"), id="1: academic"),
        pytest.param(numbered(ONE, "{} - {}", "\n"), id="1 - academic"),
    ],
)
def test_a_sheet_is_read_as_people_type_it(typed: str) -> None:
    """Numbers, capitals, spaces, line ends and what stands between words do not matter."""
    assert is_sheet(typed)
    assert join_sheets([typed, THREE], RECIPIENT) == IDENTITY


def test_more_sheets_than_needed_are_welcome() -> None:
    """All three together give the key, and so does one that was given twice beside another."""
    assert join_sheets([THREE, ONE, TWO], RECIPIENT) == IDENTITY
    assert join_sheets([ONE, ONE.upper(), TWO], RECIPIENT) == IDENTITY


@pytest.mark.parametrize(
    ("sheets", "says"),
    [
        pytest.param([], "no sheet was given", id="none"),
        pytest.param([ONE], "one sheet was given", id="one"),
        pytest.param([ONE, ONE], "same sheet", id="the same"),
        pytest.param([ONE, numbered(ONE.upper(), "{}. {}"), ONE], "same sheet", id="typed anew"),
    ],
)
def test_fewer_than_two_sheets_give_nothing(sheets: list[str], says: str) -> None:
    """One sheet, or one sheet twice, gives no key, and the error says what is missing."""
    with pytest.raises(SheetMissing, match=says):
        join_sheets(sheets, RECIPIENT)
    with pytest.raises(SheetMissing, match=says):
        join_candidates(sheets)


def forged(sheet: str) -> str:
    """A sheet with a good checksum, of the same splitting and number, but with another point."""
    share = Share.from_mnemonic(sheet)
    return str(replace(share, value=os.urandom(32)).mnemonic())


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param([ONE, OTHER_ONE], id="the same number"),
        pytest.param([ONE, OTHER_TWO], id="another number"),
        pytest.param([ONE, TWO, OTHER_THREE], id="two of three fit"),
        pytest.param([OTHER_THREE, ONE, TWO], id="the first does not fit"),
        pytest.param([ONE, forged(TWO)], id="another point"),
        pytest.param([ONE, forged(ONE)], id="another point of the same number"),
        pytest.param([ONE, TWO, forged(THREE)], id="a third off the line"),
    ],
)
def test_sheets_of_two_splittings_give_nothing(sheets: list[str]) -> None:
    """No key comes of sheets that do not all lie on one line, even where two of them would do."""
    with pytest.raises(WrongSheets, match="do not belong together"):
        join_sheets(sheets, RECIPIENT)


@pytest.mark.parametrize("kind", KINDS)
def test_sheets_of_another_key_are_refused(kind: KeyKind) -> None:
    """A whole key that is not the one expected is not handed out."""
    expected = str(generate_identity(kind).recipient)
    with pytest.raises(WrongSheets, match="another key"):
        join_sheets([ONE, TWO], expected)


def test_the_kind_is_the_expected_recipient_s() -> None:
    """The same sheets give the hybrid key of their 32 bytes when its recipient is expected."""
    hybrid = HybridIdentity(IDENTITY.secret)
    assert join_sheets([ONE, TWO], str(hybrid.recipient)) == hybrid


def test_what_is_expected_must_be_a_recipient() -> None:
    """An identity, or nothing, in place of the expected recipient is refused."""
    for text in ("", str(IDENTITY), RECIPIENT[:-1]):
        with pytest.raises(BadKeyText):
            join_sheets([ONE, TWO], text)


def changed(sheet: str, place: int, word: str) -> str:
    """A sheet with another word at ``place``, from 1."""
    words = sheet.split()
    return " ".join([*words[: place - 1], word, *words[place:]])


@settings(deadline=None)
@given(st.integers(1, 33), st.sampled_from(WORDLIST))
def test_a_wrong_word_anywhere_is_found(place: int, word: str) -> None:
    """Another word of the list in any place breaks the checksum."""
    mistyped = changed(TWO, place, word)
    if mistyped != TWO:
        with pytest.raises(BadSheet, match="number 2: its checksum"):
            join_sheets([ONE, mistyped], RECIPIENT)


@settings(deadline=None)
@given(st.integers(1, 33), st.sampled_from(["zebra", "acidd", "aci", "açaí", "ac1d", "#", "'"]))
def test_a_word_that_is_not_in_the_list_is_named_by_its_place(place: int, word: str) -> None:
    """The error counts words as they stand on the paper, with or without their numbers."""
    mistyped = changed(ONE, place, word)
    for typed in (mistyped, numbered(mistyped, "{}. {}")):
        with pytest.raises(BadSheet, match=f"number 1: word {place} is not in the list"):
            join_sheets([typed, TWO], RECIPIENT)


def asks_for_minutes() -> str:
    """A sound sheet that wants its secret stretched for as long as the standard allows."""
    share = Share.from_mnemonic(ONE)
    return str(replace(share, iteration_exponent=15).mnemonic())


def of_three_needed() -> str:
    """A sound sheet of a key that takes three."""
    return str(generate_mnemonics(1, [(3, 5)], IDENTITY.secret)[0][0])


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        pytest.param(lambda: "", "0 words", id="empty"),
        pytest.param(lambda: " ".join(ONE.split()[:-1]), "32 words", id="a word short"),
        pytest.param(lambda: ONE + " acid", "34 words", id="a word more"),
        pytest.param(lambda: f"{ONE}\n{TWO}", "66 words", id="two in one"),
        pytest.param(lambda: " ".join(reversed(ONE.split())), "checksum", id="backwards"),
        pytest.param(lambda: str(IDENTITY), "word 1 is not", id="a whole key"),
        pytest.param(of_three_needed, "not a sheet of a recovery key", id="two of three needed"),
        pytest.param(asks_for_minutes, "not a sheet of a recovery key", id="endless work"),
    ],
)
def test_what_is_no_sheet_is_told_from_one(sheet: Callable[[], str], says: str) -> None:
    """Each thing that may be wrong with a sheet has words of its own, with the sheet's place."""
    with pytest.raises(BadSheet, match=f"number 2: .*{says}"):
        join_sheets([THREE, sheet()], RECIPIENT)


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param([ONE], id="too few"),
        pytest.param([ONE, ONE], id="the same"),
        pytest.param([ONE, OTHER_TWO], id="of two splittings"),
        pytest.param([ONE, forged(TWO)], id="a wrong digest"),
        pytest.param([ONE, changed(TWO, 9, "zebra")], id="not in the list"),
        pytest.param(
            [ONE, changed(TWO, 9, "acid" if "acid" not in TWO else "acne")], id="checksum"
        ),
        pytest.param([ONE, TWO + " acid"], id="a word more"),
        pytest.param([NOT_SHARED, ONE], id="not ours"),
        pytest.param(split_identity(X25519Identity(b"\x43" * 32)), id="of another key"),
    ],
)
def test_no_error_holds_a_word_of_a_sheet(sheets: list[str]) -> None:
    """Neither the error nor any error behind it quotes what was typed."""
    with pytest.raises(ConfereError) as caught:
        join_sheets(sheets, RECIPIENT)
    error = caught.value
    assert error.__context__ is None and error.__cause__ is None
    told = f" {error!r} {error} {error.hint} ".lower()
    for words in map(str.split, sheets):
        assert not any(" ".join(pair) in told for pair in itertools.pairwise(words))
        assert "zebra" not in told and "acid" not in told and "acne" not in told
    assert error.hint


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param(ONE, True, id="a sheet"),
        pytest.param(f"{ONE}\n\n{TWO}\n", True, id="two sheets"),
        pytest.param(changed(ONE, 7, "zebra"), True, id="mistyped"),
        pytest.param(" ".join(ONE.split()[:12]), True, id="cut off"),
        pytest.param("", False, id="nothing"),
        pytest.param("1. 2. 3.", False, id="numbers"),
        pytest.param(str(IDENTITY), False, id="a whole key"),
        pytest.param(str(HybridIdentity(b"\x42" * 32)), False, id="a whole hybrid key"),
        pytest.param(f"# public key: {RECIPIENT}\n{IDENTITY}\n", False, id="an identity file"),
        pytest.param(RECIPIENT, False, id="a recipient"),
    ],
)
def test_a_sheet_is_told_from_a_whole_key(text: str, is_one: bool) -> None:
    """A prompt can take either, and a mistyped sheet is still meant as one."""
    assert is_sheet(text) is is_one
