"""The journal's file: SQLite with WAL, readable to its owner alone, one version of its tables at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

BUSY: Final = 10.0
"""Seconds to wait for another process's transaction."""

_VERSIONS: Final = (
    """
    CREATE TABLE records (
        number INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT NOT NULL, target TEXT, step TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX records_of_target ON records (target, number);
    CREATE TABLE owned (
        target TEXT NOT NULL, addresses TEXT NOT NULL, since TEXT NOT NULL, how TEXT NOT NULL,
        PRIMARY KEY (target, addresses)
    ) STRICT;
    CREATE TABLE intents (
        target TEXT PRIMARY KEY, run TEXT NOT NULL, at TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
        ours TEXT NOT NULL, fresh TEXT NOT NULL
    ) STRICT;
    CREATE TABLE ids (scope TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (scope, name)) STRICT;
    CREATE TABLE reported (
        source TEXT NOT NULL, addresses TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, addresses)
    ) STRICT;
    """,
    """
    CREATE TABLE retirements (addresses TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;
    CREATE TABLE rotation (
        only INTEGER PRIMARY KEY CHECK (only = 1), old TEXT NOT NULL, new TEXT NOT NULL, stage TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT;
    CREATE TABLE absences (addresses TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT;
    CREATE TABLE healthy (only INTEGER PRIMARY KEY CHECK (only = 1), at TEXT NOT NULL) STRICT;
    CREATE TABLE sightings (target TEXT PRIMARY KEY, entries TEXT NOT NULL, settings TEXT NOT NULL) STRICT;
    """,
)
"""The scripts that lead from each version of the tables to the next."""


class JournalError(Exception):
    """A journal that cannot be used as it lies there; the text says what to do."""


@contextlib.contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the journal at `path`, which is made (0600) where there is none. Raises JournalError."""
    try:
        _make_private(path)
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(path, error) from None
    with contextlib.closing(connection):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an intent must outlive a power cut, too
            _bring_up_to_date(connection, path)
        except sqlite3.Error as error:
            raise _unusable(path, error) from None
        yield connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Raises JournalError when the file cannot be written."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise JournalError(f"the journal cannot be written: {error}") from None


def rows(connection: sqlite3.Connection, path: Path, query: str, values: Sequence[object] = ()) -> list[Any]:
    """What a query finds. Raises JournalError when the file cannot be read."""
    try:
        return connection.execute(query, tuple(values)).fetchall()
    except sqlite3.Error as error:
        raise JournalError(f"the journal {path} cannot be read: {error}") from None


def _unusable(path: Path, error: Exception) -> JournalError:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return JournalError(f"the journal {path} cannot be used: {words}")


def _make_private(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        status = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise JournalError(f"the journal {path} is not a regular file")
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise JournalError(f"the journal {path} is open to others (mode {mode:04o}); run: chmod 600 {path}")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_VERSIONS):
        message = f"the journal {path} was written by a newer okta-zones (version {version}); update this one"
        raise JournalError(message)
    if version == len(_VERSIONS):
        return
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been faster
        for script in _VERSIONS[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
