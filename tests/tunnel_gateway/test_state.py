"""The state file: it outlives its process, is its owner's alone, and says what is wrong with it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tunnel_gateway.state import Schema, State, StateError, transaction

NOTES = Schema("notes", (("CREATE TABLE notes (text TEXT)",),))
LONGER_NOTES = Schema("notes", (*NOTES.steps, ("ALTER TABLE notes ADD COLUMN author TEXT DEFAULT 'anna'",)))
OTHERS = Schema("others", (("CREATE TABLE others (text TEXT)",),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def write(path: Path, schema: Schema = NOTES, text: str = "kept") -> None:
    with closing(State(path)) as state:
        state.connect(schema).execute("INSERT INTO notes (text) VALUES (?)", (text,))


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    write(path)
    with closing(State(path)) as state:
        assert state.connect(NOTES).execute("SELECT * FROM notes").fetchall() == [("kept",)]


def test_file_and_its_companions_are_their_owners_alone(path: Path) -> None:
    path.touch(0o644)
    with closing(State(path)) as state:
        state.connect(NOTES).execute("INSERT INTO notes VALUES ('secret')")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == {"state.sqlite": 0o600, "state.sqlite-wal": 0o600, "state.sqlite-shm": 0o600}


def test_each_owner_changes_its_tables_alone(path: Path) -> None:
    write(path)
    with closing(State(path)) as state:
        state.connect(OTHERS)
        assert state.connect(LONGER_NOTES).execute("SELECT * FROM notes").fetchall() == [("kept", "anna")]
        assert state.connect(LONGER_NOTES).execute("SELECT * FROM notes").fetchall() == [("kept", "anna")]


def test_change_of_tables_that_fails_changes_nothing(path: Path) -> None:
    write(path)
    broken = Schema("notes", (*NOTES.steps, ("DROP TABLE notes", "no statement at all")))
    with closing(State(path)) as state:
        with pytest.raises(StateError, match="syntax error"):
            state.connect(broken)
        assert state.connect(NOTES).execute("SELECT * FROM notes").fetchall() == [("kept",)]


def test_transaction_is_whole_or_not_at_all(path: Path) -> None:
    with closing(State(path)) as state:
        connection = state.connect(NOTES)
        with pytest.raises(KeyError), transaction(connection):
            connection.execute("INSERT INTO notes VALUES ('half')")
            raise KeyError
        with transaction(connection):
            connection.execute("INSERT INTO notes VALUES ('whole')")
        assert state.connect(NOTES).execute("SELECT * FROM notes").fetchall() == [("whole",)]


def test_reader_does_not_wait_for_a_writer(path: Path) -> None:
    write(path)
    with closing(State(path)) as state:
        writer, reader = state.connect(NOTES), state.connect(NOTES)
        with transaction(writer):
            writer.execute("INSERT INTO notes VALUES ('on its way')")
            assert reader.execute("SELECT * FROM notes").fetchall() == [("kept",)]


def _damage(path: Path) -> None:
    write(path)
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)


def _another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (text TEXT)")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda path: path.write_text("junk " * 1000), "is damaged, or no database", id="no-database"),
        pytest.param(_damage, "is damaged, or no database", id="damaged"),
        pytest.param(_another_programs, "is a database of another program", id="of-another-program"),
        pytest.param(lambda path: write(path, LONGER_NOTES), "version 2 of its notes is newer", id="from-the-future"),
        pytest.param(lambda path: path.mkdir(), "Is a directory", id="directory"),
        pytest.param(lambda path: path.symlink_to(path.parent / "no" / "where"), "No such file", id="nowhere"),
    ],
)
def test_file_that_cannot_be_used(path: Path, spoil: Callable[[Path], object], words: str) -> None:
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StateError, match=words) as error, closing(State(path)) as state:
        state.connect(NOTES)
    assert str(path) in str(error.value)
    if "newer" not in words:
        assert before == (path.read_bytes() if path.is_file() else None)
