"""The encrypted database of the vault: opening, the schema and its migrations, transactions."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from confere.errors import DamagedCatalog, DiskFull, NotReady
from confere.vault.storage import FILE_MODE, PARTIAL, Storage

#: The newest schema; `migrations/NNNN.sql` leads from version NNNN - 1 to NNNN.
SCHEMA_VERSION = 8
#: The copy that a backup makes of the catalog, while it makes it.
COPY = "catalog.copy" + PARTIAL
_IN_USE = "another Confere has this vault's catalog open"
_WAIT = "Close it there, or wait until it has finished; then run the command again."
_WAIT_MS = 30_000  # for another process that writes
_LOOK_EVERY_S = 0.002  # whether it still does: less than a decision takes
_WIPE_WAIT_MS = 1_000  # is tried again at the next unlocking, so nobody sits and waits
_CACHE_KIB = 65536  # 64 MiB: SQLCipher decrypts every page it has not kept


class Catalog:
    """One open catalog. Rows come back as mappings by column name."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the database at a path with its raw 32-byte key; raises DamagedCatalog."""
        if not path.exists():
            raise DamagedCatalog("it is missing")
        self._path = path
        self._key = key
        self._file = _identity(path)
        self._after: Callable[[], None] | None = None
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
            # Always the first version, and then the way that every older vault goes.
            database.executescript("BEGIN;\n" + _script("schema.sql") + "\nCOMMIT;")
            database.execute("PRAGMA user_version = 1")
        database.close()
        return cls(path, key)

    @staticmethod
    def _connect(path: Path, key: bytes) -> Any:
        database = sqlcipher.connect(str(path), isolation_level=None, timeout=_WAIT_MS / 1000)
        with _explained():
            # Before the key: with a wrong one, SQLCipher would print to the terminal.
            database.execute("PRAGMA cipher_log_level = NONE")
            database.execute("PRAGMA cipher_log = off")
            database.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            database.execute("PRAGMA foreign_keys = ON")
            database.execute(
                "PRAGMA recursive_triggers = ON"
            )  # a REPLACE is a removal to them, too
            database.execute(
                "PRAGMA secure_delete = ON"
            )  # zeros over what a row leaves in its page
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
        if version < SCHEMA_VERSION:
            self._bring_up()

    def _bring_up(self) -> None:
        """Bring an older schema up, whole or not at all; another process may have done so just now."""
        with _explained():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                begun = int(self.value("PRAGMA user_version"))
                for number in range(begun + 1, SCHEMA_VERSION + 1):
                    for statement in _statements(_script(f"migrations/{number:04}.sql")):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version = {number}")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

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
    def copy_to(self, path: Path, key: bytes) -> Iterator[Callable[[], None]]:
        """Read one moment while others go on; what is given writes a copy of it, under a key.

        Everything that is read inside is of the moment in which this began. The copy holds what is
        left, and no trace of what was removed. It is for reading at once and is not brought to the
        disk: a path ending in ``.partial``, which must not exist. Raises DiskFull.
        """
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        self.run(f"ATTACH DATABASE ? AS fresh KEY \"x'{key.hex()}'\"", (str(path),))
        try:
            self.run("PRAGMA fresh.journal_mode = OFF")  # no second file beside the copy
            self.run("PRAGMA fresh.synchronous = OFF")
            self.run("BEGIN")
            try:
                self.value("SELECT count(*) FROM main.sqlite_schema")  # only now does it begin
                yield self._write_copy
            finally:
                self._end_reading()
        finally:
            self.run("DETACH DATABASE fresh")

    def _write_copy(self) -> None:
        self.run("SELECT sqlcipher_export('fresh')")
        self.run(f"PRAGMA fresh.user_version = {self.value('PRAGMA main.user_version')}")

    def _end_reading(self) -> None:
        """Commit the copy; a full disk has ended the transaction already."""
        if self._database.in_transaction:
            self.run("COMMIT")

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Have something done after every transaction that was committed."""
        self._after = hook

    def rekey(self, key: bytes) -> None:
        """Write everything anew under another key, and put it in the place of the old file.

        A copy and a rename, because whole is then either the old one or the new one; and because a
        copy holds no trace of what was removed. Raises NotReady when another process has it open;
        then, as after any other error, this stays open as it was.
        """
        fresh = self._path.with_name(self._path.name + PARTIAL)
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        try:
            self._export(fresh, key)
            folder = Storage(self._path.parent)
            folder.rename(fresh.name, self._path.name)
        finally:
            fresh.unlink(missing_ok=True)
            # Only a closed connection gives up its exclusive lock for certain.
            self._database.close()
            if _identity(self._path) != self._file:  # also when the rename erred after it was done
                self._key = key
            self._file = _identity(self._path)
            self._database = self._connect(self._path, self._key)

    def _export(self, fresh: Path, key: bytes) -> None:
        # Leaving the write-ahead log is possible only for one who is alone; the exclusive lock
        # then keeps everybody else away until the connection is closed.
        self.run(f"PRAGMA busy_timeout = {_WIPE_WAIT_MS}")
        self.run("PRAGMA locking_mode = EXCLUSIVE")
        if self.value("PRAGMA journal_mode = DELETE") != "delete":
            raise NotReady(_IN_USE, _WAIT)
        self.run("BEGIN EXCLUSIVE")
        self.run("COMMIT")
        self.run(f"ATTACH DATABASE ? AS fresh KEY \"x'{key.hex()}'\"", (str(fresh),))
        self.run("PRAGMA fresh.synchronous = FULL")
        self.run("SELECT sqlcipher_export('fresh')")
        self.run(f"PRAGMA fresh.user_version = {self.value('PRAGMA user_version')}")
        self.run("DETACH DATABASE fresh")

    def wipe(self) -> None:
        """Write every page anew where it lies, and empty the write-ahead log.

        Afterwards nothing that was removed can be read off these two files, though the study's key
        opens every page. Raises NotReady while another process reads or writes, DiskFull.
        """
        self.run(f"PRAGMA busy_timeout = {_WIPE_WAIT_MS}")
        try:
            self.run("VACUUM")
            busy = self.value("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.run(f"PRAGMA busy_timeout = {_WAIT_MS}")
        if busy:
            raise NotReady(_IN_USE, _WAIT)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing. Begins at once as a writer, so that what is read inside stays true."""
        with _explained():
            self._begin_writing()
        try:
            if _identity(self._path) != self._file:
                raise NotReady("the catalog was written anew meanwhile", "Run the command again.")
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        with _explained():
            self._database.execute("COMMIT")
        if self._after is not None:
            self._after()

    def _begin_writing(self) -> None:
        """Begin as the one who writes. SQLite's own waiting sleeps ever longer, while others overtake."""
        until = time.monotonic() + _WAIT_MS / 1000
        self._database.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    self._database.execute("BEGIN IMMEDIATE")
                    return
                except sqlcipher.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > until:
                        raise
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._database.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")

    def changes(self) -> tuple[int, int]:
        """Return what is another after any change of the catalog: by others, by this connection."""
        return int(self.value("PRAGMA data_version")), self._database.total_changes

    @contextlib.contextmanager
    def moment(self) -> Iterator[None]:
        """Read one moment, while others write: every row inside is of the time of the first one.

        Inside a transaction, that is the moment already.
        """
        if self._database.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            self._end_reading()

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement."""
        with _explained():
            self._database.execute(statement, values)

    def run_unless_busy(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement, or none while another process writes or no room is left.

        For what is only told, and told again: nobody waits for it, and nothing fails with it.
        """
        self.run("PRAGMA busy_timeout = 0")
        try:
            with contextlib.suppress(NotReady, DiskFull):
                self.run(statement, values)
        finally:
            self.run(f"PRAGMA busy_timeout = {_WAIT_MS}")

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


def _identity(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would commit before the first."""
    gathered = ""
    for part in script.split(";"):
        gathered += part + ";"
        if sqlcipher.complete_statement(gathered):
            yield gathered
            gathered = ""


def _script(name: str) -> str:
    return (resources.files("confere.vault") / name).read_text("utf-8")


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlcipher.IntegrityError:
        raise  # a rule of the schema: a mistake of ours, or somebody going round the software
    except sqlcipher.DatabaseError as error:
        if "locked" in str(error):
            raise NotReady(_IN_USE, _WAIT) from error
        if "full" in str(error):
            raise DiskFull("the vault") from error
        raise DamagedCatalog(str(error)) from error
