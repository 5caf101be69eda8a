"""The study's own keys, one a period: ``keys/study-N.age``, and how far everything is resealed.

What a reader may read is sealed to the newest one. Removing somebody begins a new period; until all
is resealed, the key of the period before is still there. ``keys/resealed`` tells up to which period
that has been done; afterwards the older keys are removed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from confere.crypto import Identity, KeyIdentity, derive_key, encrypt
from confere.crypto.header import read_header
from confere.crypto.keys import parse_recipient
from confere.errors import DamagedVault
from confere.vault.objects import one_identity, open_object
from confere.vault.roster import Roster
from confere.vault.storage import Storage

RESEALED = "keys/resealed"


def study_key_file(period: int) -> str:
    """Return where the key of a period lies."""
    return f"keys/study-{period}.age"


def write_study_key(
    storage: Storage,
    roster: Roster,
    period: int,
    identity: KeyIdentity,
    also: Sequence[str] = (),
) -> None:
    """Seal a period's key to everybody who reads by this roster, and to the recovery key.

    ``also`` are recipients who keep it until a roster that does not tell them has come.
    """
    text = f"# confere study key {period}\n{identity}\n"
    recipients = [*roster.key_file_recipients, *map(parse_recipient, also)]
    storage.write(study_key_file(period), encrypt(text.encode(), recipients), replace=True)


def count_openers(storage: Storage, period: int) -> int:
    """Return to how many keys a period's key is sealed; to whose, no header tells."""
    return len(read_header(io.BytesIO(storage.read(study_key_file(period)))).stanzas)


def open_study_key(storage: Storage, roster: Roster, period: int, opener: Identity) -> KeyIdentity:
    """Open a period's key; raises DamagedVault when it is not the one that the roster tells."""
    file = study_key_file(period)
    identity = one_identity(open_object(storage, file, [opener]), file, "a study key")
    if identity.recipient != parse_recipient(roster.periods[period - 1]):
        raise DamagedVault(file, "does not hold the key that the roster tells")
    return identity


def open_study_keys(storage: Storage, roster: Roster, opener: Identity) -> dict[int, KeyIdentity]:
    """Open the newest period's key, and the older ones from which not all is resealed yet."""
    oldest = min(resealed_to(storage), roster.period)
    return {
        period: open_study_key(storage, roster, period, opener)
        for period in range(oldest, roster.period + 1)
    }


def resealed_to(storage: Storage) -> int:
    """Return up to which period everything is resealed; raises DamagedVault."""
    text = storage.read(RESEALED).decode("ascii", "replace")
    number = text.removesuffix("\n")
    if not number.isdigit() or not number.isascii() or text != f"{int(number)}\n" or text == "0\n":
        raise DamagedVault(RESEALED, "does not hold a period's number")
    return int(number)


def catalog_key(identity: KeyIdentity) -> bytes:
    """Return the key of the catalog in the period of this study key."""
    return derive_key(identity.secret, "confere/v1/catalog")
