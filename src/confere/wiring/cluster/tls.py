"""The files of mutual TLS, and where a scheduler is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from confere.errors import BadInput, BadValue, StorageProblem

_URL = re.compile(r"tls://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Who one is in a cluster: its authority, one's own certificate, and that one's key; PEM."""

    authority: Path
    certificate: Path
    key: Path

    def check(self) -> None:
        """Raise StorageProblem for what cannot be read, BadInput for a key that others can read."""
        for file in (self.authority, self.certificate, self.key):
            try:
                with file.open("rb"):
                    mode = file.stat().st_mode
            except OSError as error:
                raise StorageProblem(str(file), error.strerror or str(error)) from None
            if file == self.key and os.name == "posix" and mode & 0o077:
                raise BadInput(
                    f"other accounts of this machine can read the key {file}",
                    f"Close it: chmod 600 {file}",
                )


def scheduler_address(url: str) -> str:
    """Return ``tls://HOST:PORT``; raises BadValue for anything else, plain TCP included."""
    found = _URL.fullmatch(url)
    if found is None or not 0 < int(found[2]) < 65536:
        raise BadValue(
            f"'{url}' is not where a scheduler is",
            "A cluster is reached over mutual TLS only: tls://HOST:PORT",
        )
    return url
