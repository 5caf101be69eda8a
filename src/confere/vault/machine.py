"""This machine's own key: it signs receipts, offload events and checkpoints, and opens nothing.

A lead certifies it: the roster then tells its public keys. Whoever finds the laptop has this key and
could sign as it, so a lead can replace it, or take it out.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

from confere.crypto import SigningKey, derive_key, derive_signing_key
from confere.crypto.canonical import canonical_json
from confere.domain import MachineKeys
from confere.errors import DamagedVault
from confere.vault.storage import Storage

_FILE = "machine.key"
#: Each kind of signature a machine makes, and its own key for it.
MACHINE_KINDS = ("event", "receipt", "checkpoint")


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

    @classmethod
    def renew(cls, state: Storage) -> Machine:
        """Give this machine a new key; the old one is gone, and no lead has certified the new one yet."""
        seed = secrets.token_bytes(32)
        state.write(_FILE, seed.hex().encode() + b"\n", replace=True)
        return cls(seed)

    def signing_key(self, kind: str) -> SigningKey:
        """Return the machine's key for one of `MACHINE_KINDS`."""
        if kind not in MACHINE_KINDS:
            raise ValueError(kind)
        return derive_signing_key(self._seed, kind)

    def kept_key(self, study_id: str) -> bytes:
        """Return the key of what this machine remembers of its recordings in a study (`kept`)."""
        return derive_key(self._seed, f"confere/v1/kept/{study_id}")

    @property
    def name(self) -> str:
        """The machine as the roster, events and receipts name it."""
        return self.keys.name

    @property
    def keys(self) -> MachineKeys:
        """The public side, as the roster tells it."""
        keys = {kind: str(self.signing_key(kind).verify_key) for kind in MACHINE_KINDS}
        return MachineKeys(machine_name(keys), keys)


def machine_name(verify_keys: Mapping[str, str]) -> str:
    """Return the name that a machine's keys give it: nobody can make other keys of the same name."""
    digest = hashlib.sha256(canonical_json(dict(verify_keys))).hexdigest()
    return f"machine:{digest[:16]}"


def machine_file(name: str) -> str:
    """Return where a machine that is not certified yet leaves its public keys for a lead."""
    return f"machines/{name.removeprefix('machine:')}.json"


def announced_machines(storage: Storage) -> dict[str, MachineKeys]:
    """Return the machines that wait for a lead; one whose keys do not give its name is left out."""
    machines = {}
    for file in storage.list("machines"):
        try:
            machine = MachineKeys(**json.loads(storage.read(f"machines/{file}")))
            if machine_name(machine.verify_keys) == machine.name:
                machines[machine.name] = machine
        except (ValueError, TypeError, AttributeError):
            continue  # anybody can put a file there
    return machines
