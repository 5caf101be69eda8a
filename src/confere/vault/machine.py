"""This machine's own key: it signs receipts and offload events, and opens nothing."""

from __future__ import annotations

import hashlib
import secrets

from confere.crypto import SigningKey, derive_signing_key
from confere.errors import DamagedVault
from confere.vault.storage import Storage

_FILE = "machine.key"


class Machine:
    """The machine that offloads. Its seed lies in the account's state folder, not in the vault."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    @classmethod
    def load(cls, state: Storage) -> Machine:
        """Read the machine's key, or make one the first time."""
        if not state.exists(_FILE):
            state.write(_FILE, secrets.token_bytes(32).hex().encode() + b"\n")
        try:
            seed = bytes.fromhex(state.read(_FILE).decode().strip())
        except ValueError:
            seed = b""
        if len(seed) != 32:
            raise DamagedVault(f"{_FILE} (this machine's key)", "is not a key")
        return cls(seed)

    def signing_key(self, kind: str) -> SigningKey:
        """Return the machine's key for ``event`` or ``receipt``."""
        return derive_signing_key(self._seed, kind)

    @property
    def name(self) -> str:
        """The machine as events and receipts name it."""
        key = str(self.signing_key("event").verify_key)
        return "machine:" + hashlib.sha256(key.encode()).hexdigest()[:16]
