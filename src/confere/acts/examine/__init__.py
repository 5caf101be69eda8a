"""Examine the machine: what of it helps or endangers the vault.

The vault stays locked; nothing is changed. `storage` tells what could reach a disk in the clear (`disks`
knows how), `permissions` who else can reach the files, `clock` whether times can be believed,
`processes` what a process that holds keys could give away, and what the one that decodes could reach
(`decoder`, which starts one; `examine` does not).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from confere.acts.examine.clock import clock, hears_time_server
from confere.acts.examine.disks import Disks
from confere.acts.examine.finding import Finding, Level
from confere.acts.examine.permissions import folders_above, private
from confere.acts.examine.processes import core_dumps, decoder, memory_lock
from confere.acts.examine.storage import hibernation, swap, swap_areas, vault_disk
from confere.domain.settings import Settings
from confere.errors import ConfereError, DamagedModel
from confere.models.manifest import Kind
from confere.models.store import ModelStore, check_files
from confere.translate.routes import without_route
from confere.vault import Pins, Storage, Vault
from confere.vault.memory import memory_state

__all__ = ["Finding", "decoder", "examine"]

_LITTLE_ROOM = 10 << 30  # 10 GiB: a few days of interviews


def examine(
    vault_path: Path, store: ModelStore, state: Path, root: Path = Path("/")
) -> list[Finding]:
    """Look at the vault (locked), the models and the machine; never raises for what it finds.

    ``state`` is the folder of this machine's key; ``root`` holds the ``proc`` and ``sys`` that are read.
    Each subject is told once.
    """
    vault = vault_path.resolve()
    return [
        *_vault(vault, store, state),
        *_files(vault, state),
        *_machine(vault, root),
    ]


def _vault(path: Path, store: ModelStore, state: Path) -> Iterator[Finding]:
    try:
        # Compared with what this machine has seen; a machine that has seen nothing makes no memory here.
        vault = Vault(path, Pins(Storage(state)) if state.is_dir() else None)
    except ConfereError as error:
        yield Finding("problem", "vault", f"{error.message}. {error.hint}")
        return
    practice = " (practice vault)" if vault.roster.practice else ""
    yield Finding("ok", "vault", f"{vault.storage.root}{practice}; roster {vault.roster.version}")
    waiting = len(vault.storage.list("intake"))
    yield Finding("ok", "intake", f"{waiting} recording(s) wait to be taken in by a reader")
    yield from _models(vault.settings, store)


def _models(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    wanted = (
        (settings.drafting.speech_model, Kind.SPEECH),
        *((name, Kind.TRANSLATION) for name in settings.drafting.translation_models),
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
    yield from _unread(settings, store)


def _unread(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    """A spoken language that nothing translates; silent while a model is missing, which is told."""
    study, names = settings.study, settings.drafting.translation_models
    try:
        found = [store.find(name, Kind.TRANSLATION).manifest.languages for name in names]
    except ConfereError:
        return
    unread = without_route([(a, b) for a, b in found], study.target, study.languages)
    if unread:
        told = f"nothing translates {', '.join(unread)} into {study.target}: it stays untranslated"
        yield Finding("warning", "languages", told)


def _files(vault: Path, state: Path) -> Iterator[Finding]:
    if os.name == "nt":
        yield Finding("warning", "permissions", "not examined on Windows")
        return
    account = os.geteuid()
    if vault.is_dir():
        yield private("permissions", vault, account)
        yield folders_above(vault, account)
    if state.is_dir():
        yield private("state folder", state, account)
    else:
        yield Finding(
            "ok", "state folder", "this machine has no key yet; the first offload makes it"
        )


def _machine(vault: Path, root: Path) -> Iterator[Finding]:
    existing = next(p for p in [vault, *vault.parents] if p.exists())
    free = shutil.disk_usage(existing).free
    level: Level = "ok" if free > _LITTLE_ROOM else "warning"
    yield Finding(level, "room", f"{free >> 30} GiB free where the vault is")
    disks = Disks(root)
    areas = swap_areas(disks)
    swapped = swap(areas)
    yield vault_disk(existing, disks)
    yield swapped
    yield hibernation(areas, root)
    yield memory_lock(memory_state(), swapped)
    yield core_dumps(root)
    yield clock(vault, datetime.now(UTC), hears_time_server())
