"""Examine the machine: what of it helps or endangers the vault."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from confere.domain.settings import Settings
from confere.errors import ConfereError, DamagedModel
from confere.models.manifest import Kind
from confere.models.store import ModelStore, check_files
from confere.vault import Vault
from confere.vault.storage import FILE_MODE, FOLDER_MODE

_LITTLE_ROOM = 10 << 30  # 10 GiB: a few days of interviews


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Literal["ok", "warning", "problem"]
    about: str
    text: str


def examine(vault_path: Path, store: ModelStore) -> list[Finding]:
    """Look at the vault (locked), the models and the machine; never raises for what it finds."""
    return [*_vault(vault_path, store), *_machine(vault_path)]


def _vault(path: Path, store: ModelStore) -> Iterator[Finding]:
    try:
        vault = Vault(path)
    except ConfereError as error:
        yield Finding("problem", "vault", f"{error.message}. {error.hint}")
        return
    practice = " (practice vault)" if vault.roster.practice else ""
    yield Finding("ok", "vault", f"{vault.storage.root}{practice}; roster {vault.roster.version}")
    waiting = len(vault.storage.list("intake"))
    yield Finding("ok", "intake", f"{waiting} recording(s) wait to be taken in by a reader")
    yield _permissions(path)
    yield from _models(vault.settings, store)


def _permissions(root: Path) -> Finding:
    """Look for files that others on this machine can read."""
    if os.name == "nt":
        return Finding("warning", "permissions", "not examined on Windows")
    wrong = 0
    for folder, folders, files in os.walk(root):
        for name, mode in [*((n, FOLDER_MODE) for n in folders), *((n, FILE_MODE) for n in files)]:
            found = stat.S_IMODE((Path(folder) / name).lstat().st_mode)
            wrong += bool(found & ~mode)
    if wrong:
        return Finding("problem", "permissions", f"{wrong} file(s) are open to other accounts")
    return Finding("ok", "permissions", "every file is private to this account")


def _models(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    wanted = (
        (settings.drafting.speech_model, Kind.SPEECH),
        (settings.drafting.translation_model, Kind.TRANSLATION),
    )
    for name, kind in wanted:
        try:
            check_files(store.find(name, kind))
        except DamagedModel as error:
            yield Finding("problem", f"{kind} model", error.message)
        except ConfereError as error:
            yield Finding("warning", f"{kind} model", f"{error.message}. {error.hint}")
        else:
            yield Finding("ok", f"{kind} model", f"{name}: every file has its digest")


def _machine(path: Path) -> Iterator[Finding]:
    existing = next(p for p in [path.absolute(), *path.absolute().parents] if p.exists())
    free = shutil.disk_usage(existing).free
    level: Literal["ok", "warning"] = "ok" if free > _LITTLE_ROOM else "warning"
    yield Finding(level, "room", f"{free >> 30} GiB free where the vault is")
    yield _swap(Path("/proc/swaps"))
    if sys.platform == "linux":
        yield _core_dumps()


def _swap(table: Path) -> Finding:
    """Swap in the clear keeps what was in memory: keys and words."""
    if not table.exists():
        return Finding("warning", "swap", "not examined here; it should be encrypted or off")
    areas = [line.split()[0] for line in table.read_text().splitlines()[1:] if line.strip()]
    clear = [a for a in areas if not a.startswith(("/dev/dm-", "/dev/mapper/", "/dev/zram"))]
    if clear:
        text = f"{', '.join(clear)} may keep keys and words in the clear: encrypt it or turn it off"
        return Finding("warning", "swap", text)
    return Finding("ok", "swap", "none in the clear" if areas else "off")


def _core_dumps() -> Finding:
    import resource

    if resource.getrlimit(resource.RLIMIT_CORE)[0] == 0:
        return Finding("ok", "core dumps", "off")
    return Finding("warning", "core dumps", "on for this account; Confere turns its own off")
