"""A key on paper sheets, any two of which give it back: recovery that takes two people.

A sheet is a line of 33 words. The 32 bytes of a key are a point of a line through GF(256)³², and a
sheet is another point of it. One sheet alone gives no way to the key: at most it could confirm a
guess of all 256 bits, by the four bytes of digest with which wrong sheets are found out.

==============  ================================================================================
words           what
==============  ================================================================================
1 and 2         a random number of this splitting, the same on all its sheets
3 and 4         which sheet this is, how many it takes
5 to 30         its point, 32 bytes
31 to 33        checksum: finds up to three wrong words for certain
==============  ================================================================================

The words hold no kind of key, so whoever joins sheets says whose key is expected, or gets it of
both kinds. Source: SLIP-0039 (github.com/satoshilabs/slips), one group, two members, no passphrase,
through ``shamir_mnemonic``, which nothing else imports. Its errors quote words of a sheet, so none
of them leaves this module, not even as the context of another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, Share, decode_mnemonics, generate_mnemonics, recover_ems
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from confere.crypto.hybrid import HybridIdentity
from confere.crypto.keys import IDENTITIES, KeyIdentity, key_kind, parse_recipient
from confere.crypto.x25519 import X25519Identity
from confere.errors import BadSheet, BadValue, SheetMissing, WrongSheets

THRESHOLD = 2
FEWEST, MOST, USUAL = 2, 8, 3  # sheets of a key
WORDS = 33  # on a sheet, for 32 bytes

ITERATION_EXPONENT = 0  # stretching protects a passphrase, and there is none
MOST_EXPONENT = 5  # 0.1 s; 15, the most that a sheet can ask for, is a thousand times as long

SEPARATORS = re.compile(r"[\s.,:;()-]+")
HEADING = re.compile(r"^[ \t]*(#.*|sheet \d+ of \d+[ \t]*)$", re.IGNORECASE | re.MULTILINE)
PARAGRAPHS = re.compile(r"\n\s*\n")
NUMBER = re.compile(r"^\d+")  # "7. acid", "7) acid", "7 acid", "7acid"


def split_identity(identity: KeyIdentity, sheets: int = USUAL) -> list[str]:
    """The sheets of a key, each a line of 33 words; any two of them give the key back.

    Every call draws a new line: sheets of two calls do not go together. Raises BadValue when
    ``sheets`` is not 2 to 8.
    """
    if not FEWEST <= sheets <= MOST:
        raise BadValue(
            f"a key is not split into {sheets} sheets",
            f"Choose {FEWEST} to {MOST} sheets; any {THRESHOLD} of them will open the study.",
        )
    [lines] = generate_mnemonics(
        group_threshold=1,
        groups=[(THRESHOLD, sheets)],
        master_secret=identity.secret,
        iteration_exponent=ITERATION_EXPONENT,
    )
    return [str(line) for line in lines]


def join_sheets(sheets: Sequence[str], expected_recipient: str) -> KeyIdentity:
    """The key whose sheets these are, two or more of them, as people type them from paper.

    ``expected_recipient`` is the text of the recipient that the key must have. Raises BadSheet for
    a sheet that is mistyped, SheetMissing for fewer than two different ones, WrongSheets when they do
    not belong together or are another key's, BadKeyText when the recipient is none. No message
    holds a word of a sheet.
    """
    recipient = parse_recipient(expected_recipient)
    identity = IDENTITIES[key_kind(expected_recipient)](_join(sheets))
    if identity.recipient != recipient:
        raise WrongSheets("these sheets are of another key than the one expected here")
    return identity


def join_candidates(sheets: Sequence[str]) -> tuple[HybridIdentity, X25519Identity]:
    """Both keys that these sheets can be, for whoever has only a sealed file to try them on.

    Raises like ``join_sheets``, which is to be preferred where the recipient is known.
    """
    secret = _join(sheets)
    return HybridIdentity(secret), X25519Identity(secret)


def is_sheet(text: str) -> bool:
    """Whether a text is meant as a sheet, mistyped or cut off perhaps, rather than a whole key."""
    words = _words(text)
    return 2 * sum(word in WORD_INDEX_MAP for word in words) > len(words)


def sheets_of(text: str) -> list[str]:
    """The sheets that a text holds: one a paragraph, or one a line; "Sheet 1 of 3" may head them."""
    found: list[str] = []
    for paragraph in PARAGRAPHS.split(HEADING.sub("", text)):
        lines = [line for line in paragraph.splitlines() if _words(line)]
        one_a_line = all(len(_words(line)) == WORDS for line in lines)
        found += lines if one_a_line else [" ".join(lines)]
    return found


def _join(sheets: Sequence[str]) -> bytes:
    first, *others = _different([_parse(text, at) for at, text in enumerate(sheets, start=1)])
    secrets = {_join_two(first, other) for other in others}
    secret = secrets.pop()
    if secret is None or secrets:
        raise WrongSheets("these sheets do not belong together")
    return secret


def _different(shares: list[Share]) -> list[Share]:
    """The shares without repetitions, in their order; SheetMissing if they are fewer than two."""
    different = list(dict.fromkeys(shares))
    if len(different) < THRESHOLD:
        raise SheetMissing(given=len(shares))
    return different


def _join_two(one: Share, other: Share) -> bytes | None:
    """The 32 bytes on whose line both shares lie; None if they are of different splittings."""
    try:
        sealed = recover_ems(decode_mnemonics([one.mnemonic(), other.mnemonic()]))
    except MnemonicError:  # the random number, the sheet's own number or the digest tells
        return None
    return bytes(sealed.decrypt(b""))


def _parse(text: str, number: int) -> Share:
    """The share that a sheet holds; ``number`` is its place among those given, from 1."""
    words = _words(text)
    for place, word in enumerate(words, start=1):
        if word not in WORD_INDEX_MAP:
            raise BadSheet(number, f"word {place} is not in the list of words")
    if len(words) != WORDS:
        raise BadSheet(number, f"it has {len(words)} words, and a sheet has {WORDS}")
    share = _decode(words)
    if share is None:
        raise BadSheet(number, "its checksum is wrong, so a word is another or stands elsewhere")
    if (share.group_count, share.member_threshold) != (
        1,
        THRESHOLD,
    ) or share.iteration_exponent > MOST_EXPONENT:
        raise BadSheet(number, "it is whole, but not a sheet of a recovery key")
    return share


def _decode(words: list[str]) -> Share | None:
    try:
        return Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        return None


def _words(text: str) -> list[str]:
    """The words of a sheet in small letters, without their numbers and what stands between."""
    parts = (NUMBER.sub("", part) for part in SEPARATORS.split(text.lower()))
    return [part for part in parts if part]
