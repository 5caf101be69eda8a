"""The recovery key: one on paper, for the day when passphrases are lost.

It opens the study's key, and it may sign a roster, so that a study whose only lead lost their
passphrase is not lost. Whoever holds it is therefore as powerful as a lead; so a study may have it
split into sheets, of which any two are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from confere.crypto import KeyIdentity, SigningKey, derive_signing_key, parse_identities
from confere.crypto.keys import KeyKind, generate_identity
from confere.crypto.sheets import is_sheet, join_sheets, split_identity
from confere.errors import BadKeyText, WrongKey
from confere.vault.roster import Recovery


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The key, and the sheets it was split into, if it was."""

    identity: KeyIdentity = field(repr=False)
    sheets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def make(cls, keys: KeyKind, sheets: int) -> RecoveryKey:
        """Make one; split if ``sheets`` is not 0. Raises BadValue for a number that cannot be."""
        identity = generate_identity(keys)
        return cls(identity, tuple(split_identity(identity, sheets)) if sheets else ())

    @classmethod
    def read(cls, texts: Sequence[str], public: Recovery) -> RecoveryKey:
        """Read what people typed from paper: the key, or two of its sheets.

        Raises BadKeyText, BadSheet, SheetMissing, WrongSheets, and WrongKey for another study's.
        """
        whole = any("AGE-SECRET-KEY-" in text.upper() for text in texts)
        if texts and not whole and (public.sheets or is_sheet(texts[0])):
            identity = join_sheets(texts, public.recipient)
        else:
            identity = _one_key("\n".join(texts))
        if str(identity.recipient) != public.recipient:
            raise WrongKey("this study: it is not its recovery key")
        return cls(identity)

    @property
    def public(self) -> Recovery:
        """What the roster tells of it."""
        verify_key = str(self.signing_key.verify_key)
        return Recovery(str(self.identity.recipient), verify_key, len(self.sheets))

    @property
    def signing_key(self) -> SigningKey:
        """Its key for rosters."""
        return derive_signing_key(self.identity.secret, "recovery-roster")


def _one_key(text: str) -> KeyIdentity:
    identities = parse_identities(text.strip())
    if len(identities) != 1:
        raise BadKeyText("recovery key", "one key is expected, or two sheets")
    return identities[0]
