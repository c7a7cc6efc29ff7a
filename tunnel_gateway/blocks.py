"""Devices and certificates that an administrator of the gateway has blocked, whatever the UEM says of them.

Allowing only takes a block back: nothing here admits anybody.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tunnel_gateway.identity import Identity
from tunnel_gateway.identity.udid import UDID
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import Schema, State

SCHEMA: Final = Schema(
    "blocks", (("CREATE TABLE blocks (kind TEXT, name TEXT, reason TEXT, at TEXT, PRIMARY KEY (kind, name))",),)
)
THUMBPRINT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Kind(StrEnum):
    """What a block names."""

    DEVICE = "device"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `name` is a UDID or a thumbprint (SHA-1 or SHA-256), in lower case; `at` is UTC text."""

    kind: Kind
    name: str
    reason: str
    at: str


class NotKeptError(Exception):
    """The state file could not be written; the text says what counts all the same."""


class Blocks:
    """Every block, in memory and in the state file."""

    def __init__(self, state: State) -> None:
        """Raises StateError."""
        self._connection = state.connect(SCHEMA)
        rows = self._connection.execute("SELECT kind, name, reason, at FROM blocks")
        self._blocks = {(Kind(kind), name): Block(Kind(kind), name, reason, at) for kind, name, reason, at in rows}

    def __iter__(self) -> Iterator[Block]:
        return iter(tuple(self._blocks.values()))

    def judge(self, identity: Identity) -> None:
        """Raises RefusalError where the device or its certificate is blocked."""
        if not self._blocks:
            return
        names = (Kind.DEVICE, identity.udid.lower()), *((Kind.CERTIFICATE, each) for each in _thumbprints(identity))
        for each in names:
            if each in self._blocks:
                words = f"the {each[0]} is blocked: {self._blocks[each].reason}"
                raise RefusalError(Reason.DEVICE_BLOCKED_BY_ADMIN, words)

    def block(self, kind: Kind, name: str, reason: str, at: datetime) -> Block:
        """Block from now on, and after a restart too. Raises NotKeptError where only the first can be had."""
        made = Block(kind, name, reason, at.isoformat(timespec="seconds").replace("+00:00", "Z"))
        self._blocks[kind, name] = made
        try:
            row = (made.kind, made.name, made.reason, made.at)
            self._connection.execute("REPLACE INTO blocks VALUES (?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            words = f"blocked until the gateway stops; the state file cannot be written ({error})"
            raise NotKeptError(words) from error
        return made

    def allow(self, kind: Kind, name: str) -> bool:
        """Take a block back; whether there was one. Raises NotKeptError, and the block stays."""
        if (kind, name) not in self._blocks:
            return False
        try:
            self._connection.execute("DELETE FROM blocks WHERE kind = ? AND name = ?", (kind, name))
        except sqlite3.Error as error:
            raise NotKeptError(f"still blocked; the state file cannot be written ({error})") from error
        del self._blocks[kind, name]
        return True


def device_name(text: str) -> str:
    """A UDID in the form of a block's name. Raises ValueError."""
    if not UDID.fullmatch(text):
        raise ValueError(f"'{text[:80]}' is no UDID")
    return text.lower()


def certificate_name(text: str) -> str:
    """A thumbprint as tools print them, with colons or spaces, in the form of a block's name. Raises ValueError."""
    name = re.sub(r"[:\s]", "", text).lower()
    if not THUMBPRINT.fullmatch(name):
        raise ValueError(f"'{text[:100]}' is no thumbprint: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits")
    return name


def _thumbprints(identity: Identity) -> tuple[str, str]:
    return identity.thumbprint.lower(), identity.thumbprint_sha256.lower()
