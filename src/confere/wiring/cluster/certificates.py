"""The certificates of a cluster, as files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from confere.crypto.certificates import Pair, read_pair
from confere.crypto.members import Role, make_cluster_authority, make_member
from confere.errors import BadValue, StorageProblem

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")


def make_certificates(folder: Path, workers: Sequence[str]) -> list[Path]:
    """Make what is not there yet, keys 0600, and return the files made; what is there stays as it is.

    Raises BadValue for a name that is none, StorageProblem, BadInput for an authority that is none.
    """
    for name in workers:
        if not _NAME.fullmatch(name) or name in ("ca", "scheduler", "client"):
            raise BadValue(f"'{name}' is no name for a worker", "Letters, digits, . _ - only.")
    now = datetime.now(UTC)
    made: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "ca.key").exists():
            made += _write(folder, "ca", make_cluster_authority("Confere, a cluster", now))
        authority = _read(folder, "ca")
        members: list[tuple[Role, str]] = [("scheduler", "scheduler"), ("client", "client")]
        members += [("worker", name) for name in workers]
        for role, name in members:
            if not (folder / f"{name}.key").exists():
                made += _write(folder, name, make_member(authority, role, name, now))
    except OSError as error:
        raise StorageProblem(str(error.filename or folder), error.strerror or str(error)) from None
    return made


def _read(folder: Path, name: str) -> Pair:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    return read_pair(certificate.read_bytes(), key.read_bytes(), str(certificate))


def _write(folder: Path, name: str, pair: Pair) -> list[Path]:
    """Write the key last: where it is, its certificate is whole."""
    files = [folder / f"{name}.pem", folder / f"{name}.key"]
    for file, data, mode in zip(files, (pair.certificate, pair.key), (0o644, 0o600), strict=True):
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(data)
    return files
