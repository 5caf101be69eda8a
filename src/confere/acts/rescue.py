"""Open any age file with an identity: for the day when nothing else of Confere works."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

from confere.crypto import Identity, ScryptIdentity, SealedStream, parse_identities
from confere.crypto.sheets import is_sheet, join_candidates, sheets_of
from confere.errors import BadInput, BadValue, StorageProblem
from confere.vault import Storage


def by_identity(text: str) -> list[Identity]:
    """Return what the text of an age identity file opens with, or that of two recovery sheets.

    Raises BadKeyText, BadSheet, SheetMissing, WrongSheets.
    """
    if is_sheet(text):
        return [*join_candidates(sheets_of(text))]
    return [*parse_identities(text)]


def by_passphrase(passphrase: str) -> list[Identity]:
    """Return what a passphrase opens: a person's file, or any other that age sealed with one."""
    return [ScryptIdentity(passphrase)]


def rescue(sealed: Path, identities: Sequence[Identity], output: Path) -> int:
    """Open ``sealed`` and write its plaintext; return its bytes.

    Nothing is left behind unless the file opened to its very end. Raises WrongKey, WrongPassphrase,
    DamagedObject, BadValue when the output exists.
    """
    if output.exists():
        raise BadValue(f"{output} exists already", "Choose a name that is free.")
    storage = Storage(output.parent)
    partial = f".{output.name}.partial"
    storage.remove(partial)
    try:
        with _open(sealed) as source, storage.create(partial) as file:
            plain = SealedStream(source, identities)
            shutil.copyfileobj(cast(BinaryIO, plain), file, 1 << 20)
            storage.flush(file, output.name)
            size_bytes = file.tell()
        storage.rename(partial, output.name)
    finally:
        storage.remove(partial)
    return size_bytes


def _open(sealed: Path) -> BinaryIO:
    try:
        return sealed.open("rb")
    except FileNotFoundError:
        raise BadInput(f"there is no file {sealed}") from None
    except OSError as error:
        raise StorageProblem(str(sealed), error.strerror or str(error)) from None
