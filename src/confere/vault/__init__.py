"""The encrypted store of one study, on disk; `docs/format.md` is its format.

`storage` is the only door to its files. `vault` makes, finds and opens it; `roster` and `people`
say who may; `objects` holds the sealed recordings; `catalog` with `register`, `transcripts` and
`events` is the encrypted database; `machine` is the key of the laptop that offloads.
"""

from confere.vault.machine import Machine
from confere.vault.storage import Storage
from confere.vault.vault import Created, UnlockedVault, Vault

__all__ = ["Created", "Machine", "Storage", "UnlockedVault", "Vault"]
