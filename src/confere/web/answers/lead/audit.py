"""The audit, in a process of its own: begun, followed, stopped."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from typing import Any

from confere.acts.desk import Desk
from confere.domain import Role
from confere.errors import NotReady
from confere.web.errors import Refusal
from confere.web.sitting import Sitting

COMMAND = (sys.executable, "-P", "-m", "confere.web.audit_main")


class Audits:
    """The one audit of a sitting, running or done. Locking ends it with the keeper."""

    def __init__(self, _desk: Desk) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._told: dict[str, Any] = {}

    def begin(self, desk: Desk, passphrase: str, objects: bool) -> None:
        """Start one; raises NotReady while one runs."""
        if self._is_running():
            raise NotReady("an audit is running", "Wait for it, or stop it.")
        self._told = {}
        self._process = process = subprocess.Popen(  # noqa: S603 - our own interpreter
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        asked = {
            "vault": str(desk.vault.locked.storage.root),
            "name": desk.person.name,
            "passphrase": passphrase,
            "objects": objects,
        }
        assert process.stdin is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        self._listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self._listener.start()

    def state(self) -> dict[str, Any]:
        """Return how far it is, or what came of it; raises Refusal for what it could not do."""
        running = self._is_running()  # first: what was told last is there when it is over
        told = self._told
        if "refused" in told:
            raise Refusal.from_json(told["refused"])
        return {
            "running": running,
            "step": told.get("step", ""),
            "done": told.get("done", 0),
            "of": told.get("of", 0),
            "audited": told.get("audited"),
        }

    def close(self) -> None:
        """Stop it, if it runs."""
        process, self._process = self._process, None
        self._told = {}
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe and pipe.close()

    def _is_running(self) -> bool:
        """Whether it is not over, or its last line not read yet."""
        listener = self._listener
        return self._process is not None and listener is not None and listener.is_alive()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # stopped
            for line in process.stdout:
                if process is self._process:
                    self._told = json.loads(line)
        process.wait()


def begin_audit(sitting: Sitting, passphrase: str, objects: bool) -> dict[str, Any]:
    """Begin an audit; the passphrase is asked for again, because the vault is opened anew for it."""
    desk = sitting.desk
    desk.require("audit the study on the page", Role.LEAD)
    desk.vault.sign_off_key(passphrase)  # said at once if it is the wrong one
    sitting.part(Audits).begin(desk, passphrase, objects)
    return sitting.part(Audits).state()


def audit_state(sitting: Sitting) -> dict[str, Any]:
    """Return how far the audit of this sitting is, or what it found."""
    sitting.desk.require("audit the study on the page", Role.LEAD)
    return sitting.part(Audits).state()


def stop_audit(sitting: Sitting) -> dict[str, Any]:
    """Stop it; nothing of it is told."""
    sitting.desk.require("audit the study on the page", Role.LEAD)
    sitting.part(Audits).close()
    return sitting.part(Audits).state()
