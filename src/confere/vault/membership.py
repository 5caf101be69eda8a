"""Who is in the study, and how that changes: adding, removing, recovering; machines likewise.

The caller is alone at the roster. Every change is one new version of the roster, and its file is the
moment at which it happens: what is written before means nothing without it, and what comes after is
made good by the next one who unlocks (`finish`).

Who changes it looks at the newest roster first, under the lock: what they unlocked minutes ago may be
another one's past, and by an old roster a new key looks like rubbish to be removed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from confere.crypto import KeyIdentity, encrypt
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
from confere.vault.roster import RECOVERY, Roster, write_roster
from confere.vault.storage import PARTIAL
from confere.vault.study_keys import (
    RESEALED,
    catalog_key,
    count_openers,
    open_study_keys,
    resealed_to,
    study_key_file,
    write_study_key,
)
from confere.vault.vault import UnlockedVault, Vault

Progress = Callable[[int, int], None]
_BATCH = 256  # files sealed anew while an offload has to wait: a fraction of a second


def add_person(opened: UnlockedVault, name: str, roles: frozenset[Role], passphrase: str) -> Roster:
    """Add somebody: their secrets, the study's key for them if they read, the next roster.

    Raises BadValue, and NotReady when the roster moved on or an older change cannot be finished now.
    """
    vault = opened.locked
    check_name(name)
    check_passphrase(passphrase)
    opened.require_current()
    if any(known.lower() == name.lower() for known in vault.roster.people):
        raise BadValue(f"'{name}' is in the study already")
    require_finished(opened)
    secrets = Secrets.make(name, vault.roster.keys)
    following = vault.roster.with_person(secrets.person(roles), vault.roster.sha256)
    _write_secrets(vault, following, secrets, passphrase, opened.identities)
    _publish(opened, following)
    vault.storage.rename(new_secrets_file(name), secrets_file(name))
    return following


def recover(vault: Vault, name: str, recovery: RecoveryKey, passphrase: str) -> UnlockedVault:
    """Give somebody new secrets under a new passphrase, on the strength of the recovery key.

    Their roles stay. What they signed before stays valid as signed with their former keys. Raises
    BadValue for somebody who reads nothing: they lost nothing that adding them anew does not give.
    """
    check_passphrase(passphrase)
    person = vault.refresh().person(name)
    require_recoverable(person)
    vault.log()  # if it is not in order, nothing is changed
    identities = open_study_keys(vault.storage, vault.roster, recovery.identity)
    secrets = Secrets.make(name, vault.roster.keys)
    following = vault.roster.with_person(secrets.person(person.roles), vault.roster.sha256)
    # Cut off before the new roster, what they have still opens; cut off after it, `finish` seals anew.
    _write_secrets(vault, following, secrets, passphrase, identities, [person.recipient])
    with vault.sealing():
        write_roster(vault.storage, following, RECOVERY, recovery.signing_key)
    vault.storage.rename(new_secrets_file(name), secrets_file(name))
    for period, identity in identities.items():
        write_study_key(vault.storage, following, period, identity)
    return UnlockedVault(vault, vault.refresh().person(name), secrets, identities)


def require_recoverable(person: Person) -> None:
    """Raise BadValue for somebody who reads nothing."""
    if not person.reads:
        raise BadValue(
            f"{person.name} opens nothing, so there is nothing to recover",
            "A lead removes and adds them: confere person remove, confere person add.",
        )


def _write_secrets(
    vault: Vault,
    roster: Roster,
    secrets: Secrets,
    passphrase: str,
    identities: dict[int, KeyIdentity],
    also: Sequence[str] = (),
) -> None:
    """Write what the coming roster will make somebody's: until then it waits under another name."""
    sealed = seal_secrets(secrets, passphrase, vault.settings.people.scrypt_work_factor)
    vault.storage.write(new_secrets_file(secrets.name), sealed, replace=True)
    for period, identity in identities.items():
        write_study_key(vault.storage, roster, period, identity, also)


def change_passphrase(opened: UnlockedVault, passphrase: str) -> None:
    """Seal one's own secrets with another passphrase. An old copy still opens with the old one."""
    check_passphrase(passphrase)
    opened.require_current()  # over somebody's new secrets, the old ones would lock them out
    work_factor = opened.locked.settings.people.scrypt_work_factor
    sealed = seal_secrets(opened.secrets, passphrase, work_factor)
    opened.locked.storage.write(secrets_file(opened.person.name), sealed, replace=True)


def remove_person(opened: UnlockedVault, name: str) -> Person:
    """Take somebody out of the roster; if they could read, begin a new key period.

    `finish` then reseals what the old period's key opened. Raises NoSuchThing, BadValue for oneself,
    NotReady as `add_person` does.
    """
    vault = opened.locked
    opened.require_current()
    person = vault.roster.person(name)
    if name == opened.person.name:
        raise BadValue("nobody removes themselves", "Another lead does it.")
    require_finished(opened)
    roster = vault.roster
    people = {n: p for n, p in roster.people.items() if n != name}
    if person.reads:
        identity = generate_identity(roster.keys)
        periods = (*roster.periods, str(identity.recipient))
        following = roster.next(roster.sha256, people=people, periods=periods)
        write_study_key(vault.storage, following, following.period, identity)
        opened.identities[following.period] = identity
    else:
        following = roster.next(roster.sha256, people=people)
    _publish(opened, following)
    vault.storage.remove(secrets_file(name))
    return person


def set_machines(opened: UnlockedVault, machines: dict[str, MachineKeys]) -> Roster:
    """Say which machines are certified: whose offloads are taken in, whose checkpoints count."""
    opened.require_current()
    roster = opened.locked.roster
    following = roster.next(roster.sha256, machines=machines)
    _publish(opened, following)
    return following


def _publish(opened: UnlockedVault, roster: Roster) -> None:
    """Make a version the newest: nobody seals to the study or writes the log in this moment.

    The lead signs the log's checkpoint first: it counts by the new roster too, whoever leaves by it.
    """
    vault, lead = opened.locked, opened.person.name
    with vault.sealing(), opened.log.alone():
        opened.log.endorse(lead, opened.signing_key("checkpoint"))
        write_roster(vault.storage, roster, lead, opened.signing_key("roster"))
    vault.refresh()


def is_finished(opened: UnlockedVault) -> bool:
    """Whether nothing is left to be made good."""
    storage, roster = opened.locked.storage, opened.locked.roster
    resealed = resealed_to(storage) == roster.period
    return resealed and not _strangers(opened) and not _sealed_to_others(opened)


def require_finished(opened: UnlockedVault) -> None:
    """Finish what an earlier change left; raises NotReady when that cannot be now."""
    if not is_finished(opened):
        finish(opened)


def finish(opened: UnlockedVault, progress: Progress = lambda done, of: None) -> None:
    """Make good what the newest roster asks for: everything sealed to the newest key, and to it only.

    Payloads are not touched: only the small key files, the waiting notes, and the catalog, which is
    written anew. Cut off anywhere, the next one goes on. Raises NotReady when another process has
    the catalog open, or when the roster has moved on.
    """
    opened.require_current()
    storage, roster = opened.locked.storage, opened.locked.roster
    for file in _strangers(opened):
        storage.remove(file)
    for period in _sealed_to_others(opened):
        write_study_key(storage, roster, period, opened.identities[period])
    if resealed_to(storage) == roster.period:
        return
    for period, identity in opened.identities.items():
        write_study_key(storage, roster, period, identity)
    files = list(_sealed_files(opened))
    for number in range(0, len(files), _BATCH):
        _reseal(opened, files[number : number + _BATCH])
        progress(min(number + _BATCH, len(files)), len(files))
    opened.catalog.rekey(catalog_key(opened.identities[roster.period]))
    storage.write(RESEALED, f"{roster.period}\n".encode(), replace=True)
    for period in [p for p in opened.identities if p != roster.period]:
        storage.remove(study_key_file(period))
        del opened.identities[period]


def _sealed_to_others(opened: UnlockedVault) -> list[int]:
    """Periods whose key is sealed to more than who is in the roster: a change of it was cut off."""
    storage, wanted = opened.locked.storage, len(opened.locked.roster.key_file_recipients)
    # One of a period that is over may be gone by now: another reader has finished the change.
    there = [p for p in opened.identities if storage.exists(study_key_file(p))]
    return [period for period in there if count_openers(storage, period) != wanted]


def _strangers(opened: UnlockedVault) -> list[str]:
    """Secrets of nobody in the roster, keys of periods that are over, files that were cut off.

    Not the key of a period to come: a removal cut off before its roster leaves one that nothing is
    sealed to, and the next removal writes its own over it.
    """
    storage, people = opened.locked.storage, opened.locked.roster.people
    wanted = {secrets_file(n) for n in people} | {new_secrets_file(n) for n in people}
    oldest = min(resealed_to(storage), opened.locked.roster.period)
    over = {study_key_file(period) for period in range(1, oldest)}
    files = [f"people/{e.name}" for e in storage.path("people").iterdir()]
    keys = [f"keys/{e.name}" for e in storage.path("keys").iterdir()]
    # Copies of the catalog, in which words that were destroyed since would live on.
    copies = [e.name for e in storage.root.iterdir() if e.name.endswith(PARTIAL)]
    return (
        [f for f in files if f not in wanted]
        + [f for f in keys if f in over or f.startswith("keys/.")]
        + copies
    )


def _sealed_files(opened: UnlockedVault) -> Iterator[str]:
    """Every file that is sealed to the study's key, but for the study's keys themselves.

    Those that were cut off, too: the old key would open them.
    """
    storage = opened.locked.storage
    # Partial folders too: an offload that was killed late is finished by the next.
    for folder in sorted(storage.path("recordings").iterdir()):
        files = itertools.chain(folder.glob("key.age"), folder.glob(".key.age.*"))
        yield from (f"recordings/{folder.name}/{file.name}" for file in files)
    for file in sorted(storage.path("intake").iterdir()):
        yield f"intake/{file.name}"


def _reseal(opened: UnlockedVault, files: list[str]) -> None:
    """Seal some files to the newest key; nobody takes a recording in, or destroys one, meanwhile."""
    storage, recipients = opened.locked.storage, opened.locked.roster.study_recipients
    newest, *older = opened.study_identities
    anew = {}
    with opened.locked.sealing():
        for file in files:
            if file.rpartition("/")[2].startswith("."):
                storage.remove(file)
            elif (there := _by_its_name_now(opened, file)) is not None:
                try:
                    content = open_object(storage, there, older)
                except WrongKey:
                    open_object(storage, there, [newest])  # done before somebody cut this off
                else:
                    anew[there] = encrypt(content, recipients)
        storage.replace_all(anew)


def _by_its_name_now(opened: UnlockedVault, file: str) -> str | None:
    """Return the file, in its folder by its whole name if it got that meanwhile; None if it is gone."""
    names = (file, file.replace(f"{PARTIAL}/", "/"))
    return next((name for name in names if opened.locked.storage.exists(name)), None)
