"""Who is in the study, and how that changes: adding, removing, recovering; machines likewise.

The caller is alone at the roster. Every change is one new version of the roster, and its file is the
moment at which it happens: what is written before means nothing without it, and what comes after is
made good by the next one who unlocks (`finish`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from confere.crypto import KeyIdentity, SigningKey, encrypt
from confere.crypto.keys import generate_identity
from confere.domain import MachineKeys, Person, Role
from confere.errors import BadValue, WrongKey
from confere.vault.objects import open_object
from confere.vault.people import (
    Secrets,
    check_name,
    check_passphrase,
    new_secrets_file,
    seal_secrets,
    secrets_file,
)
from confere.vault.recovery import RecoveryKey
from confere.vault.roster import RECOVERY, Roster, roster_digest, write_roster
from confere.vault.study_keys import (
    RESEALED,
    catalog_key,
    open_study_keys,
    resealed_to,
    study_key_file,
    write_study_key,
)
from confere.vault.vault import UnlockedVault, Vault

Progress = Callable[[int, int], None]


def add_person(opened: UnlockedVault, name: str, roles: frozenset[Role], passphrase: str) -> Roster:
    """Add somebody: their secrets, the study's key for them if they read, the next roster."""
    vault = opened.locked
    check_name(name)
    check_passphrase(passphrase)
    # Minutes may have passed at a prompt: sealing to an older roster would shut out whoever was
    # added meanwhile.
    if any(known.lower() == name.lower() for known in vault.refresh().people):
        raise BadValue(f"'{name}' is in the study already")
    require_finished(opened)
    secrets = Secrets.make(name, vault.roster.keys)
    lead = opened.person.name
    signing_key = opened.signing_key("roster")
    return _admit(vault, secrets, roles, passphrase, opened.identities, lead, signing_key)


def recover(vault: Vault, name: str, recovery: RecoveryKey, passphrase: str) -> UnlockedVault:
    """Give somebody new secrets under a new passphrase, on the strength of the recovery key.

    Their roles stay. What they signed before stays valid as signed with their former keys.
    """
    check_passphrase(passphrase)
    person = vault.refresh().person(name)
    identities = open_study_keys(vault.storage, vault.roster, recovery.identity)
    secrets = Secrets.make(name, vault.roster.keys)
    signing_key = recovery.signing_key
    _admit(vault, secrets, person.roles, passphrase, identities, RECOVERY, signing_key)
    return UnlockedVault(vault, vault.roster.person(name), secrets, identities)


def _admit(
    vault: Vault,
    secrets: Secrets,
    roles: frozenset[Role],
    passphrase: str,
    identities: dict[int, KeyIdentity],
    signer: str,
    key: SigningKey,
) -> Roster:
    storage = vault.storage
    digest = roster_digest(storage, vault.roster.version)
    roster = vault.roster.with_person(secrets.person(roles), digest)
    sealed = seal_secrets(secrets, passphrase, vault.settings.people.scrypt_work_factor)
    storage.write(new_secrets_file(secrets.name), sealed, replace=True)
    for period, identity in identities.items():
        write_study_key(storage, roster, period, identity)
    _publish(vault, roster, signer, key)
    storage.rename(new_secrets_file(secrets.name), secrets_file(secrets.name))
    return roster


def change_passphrase(opened: UnlockedVault, passphrase: str) -> None:
    """Seal one's own secrets with another passphrase. An old copy still opens with the old one."""
    check_passphrase(passphrase)
    work_factor = opened.locked.settings.people.scrypt_work_factor
    sealed = seal_secrets(opened.secrets, passphrase, work_factor)
    opened.locked.storage.write(secrets_file(opened.person.name), sealed, replace=True)


def remove_person(opened: UnlockedVault, name: str) -> Person:
    """Take somebody out of the roster; if they could read, begin a new key period.

    `finish` then reseals what the old period's key opened. Raises NoSuchThing, BadValue for oneself.
    """
    vault = opened.locked
    roster = vault.refresh()
    person = roster.person(name)
    if name == opened.person.name:
        raise BadValue("nobody removes themselves", "Another lead does it.")
    require_finished(opened)
    changes: dict[str, Any] = {
        "people": {n: p for n, p in roster.people.items() if n != name},
    }
    if person.reads:
        identity = generate_identity(roster.keys)
        changes["periods"] = (*roster.periods, str(identity.recipient))
    following = roster.next(roster_digest(vault.storage, roster.version), **changes)
    if person.reads:
        write_study_key(vault.storage, following, following.period, identity)
        opened.identities[following.period] = identity
    _publish(vault, following, opened.person.name, opened.signing_key("roster"))
    vault.storage.remove(secrets_file(name))
    return person


def set_machines(opened: UnlockedVault, machines: dict[str, MachineKeys]) -> Roster:
    """Say which machines are certified: whose offloads are taken in, whose checkpoints count."""
    vault = opened.locked
    roster = vault.refresh()
    following = roster.next(roster_digest(vault.storage, roster.version), machines=machines)
    _publish(vault, following, opened.person.name, opened.signing_key("roster"))
    return following


def _publish(vault: Vault, roster: Roster, signer: str, key: SigningKey) -> None:
    with vault.sealing():
        write_roster(vault.storage, roster, signer, key)
    vault.refresh()


def is_finished(opened: UnlockedVault) -> bool:
    """Whether nothing is left to be made good."""
    storage, roster = opened.locked.storage, opened.locked.roster
    return resealed_to(storage) == roster.period and not _strangers(opened)


def require_finished(opened: UnlockedVault) -> None:
    """Finish what an earlier change left; raises NotReady when that cannot be now."""
    if not is_finished(opened):
        finish(opened)


def finish(opened: UnlockedVault, progress: Progress = lambda done, of: None) -> None:
    """Make good what the newest roster asks for: everything sealed to the newest key, and to it only.

    Payloads are not touched: only the small key files, the waiting notes, and the catalog, which is
    written anew. Cut off anywhere, the next one goes on. Raises NotReady when another process has
    the catalog open.
    """
    storage, roster = opened.locked.storage, opened.locked.roster
    for file in _strangers(opened):
        storage.remove(file)
    if resealed_to(storage) == roster.period:
        return
    newest = opened.identities[roster.period]
    for period, identity in opened.identities.items():
        write_study_key(storage, roster, period, identity)
    files = _sealed_files(opened)
    for number, file in enumerate(files, 1):
        _reseal(opened, file)
        progress(number, len(files))
    opened.catalog.rekey(catalog_key(newest))
    storage.write(RESEALED, f"{roster.period}\n".encode(), replace=True)
    for period in [p for p in opened.identities if p != roster.period]:
        storage.remove(study_key_file(period))
        del opened.identities[period]


def _strangers(opened: UnlockedVault) -> list[str]:
    """Secrets of nobody in the roster, and keys of periods that are over."""
    storage, roster = opened.locked.storage, opened.locked.roster
    wanted = {secrets_file(n) for n in roster.people} | {new_secrets_file(n) for n in roster.people}
    oldest = min(resealed_to(storage), roster.period)
    wanted |= {study_key_file(p) for p in range(oldest, roster.period + 1)} | {RESEALED}
    there = [f"{folder}/{name}" for folder in ("people", "keys") for name in storage.list(folder)]
    return [file for file in there if file not in wanted]


def _sealed_files(opened: UnlockedVault) -> list[str]:
    """Every file that is sealed to the study's key, but for the study's keys themselves."""
    storage = opened.locked.storage
    folder = storage.path("recordings")
    # Partial folders too: an offload that was killed late is finished by the next.
    keys = [f"recordings/{e.name}/key.age" for e in sorted(folder.iterdir())]
    notes = [f"intake/{name}" for name in storage.list("intake")]
    return [file for file in (*keys, *notes) if storage.exists(file)]


def _reseal(opened: UnlockedVault, file: str) -> None:
    storage, roster = opened.locked.storage, opened.locked.roster
    newest, *older = opened.study_identities
    with contextlib.suppress(WrongKey):
        open_object(storage, file, [newest])
        return  # done before somebody cut this off
    content = open_object(storage, file, older)
    storage.write(file, encrypt(content, roster.study_recipients), replace=True)
