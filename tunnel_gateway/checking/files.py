"""Section `files`: what the gateway would create or write, and whether it could."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from tunnel_gateway.assembly.files import check_writable
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.state import APPLICATION_ID

SOCKET_NAME: Final = 107
"""Linux, unix(7): 108 bytes with the one that ends it."""


async def files(subject: Subject) -> list[Finding]:
    file = subject.draft.file
    found = [_writable("decision-log", subject.path(file.decision_log.file)), _state(subject.path(file.state))]
    if file.ready_file is not None:
        found.append(_writable("ready-file", subject.path(file.ready_file)))
    if file.admin is not None and file.admin.socket is not None:
        found.append(_socket(subject.path(file.admin.socket)))
    if file.inspection is not None:
        found.append(_directory(subject.path(file.inspection.directory)))
    return found


def _writable(name: str, path: Path) -> Finding:
    try:
        check_writable(path)
    except OSError as error:
        return Finding(Level.PROBLEM, name, f"cannot use {error.filename}: {error.strerror}")
    if path.exists() and not os.access(path, os.W_OK):
        return Finding(Level.PROBLEM, name, f"cannot write {path}")
    return Finding(Level.OK, name, str(path) if path.exists() else f"{path}, not there yet")


def _socket(path: Path) -> Finding:
    if len(os.fsencode(path)) > SOCKET_NAME:
        return Finding(Level.PROBLEM, "admin", f"{path} is longer than the {SOCKET_NAME} bytes of a socket's name")
    if path.exists() and not path.is_socket():
        return Finding(Level.PROBLEM, "admin", f"{path} is there already and is no socket")
    return _writable("admin", path)


def _directory(path: Path) -> Finding:
    if not path.exists():
        return _writable("inspection", path)
    if not path.is_dir() or not os.access(path, os.W_OK | os.X_OK):
        return Finding(Level.PROBLEM, "inspection", f"{path} is no directory that can be written to")
    return Finding(Level.OK, "inspection", str(path))


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
