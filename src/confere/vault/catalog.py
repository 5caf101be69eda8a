"""The encrypted database of the vault: opening, the schema and its migrations, transactions."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from confere.errors import DamagedCatalog, DiskFull
from confere.vault.storage import FILE_MODE

#: The newest schema; `migrations/NNNN.sql` leads from version NNNN - 1 to NNNN.
SCHEMA_VERSION = 1
_CACHE_KIB = 65536  # 64 MiB: SQLCipher decrypts every page it has not kept


class Catalog:
    """One open catalog. Rows come back as mappings by column name."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the database at a path with its raw 32-byte key; raises DamagedCatalog."""
        if not path.exists():
            raise DamagedCatalog("it is missing")
        self._database = self._connect(path, key)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, key: bytes) -> Catalog:
        """Make an empty catalog; its file is private from the first byte."""
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        database = cls._connect(path, key)
        with _explained():
            database.executescript("BEGIN;\n" + _script("schema.sql") + "\nCOMMIT;")
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        database.close()
        return cls(path, key)

    @staticmethod
    def _connect(path: Path, key: bytes) -> Any:
        database = sqlcipher.connect(str(path), isolation_level=None, timeout=30)
        with _explained():
            # Before the key: with a wrong one, SQLCipher would print to the terminal.
            database.execute("PRAGMA cipher_log_level = NONE")
            database.execute("PRAGMA cipher_log = off")
            database.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA temp_store = MEMORY")  # never a temporary file beside it
        database.row_factory = sqlcipher.Row
        return database

    def _migrate(self) -> None:
        version = int(self.value("PRAGMA user_version"))
        if version == 0:
            raise DamagedCatalog("it is empty")
        if version > SCHEMA_VERSION:
            raise DamagedCatalog(f"it is of schema {version}, made by a newer Confere")
        for number in range(version + 1, SCHEMA_VERSION + 1):
            script = _script(f"migrations/{number:04}.sql")
            with _explained():
                self._database.executescript(
                    f"BEGIN;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
                )

    def check(self) -> None:
        """Read every page: raises DamagedCatalog when one does not authenticate."""
        wrong = [str(row[0]) for row in self.rows("PRAGMA cipher_integrity_check")]
        wrong += [row[0] for row in self.rows("PRAGMA quick_check") if row[0] != "ok"]
        if wrong:
            raise DamagedCatalog(wrong[0])

    def close(self) -> None:
        """Close it; safe to call twice."""
        self._database.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing. Begins at once as a writer, so that what is read inside stays true."""
        with _explained():
            self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        with _explained():
            self._database.execute("COMMIT")

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement."""
        with _explained():
            self._database.execute(statement, values)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return every row of a query."""
        with _explained():
            return list(self._database.execute(statement, values))

    def row(self, statement: str, values: Sequence[Any] = ()) -> Any | None:
        """Return the first row of a query, or None."""
        with _explained():
            return self._database.execute(statement, values).fetchone()

    def value(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row, or None."""
        row = self.row(statement, values)
        return row[0] if row is not None else None


def _script(name: str) -> str:
    return (resources.files("confere.vault") / name).read_text("utf-8")


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlcipher.IntegrityError:
        raise  # a rule of the schema: a mistake of ours, or somebody going round the software
    except sqlcipher.DatabaseError as error:
        if "full" in str(error):
            raise DiskFull("the vault") from error
        raise DamagedCatalog(str(error)) from error
