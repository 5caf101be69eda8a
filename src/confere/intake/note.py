"""The note of an offload: what is known of one recording when it is kept.

It is written, sealed, before the source is deleted; so it says nothing of the deletion: the receipt
does. It holds the file's own name, which may tell of a participant: the vault seals it.

As JSON: one object with every field and no other, keys sorted: the same note gives the same bytes.
A note of version 1 has no ``version`` and none of the fields that came with 2; it stays one.
"""

from __future__ import annotations

import json
import re
import typing
from dataclasses import asdict, dataclass, fields

from confere.errors import DamagedVault

VERSION = 2
#: Fields that a note of version 1 does not have.
_SINCE_2 = frozenset(
    [
        "version",
        "profile",
        "track",
        "named_at",
        "device_label",
        "device_uuid",
        "device_serial",
        "encrypted",
    ]
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class OffloadNote:
    """Everything the machine knows about one offloaded recording.

    ``group`` is shared by the parts of one recorded session; ``part`` counts from 1 within it.
    ``name`` and ``path`` (from the recorder's root, ``/`` between) are as on the recorder, made
    printable. ``sha256`` and ``size_bytes`` are the file's, ``sealed_*`` the sealed object's;
    digests are lower-case hex. ``recorded_at`` is the file's time as ISO 8601 in UTC (empty when
    it is no date at all), ``recorded_at_ns`` the same raw, in nanoseconds since 1970: recorders'
    clocks prove nothing. ``offloaded_at`` is this machine's time, ``source`` the recorder's label.

    Since version 2: ``profile`` is the name of the recorder's profile, ``track`` which of several tracks
    recorded at once this is, ``named_at`` the time that the file's name tells by the recorder's clock
    (ISO 8601 without a zone; as little a proof), ``device_*`` what the system knew of the recorder, and
    ``encrypted`` that only the maker's program opens what is sealed here. What is unknown is empty.
    """

    recording_id: str
    receipt_id: str
    group: str
    part: int
    name: str
    path: str
    source: str
    size_bytes: int
    sha256: str
    sealed_size_bytes: int
    sealed_sha256: str
    recorded_at: str
    recorded_at_ns: int
    offloaded_at: str
    duration_ms: int
    container: str
    codec: str
    channels: int
    sample_rate: int  # Hz
    truncated: bool  # the file ends before its header says, or its last frames are broken
    version: int = VERSION
    profile: str = ""
    track: str = ""
    named_at: str = ""
    device_label: str = ""
    device_uuid: str = ""
    device_serial: str = ""
    encrypted: bool = False

    def to_json(self) -> str:
        """Return the note as one line of JSON; ValueError for one that no reader would take."""
        values = asdict(self)
        if self.version == 1:  # its digest is in a signed event: not a byte of it may change
            values = {name: value for name, value in values.items() if name not in _SINCE_2}
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        try:
            OffloadNote.from_json(text)
        except DamagedVault as error:  # found now, while the source is still there
            raise ValueError(error.message) from error
        return text

    @classmethod
    def from_json(cls, text: str | bytes) -> OffloadNote:
        """Read a note strictly; DamagedVault when a field is missing, unknown or of wrong kind."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):  # ValueError is raised for undecodable bytes, too
            raise _damaged("is not JSON") from None
        if not isinstance(values, dict):
            raise _damaged("is not an object")
        _check(values)
        values.setdefault("version", 1)
        return cls(**values)


#: The kind of every field: str, int or bool, nothing else.
_KINDS: dict[str, type] = typing.get_type_hints(OffloadNote)
_NUMBERS_MAY_BE_NEGATIVE = frozenset({"recorded_at_ns"})  # a recorder's clock may stand before 1970


def _check(values: dict[str, object]) -> None:
    """Raise DamagedVault unless the values are exactly those of a note."""
    names = {field.name for field in fields(OffloadNote)}
    if values.keys() not in (names, names - _SINCE_2):
        wrong = ", ".join(sorted(values.keys() ^ names))
        raise _damaged(f"has wrong fields: {wrong}")
    if values.get("version", VERSION) != VERSION:
        raise _damaged(f"has an unknown version: {values['version']!r}")
    for name, value in values.items():
        if type(value) is not _KINDS[name]:  # exactly: True is an int to isinstance
            raise _damaged(f"has a wrong kind of value: {name}")
        if isinstance(value, int) and value < 0 and name not in _NUMBERS_MAY_BE_NEGATIVE:
            raise _damaged(f"has a negative number: {name}")
        if isinstance(value, str) and not value.isprintable():
            raise _damaged(f"has an unprintable text: {name}")
        if name.endswith("sha256") and not _SHA256.fullmatch(str(value)):
            raise _damaged(f"has a malformed digest: {name}")


def _damaged(detail: str) -> DamagedVault:
    return DamagedVault("an offload note", detail)
