"""The sealed recordings: ``recordings/ID/``, written whole, opened by whoever holds the study's key."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from confere.crypto import (
    HashingThread,
    Identity,
    KeyIdentity,
    SealedReader,
    SealedWriter,
    decrypt,
    encrypt,
    parse_identities,
)
from confere.crypto.keys import KeyKind, generate_identity
from confere.domain import new_id
from confere.errors import BadKeyText, DamagedObject, DamagedVault, NoSuchThing, WrongKey
from confere.vault.roster import Roster
from confere.vault.storage import PARTIAL, Storage, begin_writing

_WRITE_OUT_BYTES = 16 << 20  # sealed bytes that wait before the disk is told to begin


@dataclass(frozen=True, slots=True)
class SealedObject:
    """The digest (hex) and length of an object's bytes on disk."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Placed:
    """What was put into a recording's folder: the sealed audio as it was proved, and its key's file.

    Digests are SHA-256 in hex, the length is in bytes.
    """

    recording_id: str
    sealed_sha256: str
    sealed_size_bytes: int
    key_sha256: str


def is_as_placed(storage: Storage, placed: Placed) -> bool:
    """Read a recording's files whole, from the disk itself, and say whether they are what was placed.

    No secret is needed. Its key resealed to newer keys of the study is another file: that it holds the
    same key can be seen by readers only. Raises StorageProblem, or the bare OSError of a reading.
    """
    audio, key = f"recordings/{placed.recording_id}/audio.age", key_file(placed.recording_id)
    if not storage.exists(audio) or not storage.exists(key):
        return False
    with storage.open(key, cold=True) as file:
        if hashlib.sha256(file.read()).hexdigest() != placed.key_sha256:
            return False
    with storage.open(audio, cold=True) as file:
        if os.fstat(file.fileno()).st_size != placed.sealed_size_bytes:
            return False
        return (
            hashlib.file_digest(cast(io.FileIO, file), "sha256").hexdigest() == placed.sealed_sha256
        )


def _unheard(placed: Placed) -> None:
    """Nobody wants to know."""


class NewRecording:
    """One recording on its way into the vault; it lies in a partial folder until `place`.

    Needs no secret of anybody: the recording's own key is made here, sealed to the study, and gone
    with this value.
    """

    def __init__(self, storage: Storage, keys: KeyKind) -> None:
        self.id = new_id()
        self._storage = storage
        self._key = generate_identity(keys)
        self._partial = f"recordings/{self.id}{PARTIAL}"
        storage.make_folder(self._partial)
        self._file = storage.create(f"{self._partial}/audio.age")
        self._sink = _DigestingSink(self._file)
        self._writer = SealedWriter(cast(BinaryIO, self._sink), [self._key.recipient])
        self._sealed: SealedObject | None = None

    def write(self, data: bytes | memoryview) -> int:
        """Seal some plaintext."""
        if self._writer.closed:
            raise RuntimeError("the recording is sealed already")
        self._writer.write(data)
        return len(data)

    def seal(self) -> SealedObject:
        """Write the last chunk and bring the object to the disk."""
        self._writer.close()
        self._storage.flush(self._file, f"{self._partial}/audio.age")
        self._file.close()
        hashing = self._sink.hashing
        self._sealed = SealedObject(hashing.digest().hex(), hashing.size_bytes)
        return self._sealed

    def read_back(self) -> BinaryIO:
        """Open the plaintext as it lies on the disk."""
        self._require_sealed()
        file = self._storage.open(f"{self._partial}/audio.age", cold=True)
        return cast(BinaryIO, _ObjectReader(file, [self._key]))

    def place(
        self, note: bytes, roster: Roster, remember: Callable[[Placed], None] = _unheard
    ) -> None:
        """Put the key beside the audio, the note into ``intake/``, and give the folder its name.

        Key and note are sealed to the study as the roster tells it now. The name comes last: a note
        whose folder is still partial tells the next start that everything is there and only the
        name is missing. ``remember`` is told before that what will be there.
        """
        audio = self._require_sealed()
        recipients = roster.study_recipients
        key = encrypt(key_text(self.id, self._key), recipients)
        self._storage.write(f"{self._partial}/key.age", key)
        key_sha256 = hashlib.sha256(key).hexdigest()
        remember(Placed(self.id, audio.sha256, audio.size_bytes, key_sha256))
        self._storage.write(f"intake/{self.id}.age", encrypt(note, recipients))
        self._storage.rename(self._partial, f"recordings/{self.id}")

    def _require_sealed(self) -> SealedObject:
        if self._sealed is None:
            raise RuntimeError("the recording is not sealed yet")
        return self._sealed

    def abandon(self) -> None:
        """Remove every trace, placed or not.

        Cut off anywhere, what is left is a partial folder with its note or without: the next start
        knows what to do with either.
        """
        self._sink.hashing.close()
        self._file.close()
        if self._storage.exists(f"recordings/{self.id}"):
            self._storage.rename(f"recordings/{self.id}", self._partial)
        self._storage.remove(f"intake/{self.id}.age")
        self._storage.remove(self._partial)


class _ObjectReader(SealedReader):
    """A reader that closes its file with itself."""

    def __init__(self, file: BinaryIO, identities: Sequence[Identity]) -> None:
        self._object = file
        try:
            super().__init__(file, identities)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        super().close()
        self._object.close()


class _DigestingSink:
    """A file whose SHA-256 is computed beside, of what passes through to it.

    The system is asked to write now what it would write when the file is flushed: so the disk works
    while the recorder is read, and the system's memory is not filled with a recording.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._begun_bytes = 0  # of which the disk was told
        self.hashing = HashingThread()

    def write(self, data: bytes | memoryview) -> int:
        self._file.write(data)
        self.hashing.update(data)
        if self.hashing.size_bytes - self._begun_bytes >= _WRITE_OUT_BYTES:
            self._file.flush()
            begin_writing(self._file, self._begun_bytes)
            self._begun_bytes = self.hashing.size_bytes
        return len(data)

    def flush(self) -> None:
        self._file.flush()


def key_file(recording_id: str) -> str:
    """Return where a recording's own key lies: the one small file to destroy when it must die."""
    return f"recordings/{recording_id}/key.age"


def key_text(recording_id: str, key: KeyIdentity) -> bytes:
    """Return what a recording's key file holds: an age identity file."""
    return f"# confere recording {recording_id}\n{key}\n".encode()


def recording_key(storage: Storage, recording_id: str, study: Sequence[KeyIdentity]) -> KeyIdentity:
    """Open a recording's own key; raises NoSuchThing, WrongKey, DamagedObject."""
    if not storage.exists(f"recordings/{recording_id}"):
        raise NoSuchThing("recording", recording_id, "'confere queue' lists them.")
    file = key_file(recording_id)
    return one_identity(open_object(storage, file, study), file, "a recording's key")


def one_identity(text: bytes, file: str, what: str) -> KeyIdentity:
    """Return the identity of a file that holds one; raises DamagedObject."""
    try:
        identities = parse_identities(text.decode("utf-8", "replace"))
    except BadKeyText:
        identities = []
    if len(identities) != 1:
        raise DamagedObject(f"it does not hold {what}", file)
    return identities[0]


def open_audio(storage: Storage, recording_id: str, study: Sequence[KeyIdentity]) -> BinaryIO:
    """Open a recording's audio for reading and seeking; only the chunks asked for are opened."""
    key = recording_key(storage, recording_id, study)
    file = f"recordings/{recording_id}/audio.age"
    with _named(file):
        return cast(BinaryIO, _ObjectReader(storage.open(file), [key]))


def open_object(storage: Storage, file: str, identities: Sequence[Identity]) -> bytes:
    """Open a small object whole; its name is in the error when it does not open."""
    with _named(file):
        return decrypt(storage.read(file), identities)


@contextlib.contextmanager
def _named(file: str) -> Iterator[None]:
    """Say in an error which file it was."""
    try:
        yield
    except DamagedObject as error:
        raise DamagedObject(error.message, file) from None
    except WrongKey:
        raise WrongKey(file) from None


def finish_interrupted(storage: Storage) -> None:
    """Bring what a killed offload left to one of its two ends; the caller is alone at the offload.

    With its note, a partial folder is complete (the note was written last) and gets its name.
    Without, it is removed: its source was not deleted, because that comes after the name.
    """
    folder = storage.path("recordings")
    for partial in sorted(folder.glob(f"*{PARTIAL}")) if folder.is_dir() else []:
        recording_id = partial.name.removesuffix(PARTIAL)
        if storage.exists(f"intake/{recording_id}.age"):
            storage.rename(f"recordings/{partial.name}", f"recordings/{recording_id}")
        else:
            storage.remove(f"recordings/{partial.name}")


def missing_files(storage: Storage, recording_id: str) -> None:
    """Raise DamagedVault when a recording's folder lacks one of its files."""
    for name in ("key.age", "audio.age"):
        if not storage.exists(f"recordings/{recording_id}/{name}"):
            raise DamagedVault(f"recordings/{recording_id}/{name}", "is missing")
