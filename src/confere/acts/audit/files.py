"""Which files there are: those that must be there, those that nobody knows, and the sealed ones' headers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from confere.acts.audit.chain import Chain
from confere.acts.audit.finding import Report
from confere.crypto import hybrid, scrypt, x25519
from confere.crypto.canonical import parse_canonical
from confere.crypto.header import Header, read_header
from confere.errors import BadSignature, DamagedObject, DamagedVault
from confere.vault import Storage
from confere.vault.machine import machine_file, machine_name
from confere.vault.people import new_secrets_file, secrets_file
from confere.vault.roster import Roster
from confere.vault.storage import PARTIAL
from confere.vault.study_keys import RESEALED, resealed_to, study_key_file
from confere.vault.vault import CATALOG, SETTINGS

_ID = r"[0-9a-z]{16}"
_KNOWN = re.compile(
    rf"{re.escape(SETTINGS)}|{re.escape(CATALOG)}|roster/[1-9][0-9]*\.note"
    rf"|people/[^/]+\.age(\.next)?|keys/(resealed|study-[1-9][0-9]*\.age)|intake/{_ID}(-{_ID})?\.age"
    rf"|recordings/{_ID}/(key|audio|signed-[1-9][0-9]*)\.age|machines/[0-9a-f]{{16}}\.json"
    r"|log/(leaves|checkpoint)|\.[a-z]+\.lock"
)
_OF_AN_OPEN_CATALOG = frozenset(f"{CATALOG}-{name}" for name in ("wal", "shm", "journal"))
_RECORDING = re.compile(_ID)
_KEY_RECIPIENTS = 2  # the study's newest key and the recovery key


def check_files(storage: Storage, chain: Chain, report: Report) -> None:
    """Check, with no secret, what lies in the vault's folders."""
    with report.subject("files", "each known, each sealed one's header well-formed", "files") as on:
        for name in _every_file(storage):
            on.count += 1
            _check_name(storage, name, report)
        if not storage.exists(CATALOG):
            report.add_wrong(CATALOG, "is missing")
        if chain.newest:
            _check_people(storage, chain.newest, report)
            _check_keys(storage, chain.newest, report)
        _check_recordings(storage, chain, report)
        for file in storage.list("intake"):
            _check_header(storage, f"intake/{file}", chain, _KEY_RECIPIENTS, report)
        for file in storage.list("machines"):
            with report.guarded(f"machines/{file}"):
                _check_machine(storage, f"machines/{file}")


def recording_folders(storage: Storage) -> list[str]:
    """Return the ids of the recordings that have a folder under their name."""
    return [name for name in storage.list("recordings") if _RECORDING.fullmatch(name)]


def _every_file(storage: Storage) -> Iterator[str]:
    for path in sorted(storage.root.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            name = path.relative_to(storage.root).as_posix()
            if name not in _OF_AN_OPEN_CATALOG:
                yield name


def _check_name(storage: Storage, name: str, report: Report) -> None:
    path = storage.root / name
    if path.is_symlink():
        report.add_wrong(name, "is a link: nothing in a vault is one")
    elif PARTIAL in name or (
        name.rpartition("/")[2].startswith(".") and not _KNOWN.fullmatch(name)
    ):
        report.add_attention(name, "is work in progress, or was cut off: nothing reads it")
    elif not _KNOWN.fullmatch(name):
        report.add_attention(name, "is a file that no vault has: nothing reads it")
    elif name.endswith(".lock") and path.stat().st_size:
        report.add_attention(name, "is a lock, and should be empty")


def _check_people(storage: Storage, newest: Roster, report: Report) -> None:
    wanted = {secrets_file(name): name for name in newest.people}
    waiting = {new_secrets_file(name) for name in newest.people}
    for file, name in wanted.items():
        if not storage.exists(file):
            report.add_wrong(file, f"is missing: {name} cannot open the vault")
    for file in [f"people/{name}" for name in storage.list("people")]:
        if file in waiting:
            report.add_attention(file, "are new secrets whose change was cut off")
        elif file not in wanted:
            report.add_attention(file, "are the secrets of nobody in the roster")
        with report.guarded(file):
            types = [stanza.type for stanza in _header(storage, file).stanzas]
            if types != [scrypt.TYPE]:
                report.add_wrong(file, "is not sealed with one passphrase")


def _check_keys(storage: Storage, newest: Roster, report: Report) -> None:
    period = newest.period
    resealed = period
    with report.guarded(RESEALED):
        resealed = resealed_to(storage)
        if resealed > period:
            report.add_wrong(RESEALED, f"tells of period {resealed}, and the newest is {period}")
        elif resealed < period:
            report.add_attention(
                RESEALED,
                f"says that not everything is sealed to period {period} yet: removing somebody was "
                "cut off. The next reader who unlocks goes on.",
            )
    wanted = {study_key_file(p) for p in range(min(resealed, period), period + 1)}
    there = {f"keys/{name}" for name in storage.list("keys")} - {RESEALED}
    for file in sorted(wanted - there):
        report.add_wrong(file, "is missing: without it nobody opens the study")
    for file in sorted(there - wanted):
        report.add_attention(file, "is the key of a period that is over, or none at all")
    for file in sorted(wanted & there):
        readers = sum(person.reads for person in newest.people.values())
        with report.guarded(file):
            header = _header(storage, file)
            _require_one_kind(header, file, newest)
            count = len(header.stanzas)
            if count != readers + 1:
                report.add_wrong(
                    file,
                    f"is sealed to {count} keys; {readers} people read, and there is the recovery key",
                )


def _check_recordings(storage: Storage, chain: Chain, report: Report) -> None:
    for name in storage.list("recordings"):
        if not _RECORDING.fullmatch(name):
            report.add_attention(f"recordings/{name}", "is no recording's folder")
            continue
        for file in storage.list(f"recordings/{name}"):
            recipients = _KEY_RECIPIENTS if file == "key.age" else 1
            _check_header(storage, f"recordings/{name}/{file}", chain, recipients, report)


def _check_header(
    storage: Storage, file: str, chain: Chain, recipients: int, report: Report
) -> None:
    with report.guarded(file):
        header = _header(storage, file)
        if chain.newest:
            _require_one_kind(header, file, chain.newest)
        if len(header.stanzas) != recipients:
            report.add_wrong(file, f"is sealed to {len(header.stanzas)} keys, not to {recipients}")


def _require_one_kind(header: Header, file: str, newest: Roster) -> None:
    wanted = hybrid.TYPE if newest.keys == "hybrid" else x25519.TYPE
    if {stanza.type for stanza in header.stanzas} != {wanted}:
        raise DamagedVault(file, "is sealed to keys of another kind than the study's")


def _header(storage: Storage, file: str) -> Header:
    with storage.path(file).open("rb") as source:
        try:
            return read_header(source)
        except DamagedObject as error:
            raise DamagedObject(error.message.partition(": ")[2] or error.message, file) from None


def _check_machine(storage: Storage, file: str) -> None:
    """A machine's file holds exactly the keys that give it its name."""
    content = storage.read(file)
    value = parse_canonical(content.removesuffix(b"\n"), file)
    if not content.endswith(b"\n") or not isinstance(value, dict):
        raise DamagedVault(file, "is not what a machine writes")
    name = machine_name(value["verify_keys"])
    if value != {"name": name, "verify_keys": value["verify_keys"]} or machine_file(name) != file:
        raise BadSignature(f"{file} (its keys are not those that its name is made of)")
