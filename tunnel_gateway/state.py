"""What the gateway remembers across restarts: one SQLite file, and in it the tables of each part that remembers.

A part describes its tables as a `Schema` and gets connections to them; the file's version of each schema is kept
beside the tables, so that one part can change without the others.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x44545247
"""SQLite's mark for whose file it is (`PRAGMA application_id`)."""
BUSY_FOR: Final = 5.0
"""Seconds for which a writer waits for another one."""

_VERSIONS: Final = "CREATE TABLE IF NOT EXISTS schema_versions (owner TEXT PRIMARY KEY, version INTEGER NOT NULL)"


class StateError(Exception):
    """The state file cannot be used. The words name the file, what is wrong with it, and the mend."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one owner. `steps[n]` holds the statements that lead from version n to version n + 1."""

    owner: str
    steps: tuple[tuple[str, ...], ...]


class State:
    """The open file, readable and writable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it. Raises StateError."""
        self._path = path
        self._connections: list[sqlite3.Connection] = []
        try:
            with self._explained():
                self._create()
                self._claim()
        except StateError:
            self.close()
            raise

    def connect(self, schema: Schema) -> sqlite3.Connection:
        """A new connection, with the tables of `schema` there in their last version. Raises StateError.

        It is in autocommit mode (`transaction` groups statements), waits up to BUSY_FOR seconds for another writer,
        does not wait for anybody to read, and belongs to one thread at a time. `close` closes it, too.
        """
        with self._explained():
            connection = self._open()
            with transaction(connection):
                self._migrate(connection, schema)
        return connection

    def close(self) -> None:
        """Close every connection."""
        while self._connections:
            with suppress(sqlite3.Error):  # nothing is open in it that could be lost
                self._connections.pop().close()

    def _create(self) -> None:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600))

    def _claim(self) -> None:
        """Mark a new file as ours; another program's file is left as it is."""
        with closing(sqlite3.connect(self._path, timeout=BUSY_FOR)) as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if owner != APPLICATION_ID and (owner or tables):
            raise StateError(f"{self._path} is a database of another program; name another file")
        self._path.chmod(0o600)  # SQLite gives the files beside it (-wal, -shm) the same mode
        connection = self._open()
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(_VERSIONS)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_FOR, isolation_level=None, check_same_thread=False)
        self._connections.append(connection)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was said to be kept is kept, whatever fails
        return connection

    def _migrate(self, connection: sqlite3.Connection, schema: Schema) -> None:
        found = connection.execute("SELECT version FROM schema_versions WHERE owner = ?", (schema.owner,)).fetchone()
        version = found[0] if found else 0
        if version > len(schema.steps):
            words = f"version {version} of its {schema.owner} is newer than this program's {len(schema.steps)}"
            raise StateError(f"{self._path} cannot be read: {words}; install the newer program, or move the file away")
        for statements in schema.steps[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(schema.steps):
            connection.execute("REPLACE INTO schema_versions VALUES (?, ?)", (schema.owner, len(schema.steps)))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(f"cannot use {self._path}: {error.strerror}") from error
        except sqlite3.OperationalError as error:  # full, locked, read-only: nothing wrong with its content
            raise StateError(f"cannot use {self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            words = f"{self._path} is damaged, or no database ({error})"
            raise StateError(f"{words}; put a copy back, or move it away and start with an empty one") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block or none of them; one writer at a time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite has already taken it back where the disk is full
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
