"""The newest certificate of each device: it supersedes the older ones.

A device that reinstalls its VPN profile gets another certificate, and the old one stays valid wherever it lies. Newest
is what was issued last (`notBefore`); of those of one moment, what was seen last for the first time. What a device has
shown once is remembered across restarts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from tunnel_gateway.identity.device import Identity
from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import Schema, State, transaction

REMEMBERED_DEVICES: Final = 10_000

SCHEMA: Final = Schema(
    "newest_certificates",
    (
        (
            """
            CREATE TABLE newest_certificates (
                udid TEXT PRIMARY KEY,
                not_before TEXT NOT NULL,
                thumbprint TEXT NOT NULL,
                same_moment TEXT NOT NULL
            ) WITHOUT ROWID
            """,
        ),
    ),
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Newest:
    """A device's newest certificate, by SHA-256, and older ones that were issued at the same moment."""

    not_before: datetime
    thumbprint: str
    same_moment: frozenset[str] = frozenset()

    def supersedes(self, identity: Identity) -> bool:
        if identity.not_before == self.not_before:
            return identity.thumbprint_sha256 in self.same_moment
        return identity.not_before < self.not_before

    def followed_by(self, identity: Identity) -> Newest:
        """What is newest after `identity`, which is not superseded, was seen."""
        if identity.thumbprint_sha256 == self.thumbprint:
            return self
        older = self.same_moment | {self.thumbprint} if identity.not_before == self.not_before else frozenset()
        return Newest(identity.not_before, identity.thumbprint_sha256, older)


class Store(Protocol):
    """Where the newest certificates outlive a restart."""

    def load(self, udid: str) -> Newest | None:
        """Raises sqlite3.Error. Does not wait for writers."""

    def save(self, newest: Mapping[str, Newest]) -> None:
        """All or nothing. Raises sqlite3.Error. May wait for another writer."""


class StateStore:
    """In the gateway's state file. Raises StateError on opening."""

    def __init__(self, state: State) -> None:
        self._reading = state.connect(SCHEMA)
        self._writing = state.connect(SCHEMA)

    def load(self, udid: str) -> Newest | None:
        return _load(self._reading, udid)

    def save(self, newest: Mapping[str, Newest]) -> None:
        rows = [
            (udid, each.not_before.astimezone(UTC).isoformat(), each.thumbprint, json.dumps(sorted(each.same_moment)))
            for udid, each in newest.items()
        ]
        with transaction(self._writing):
            self._writing.executemany("REPLACE INTO newest_certificates VALUES (?, ?, ?, ?)", rows)


def newest_on_disk(path: Path, udid: str) -> Newest | None:
    """What a state file says, without changing anything of it. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE name = 'newest_certificates'").fetchall()
        return _load(connection, udid) if tables else None


def _load(connection: sqlite3.Connection, udid: str) -> Newest | None:
    query = "SELECT not_before, thumbprint, same_moment FROM newest_certificates WHERE udid = ?"
    row = connection.execute(query, (udid,)).fetchone()
    if row is None:
        return None
    not_before, thumbprint, same_moment = row
    return Newest(datetime.fromisoformat(not_before), thumbprint, frozenset(json.loads(same_moment)))


class NewestCertificates:
    """What counts for every device. A certificate is only learned after everything else has spoken for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Remembered[str, Newest] = Remembered(REMEMBERED_DEVICES)
        self._unsaved: dict[str, Newest] = {}
        self._saving = asyncio.Lock()
        self._failed = False

    def judge(self, identity: Identity) -> None:
        """Raises RefusalError where the device has shown a newer certificate."""
        newest = self._newest(identity.udid.lower())
        if newest is not None and newest.supersedes(identity):
            raise RefusalError(Reason.CLIENT_CERTIFICATE_SUPERSEDED)

    async def learn(self, identity: Identity) -> None:
        """Judge, and remember this certificate where it is the newest: on disk before its device is admitted.

        Where it cannot be written down, the operator is told and the memory of this process counts.
        """
        self.judge(identity)
        udid = identity.udid.lower()
        known = self._newest(udid)
        newest = (
            Newest(identity.not_before, identity.thumbprint_sha256) if known is None else known.followed_by(identity)
        )
        if newest is known:
            return
        self._unsaved[udid] = newest
        async with self._saving:
            if udid in self._unsaved:  # another's turn may have saved it
                await self._save()

    def _newest(self, udid: str) -> Newest | None:
        known = self._unsaved.get(udid) or self._known.get(udid)
        if known is None:
            known = self._store.load(udid)
            if known is not None:
                self._known.put(udid, known)
        return known

    async def _save(self) -> None:
        """Everything that is not on disk yet, with one wait for the disk."""
        unsaved = dict(self._unsaved)
        try:
            await asyncio.to_thread(self._store.save, unsaved)
        except sqlite3.Error as error:
            if not self._failed:
                logger.warning("the newest certificates cannot be remembered: %s", error)
            self._failed = True
            return
        self._failed = False
        for udid, newest in unsaved.items():
            self._known.put(udid, newest)
            if self._unsaved[udid] is newest:
                del self._unsaved[udid]
