"""Section `files`: what the gateway would create or write, and whether it could."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tunnel_gateway.assembly.files import check_writable
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.state import APPLICATION_ID


async def files(subject: Subject) -> list[Finding]:
    file = subject.draft.file
    found = [_writable("decision-log", subject.path(file.decision_log.file)), _state(subject.path(file.state))]
    if file.ready_file is not None:
        found.append(_writable("ready-file", subject.path(file.ready_file)))
    return found


def _writable(name: str, path: Path) -> Finding:
    try:
        check_writable(path)
    except OSError as error:
        return Finding(Level.PROBLEM, name, f"cannot use {error.filename}: {error.strerror}")
    if path.exists() and not os.access(path, os.W_OK):
        return Finding(Level.PROBLEM, name, f"cannot write {path}")
    return Finding(Level.OK, name, str(path) if path.exists() else f"{path}, not there yet")


def _state(path: Path) -> Finding:
    """Read only: a running gateway may have it open, and another user must not come to own it."""
    found = _writable("state", path)
    if found.level is not Level.OK or not path.exists():
        return found
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        return Finding(Level.PROBLEM, "state", f"{path} cannot be read: {error}")
    if owner != APPLICATION_ID and path.stat().st_size:
        return Finding(Level.PROBLEM, "state", f"{path} is a database of another program; name another file")
    return found
