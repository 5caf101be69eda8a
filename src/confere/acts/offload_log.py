"""The custody log while a machine offloads: looked at before anything is copied, added to after.

A log or a roster that is not in order (forged, rolled back, damaged) stops an offload before it takes a
file: the recordings stay on the recorder. Once a recording has its place it is never taken back: a
reader may have it already, and an entry cannot be taken out of the log. So if the log cannot be
written just then, the recording stays in the vault, with its signed event in its sealed note, and the
event gets its entry later, from the next file's or when the note is taken in. The receipt says so.
"""

from __future__ import annotations

from confere.errors import ConfereError, EnvironmentProblem
from confere.intake.receipt import Custody
from confere.vault import Machine, Vault
from confere.vault.events import Event
from confere.vault.log import CustodyLog
from confere.vault.storage import storage_error


class OffloadLog:
    """What one machine tells the log; kept open, because reading it takes longer than adding to it."""

    def __init__(self, vault: Vault, machine: Machine) -> None:
        """Read the log; raises as `look` does."""
        vault.refresh(wholly=True)
        self._vault = vault
        self._machine = machine
        self._log: CustodyLog = vault.log()
        self._checkpoint = _text(self._log.note)
        #: The recordings of the entries that are not in the log yet.
        self._waiting: dict[bytes, str] = {}
        self._problem: ConfereError | None = None

    @property
    def certified(self) -> bool:
        """Whether a lead has certified this machine; if not, its checkpoint would count for nobody."""
        return self._machine.name in self._vault.roster.machines

    def look(self) -> None:
        """Compare roster and log with what this machine has seen, and take up what is new.

        Raises RolledBack, BadSignature, BadProof, DamagedVault.
        """
        self._vault.refresh(wholly=True)
        self._log.refresh()
        self._checkpoint = _text(self._log.note)

    def add(self, recording_id: str, event: Event) -> None:
        """Bring the event of a recording that has its place into the log, if it can be."""
        self._waiting[event.entry] = recording_id
        if not self.certified:
            return  # they get their entries when a lead has certified it and a reader takes them in
        try:
            self._write()
        except ConfereError as error:
            self._problem = error
        except OSError as error:
            self._problem = storage_error(error, "log")
        else:
            self._waiting.clear()
            self._problem = None

    def _write(self) -> None:
        with self._log.alone():
            # A reader who took the recording in meanwhile has settled it.
            new = [e for e in self._waiting if self._log.find(e) is None]
            if new:
                key = self._machine.signing_key("checkpoint")
                self._log.extend(new, self._machine.name, key)
            self._checkpoint = _text(self._log.note)

    def state(self) -> Custody:
        """Return what a receipt says of the log: as it was last seen in order."""
        return Custody(
            self._checkpoint,
            self.certified,
            frozenset(self._waiting.values()),
            _told(self._problem) if self._problem else None,
        )


def _text(note: str) -> str:
    """Return the three lines of a checkpoint's note; nothing while the log has no entries."""
    text, separator, _ = note.rpartition("\n\n")
    return f"{text}\n" if separator else ""


def _told(problem: ConfereError) -> ConfereError:
    """Say what went wrong as it is for a fieldworker: nothing is lost."""
    return EnvironmentProblem(
        f"the custody log could not be written: {problem.message}",
        "The recordings are safe in the vault. Tell the lead; show them the receipt.",
    )
