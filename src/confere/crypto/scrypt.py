"""A passphrase as recipient and as identity.

Source: C2SP age.md, "The scrypt recipient type". A passphrase stands alone in a header (see
``envelope``): whoever opens such a file may take it that somebody who knows the passphrase made it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from confere.crypto.errors import HeaderDamaged
from confere.crypto.filekey import check_shape, decode_argument, unwrap, wrap
from confere.crypto.stanza import Stanza, encode64
from confere.errors import BadKeyText

TYPE = "scrypt"
LABEL = b"age-encryption.org/v1/scrypt"
SALT_BYTES = 16
WORK_FACTOR = 18  # the logarithm to base 2: about 1 s and 256 MiB; one more doubles both
MAX_WORK_FACTOR = 20  # 4 s and 1 GiB: more than that is a memory bomb
DECIMAL = re.compile(r"[1-9][0-9]?")  # more digits are far above any limit


class ScryptRecipient:
    """A passphrase a file can be sealed with; str is taken in UTF-8, as it is."""

    def __init__(self, passphrase: str | bytes, work_factor: int = WORK_FACTOR) -> None:
        self._passphrase = _to_bytes(passphrase)
        if not 1 <= work_factor <= MAX_WORK_FACTOR:
            raise ValueError(f"a work factor is from 1 to {MAX_WORK_FACTOR}")
        self.work_factor = work_factor

    def wrap(self, file_key: bytes) -> Stanza:
        """The file key for whoever knows the passphrase."""
        salt = os.urandom(SALT_BYTES)
        body = wrap(file_key, _wrap_key(self._passphrase, salt, self.work_factor))
        return Stanza(TYPE, (encode64(salt), str(self.work_factor)), body)


class ScryptIdentity:
    """A passphrase that may open a file."""

    def __init__(self, passphrase: str | bytes, max_work_factor: int = MAX_WORK_FACTOR) -> None:
        self._passphrase = _to_bytes(passphrase)
        self.max_work_factor = max_work_factor

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key from the scrypt stanza, if the passphrase is the right one."""
        for stanza in stanzas:
            if stanza.type == TYPE and (file_key := self._unwrap(stanza)) is not None:
                return file_key
        return None

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, argument_count=2)
        salt = decode_argument(stanza, 0, SALT_BYTES)
        work_factor = self._read_work_factor(stanza.arguments[1])
        return unwrap(stanza, _wrap_key(self._passphrase, salt, work_factor))

    def _read_work_factor(self, text: str) -> int:
        if not DECIMAL.fullmatch(text):
            raise HeaderDamaged("the work factor of its passphrase is malformed")
        if (work_factor := int(text)) > self.max_work_factor:
            raise HeaderDamaged(
                f"the work factor of its passphrase is {work_factor}, "
                f"and more than {self.max_work_factor} is not tried"
            )
        return work_factor


def _to_bytes(passphrase: str | bytes) -> bytes:
    if not passphrase:
        raise BadKeyText("passphrase", "it is empty")
    return passphrase.encode() if isinstance(passphrase, str) else bytes(passphrase)


def _wrap_key(passphrase: bytes, salt: bytes, work_factor: int) -> bytes:
    return Scrypt(salt=LABEL + salt, length=32, n=1 << work_factor, r=8, p=1).derive(passphrase)
