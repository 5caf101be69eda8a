"""The encrypted store of one study, on disk; `docs/format.md` is its format.

`storage` is the only door to its files. `vault` makes, finds and opens it; `roster`, `people` and
`study_keys` say who may, `membership` and `recovery` how that changes; `objects` holds the sealed
recordings; `catalog` with `register`, `transcripts` and `events` is the encrypted database; `log` is
the custody log over the events, `pins` what this machine has seen of it; `machine` is the key of the
laptop that offloads, `kept` its memory of what it put in; `memory` keeps what is opened from
leaving the process.
"""

from confere.vault.machine import Machine
from confere.vault.pins import Pins
from confere.vault.storage import Storage
from confere.vault.vault import Created, UnlockedVault, Vault

__all__ = ["Created", "Machine", "Pins", "Storage", "UnlockedVault", "Vault"]
