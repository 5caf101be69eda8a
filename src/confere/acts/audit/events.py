"""Every event: its form, its signature, its place in the log, and whether its signer was who it says.

Events are walked in the order of the log. A version of the roster is in force from the event that
tells it; so everybody is held to the keys and the roles that they had when they acted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from confere.acts.audit.chain import Chain
from confere.acts.audit.finding import MALFORMED, Report, Subject
from confere.acts.audit.log import Log
from confere.acts.audit.notes import Waiting
from confere.acts.audit.signatures import Signed
from confere.acts.desk import ROSTER_EVENTS
from confere.crypto.canonical import canonical_json
from confere.domain import Role
from confere.review.states import MAY
from confere.vault.catalog import Catalog
from confere.vault.log import LEAVES
from confere.vault.roster import Roster
from confere.vault.vault import CATALOG

_LEAD = frozenset({Role.LEAD})
#: What only some may do; everything else anybody may who opens the vault.
_ROLES: Mapping[str, frozenset[Role]] = {
    **{str(decision): roles for decision, roles in MAY.items()},
    **dict.fromkeys(
        (
            "study created",
            "person added",
            "person removed",
            "machine certified",
            "machine removed",
            "settings approved",
            "export",
            "destroy",
            "older state accepted",
            "assign",
            "names",
            "names read",
            "plan",
        ),
        _LEAD,
    ),
    "show seed": frozenset({Role.VERIFIER, Role.LEAD}),
    **dict.fromkeys(("words", "interview", "belong"), frozenset({Role.INTERPRETER, Role.LEAD})),
    **dict.fromkeys(("dismiss", "raise again"), frozenset({Role.INTERPRETER, Role.VERIFIER})),
}
#: Signed with a key of the very version they tell; other changes with one of the version before.
_OF_THE_NEW = frozenset({"study created", "person recovered", "roster found"})
_MACHINES_ONLY = frozenset({"offload", "offload again"})
_KNOWN = frozenset(_ROLES) | {
    *ROSTER_EVENTS,
    *_MACHINES_ONLY, "secrets sealed", "take in", "draft", "play", "read", "backup", "audit", "proof",
    "take", "give back", "comment", "resolve", "bind sample",
}  # fmt: skip
_FIELDS = {"kind", "format", "id", "study", "at", "by", "what", "of"}
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as far as other checks need it. ``version`` is the roster in force when it happened."""

    name: str
    leaf: int | None
    version: int
    what: str
    by: str
    at: str
    of: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is kept. ``leaf`` is its number in the log; ``waits`` is true of a note's."""

    id: str
    body: bytes
    key: str
    signature: bytes
    salt: bytes
    what: str
    recording: str
    leaf: int | None
    waits: bool = False


def read_rows(catalog: Catalog) -> list[Row]:
    """Read every event of the catalog."""
    rows = catalog.rows(
        "SELECT id, body, key, signature, salt, what, recording, leaf FROM events ORDER BY number"
    )
    return [Row(*row) for row in rows]


class Events:
    """Every event, in the order of the log, those without a leaf last; and what was found of them."""

    def __init__(
        self, rows: Sequence[Row], waiting: Sequence[Waiting], chain: Chain, log: Log
    ) -> None:
        self.rows = [*rows, *_waiting_rows(rows, waiting, log)]
        self.rows.sort(key=lambda row: (row.leaf is None, row.leaf))
        self._in_catalog = len(rows)
        self._chain = chain
        self._log = log
        self._names: dict[int, str] = {}
        self._subject = Subject("events")

    @property
    def signed(self) -> list[Signed]:
        """What was signed, with which key."""
        return [(row.key, row.body, row.signature) for row in self.rows]

    def check(self, report: Report) -> list[Told]:
        """Check everything but the signatures; return the events that could be read."""
        holds = "each with its leaf and signature, by somebody who was in the study then"
        walk = _Walk(self._chain, self._log, report)
        with report.subject("events", holds, "the events") as self._subject:
            self._subject.count = self._in_catalog
            for place, row in enumerate(self.rows):
                self._names[place] = walk.step(row)
            walk.end()
        return walk.told

    def tell_bad(self, bad: Iterable[int], report: Report) -> None:
        """Tell whose signatures do not hold."""
        with report.again(self._subject, "the events"):
            for place in sorted(bad):
                report.add_wrong(self._names[place], "its signature does not hold")


def _waiting_rows(rows: Sequence[Row], waiting: Sequence[Waiting], log: Log) -> list[Row]:
    """The events of the notes that wait; one whose machine is certified has its leaf already."""
    if not waiting:
        return []
    taken_in = {row.id for row in rows}
    leaves = {entry: leaf for leaf, entry in enumerate(log.entries)}
    found = []
    for note in waiting:
        event, value = note.event, note.event.value()
        if value["id"] not in taken_in:
            row = Row(
                value["id"],
                event.body,
                event.key,
                event.signature,
                event.salt,
                value["what"],
                note.note.recording_id,
                leaves.get(event.entry),
                waits=True,
            )
            found.append(row)
    return found


class _Walk:
    """Goes through the events in the order of the log, and knows which roster is in force."""

    def __init__(self, chain: Chain, log: Log, report: Report) -> None:
        self.told: list[Told] = []
        self._chain = chain
        self._log = log
        self._report = report
        self._force = 0  # the version of the roster; 0 before any was told
        self._found: set[int] = set()  # leaves that have their event
        self._other: list[int] = []  # leaves that are not their event's
        self._behind: list[int] = []  # leaves that events have and the log has not
        self._latest = datetime.min
        self._verdicts: dict[tuple[str, str, str, int], str] = {}

    def step(self, row: Row) -> str:
        """Check one event, and return how it is called."""
        if row.leaf is not None:
            self._found.add(row.leaf)
        try:
            value, text = _read(row)
            told = self._tell(row, value)
            problems = _form(row, value, text)
            verdict = self._signer(row.key, told)
            entry = _entry(row, text)
        except MALFORMED:
            where = f"event {row.leaf if row.leaf is not None else row.id}"
            self._report.add_wrong(where, "is not in its form")
            return where
        if verdict and row.waits and row.leaf is None:
            detail = f"{verdict}. The offload waits until a lead certifies it"
            self._report.add_attention(f"intake/{row.recording}.age", detail)
        elif verdict:
            problems.append(verdict)
        self._check_study(value, problems)
        self.told.append(told)
        self._check_leaf(row, told, entry)
        self._check_time(told)
        for problem in problems:
            self._report.add_wrong(told.name, problem)
        return told.name

    def end(self) -> None:
        """Check what only all events together tell."""
        report, size = self._report, self._log.size
        for leaves, text in (
            (self._other, "{} not what the event there gives: one of the two was changed"),
            (self._behind, "{} missing, and there are events that were in it"),
        ):
            for span in _spans(leaves):
                report.add_wrong(LEAVES, text.format(span))
        for span in _spans(sorted(set(range(size)) - self._found)):
            report.add_wrong(
                CATALOG,
                f"{span} in {LEAVES} without event: removed from the catalog, or its note in "
                "intake/ is gone or damaged",
            )
        told = {t.of["roster"] for t in self.told if t.what in ROSTER_EVENTS and "roster" in t.of}
        for version in sorted(set(self._chain.versions) - told):
            report.add_attention(
                f"roster/{version}.note", "was told by no event: the change was cut off after it"
            )

    def _tell(self, row: Row, value: Mapping[str, Any]) -> Told:
        """Take an event for what it says; one that tells a version of the roster puts it in force."""
        what, of = value["what"], value["of"]
        name = _name(row, value)
        judged_by = self._force
        if what in ROSTER_EVENTS:
            version, digest = int(of["roster"]), of["roster_sha256"]
            self._check_version(name, version, digest)
            judged_by = version - 1
            self._force = max(self._force, version)
            if what in _OF_THE_NEW:  # an older version may be found later than a newer one was told
                judged_by = self._force
        return Told(name, row.leaf, judged_by, what, value["by"], value["at"], of)

    def _check_version(self, name: str, version: int, digest: object) -> None:
        file = f"roster/{version}.note"
        there = self._chain.digests.get(version)
        if there is None:
            self._report.add_wrong(file, f"is missing, and was told by {name}")
        elif there != digest:
            self._report.add_wrong(file, f"is not the file that was told by {name}")

    def _signer(self, key: str, told: Told) -> str:
        question = (told.by, told.what, key, told.version)
        if question not in self._verdicts:
            roster = self._chain.versions.get(told.version)
            if roster is None and told.version:
                file = f"roster/{told.version}.note"
                self._report.add_not_checked(f"whose keys signed while {file} was in force")
                self._verdicts[question] = ""
            elif roster is None:
                self._verdicts[question] = (
                    "it comes before any event that tells who is in the study"
                )
            else:
                self._verdicts[question] = _verdict(roster, told, key)
        return self._verdicts[question]

    def _check_study(self, value: Mapping[str, Any], problems: list[str]) -> None:
        newest = self._chain.newest
        if newest is not None and value["study"] != newest.study_id:
            problems.append("it is of another study")

    def _check_leaf(self, row: Row, told: Told, entry: bytes) -> None:
        if row.leaf is None:
            if not row.waits:
                detail = "is not in the log yet: its writer was cut off. The next unlocking adds it"
                self._report.add_attention(told.name, detail)
        elif row.leaf >= self._log.size:
            self._behind.append(row.leaf)
        elif self._log.entries[row.leaf] != entry:
            self._other.append(row.leaf)
            detail = f"does not give entry {row.leaf} of {LEAVES}: one of the two was changed"
            self._report.add_wrong(told.name, detail)

    def _check_time(self, told: Told) -> None:
        """Clocks differ; an offload waits for its machine's certificate, for days."""
        at = datetime.fromisoformat(told.at.removesuffix("Z"))
        if told.what in _MACHINES_ONLY:
            return
        if at + _CLOCKS_DIFFER < self._latest:
            self._report.add_attention(
                told.name,
                f"is dated more than a day before an event that came earlier ({self._latest}): "
                "a clock was wrong",
            )
        self._latest = max(self._latest, at)


def _read(row: Row) -> tuple[dict[str, Any], str]:
    text = row.body.decode()
    value = json.loads(text)
    if set(value) != _FIELDS or not isinstance(value["of"], dict):
        raise ValueError
    if not all(isinstance(value[name], str) for name in ("id", "study", "at", "by", "what")):
        raise TypeError
    return value, text


def _form(row: Row, value: Mapping[str, Any], text: str) -> list[str]:
    problems = []
    if (value["kind"], value["format"]) != ("confere/event", 1):
        problems.append("it is not of the kind confere/event, format 1")
    if not _is_canonical(value, text):
        problems.append("its body is not canonical JSON")
    told = (value["id"], value["what"], value["of"].get("recording", ""))
    if told != (row.id, row.what, row.recording):
        problems.append(
            "the catalog files it under another id, kind or recording than its body says"
        )
    return problems


#: Canonical JSON (RFC 8785) of values with plain ASCII keys, texts, truth values and whole numbers
#: below 2**53: for these, Python's own writer gives the same bytes, seven times as fast.
write_plain = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def commitment_to(nonce: bytes, values: Sequence[Any]) -> str:
    """Return what an event tells of a text (`transcripts.commitment`), written by the shorter way."""
    return hashlib.sha256(nonce + write_plain(values).encode()).hexdigest()


#: A text as JSON writes it, with nothing escaped that need not be.
_quoted = json.encoder.encode_basestring


def _is_canonical(value: Mapping[str, Any], text: str) -> bool:
    """Whether the text is the one canonical spelling of the value."""
    plain = all(
        key.isascii() and (type(it) in (str, bool) or (type(it) is int and abs(it) < 1 << 53))
        for key, it in value["of"].items()
    )
    return (write_plain(value) if plain else canonical_json(value).decode()) == text


def _entry(row: Row, text: str) -> bytes:
    """The entry of an event (`Event.entry`), its canonical JSON put together by hand."""
    signed = (
        f'{{"body":{_quoted(text)},"key":{_quoted(row.key)},"signature":"{row.signature.hex()}"}}'
    )
    return hashlib.sha256(row.salt + signed.encode()).digest()


def _name(row: Row, value: Mapping[str, Any]) -> str:
    recording = value["of"].get("recording", "")
    number = f"event {row.leaf}" if row.leaf is not None else f"event {value['id']}"
    of = f", recording {recording}" if recording else ""
    return f"{number} ({value['what']}, by {value['by']}, {value['at']}{of})"


def _verdict(roster: Roster, told: Told, key: str) -> str:
    """Say what is wrong with the signer; nothing if they could do this, with this key, then."""
    machine, person = roster.machines.get(told.by), roster.people.get(told.by)
    if told.what in _MACHINES_ONLY:
        if machine is None:
            return f"{told.by} was not certified by a lead then"
    elif person is None:
        return f"{told.by} was not in the study then"
    elif not person.reads or not person.roles & _ROLES.get(told.what, person.roles):
        return f"{told.by} had no role then that may do this"
    keys = machine.verify_keys if machine else person.verify_keys if person else {}
    return (
        "" if keys.get("event") == key else f"it is signed with a key that was not {told.by}'s then"
    )


def _spans(numbers: Sequence[int]) -> list[str]:
    """Return numbers as ``entry 3 is``, ``entries 5 to 9 are``."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return [f"entry {a} is" if a == b else f"entries {a} to {b} are" for a, b in spans]
