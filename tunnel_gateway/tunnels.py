"""The open tunnels, by device and by certificate, and the cut of those that would no longer be admitted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tunnel_gateway.reasons import Reason, RefusalError, Stage
from tunnel_gateway.session import Session

BATCH: Final = 100
"""Tunnels that are judged in one go; between two batches everything else has its turn."""

Judge = Callable[[Session], None]
"""Whether a tunnel would be admitted now. Raises RefusalError where it would not."""


class Tunnels:
    """Every tunnel until its last byte has left: those that are open, and those that have ended and still send.

    All of them can be cut; their number is that of the open ones.
    """

    def __init__(self) -> None:
        self._all: dict[Session, None] = {}
        self._ending: set[Session] = set()
        self._by_device: dict[str, set[Session]] = {}
        self._by_certificate: dict[str, set[Session]] = {}

    def __len__(self) -> int:
        return len(self._all) - len(self._ending)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._all))

    @property
    def open(self) -> tuple[Session, ...]:
        """Those that have not ended."""
        return tuple(session for session in self._all if session not in self._ending)

    @property
    def devices(self) -> tuple[str, ...]:
        """The UDIDs, in lower case, that have a tunnel."""
        return tuple(self._by_device)

    def opened(self, session: Session) -> None:
        self._all[session] = None
        identity = session.identity
        self._by_device.setdefault(identity.udid.lower(), set()).add(session)
        self._by_certificate.setdefault(identity.thumbprint, set()).add(session)

    def ended(self, session: Session) -> None:
        if session in self._all:
            self._ending.add(session)

    def gone(self, session: Session) -> None:
        if session not in self._all:
            return
        del self._all[session]
        self._ending.discard(session)
        identity = session.identity
        for index, key in ((self._by_device, identity.udid.lower()), (self._by_certificate, identity.thumbprint)):
            index[key].discard(session)
            if not index[key]:
                del index[key]

    def of_device(self, udid: str) -> tuple[Session, ...]:
        """The tunnels of one device; `udid` is in lower case."""
        return tuple(self._by_device.get(udid, ()))

    def of_certificate(self, thumbprint: str) -> tuple[Session, ...]:
        return tuple(self._by_certificate.get(thumbprint, ()))


def judge_now(sessions: Iterable[Session], judge: Judge) -> int:
    """Cut every tunnel that `judge` refuses, before anything else happens; how many those were."""
    cut = 0
    for session in tuple(sessions):
        try:
            judge(session)
        except RefusalError as refusal:
            session.cut_for(_cut(refusal), refusal.detail)
            cut += 1
        except Exception as error:  # noqa: BLE001  a tunnel that cannot be judged is not admitted
            session.crashed(error)
            session.cut()
            cut += 1
    return cut


async def judge_in_turn(sessions: Iterable[Session], judge: Judge) -> None:
    """The same for many tunnels, in batches between which everything else has its turn."""
    waiting = list(sessions)
    for start in range(0, len(waiting), BATCH):
        judge_now(waiting[start : start + BATCH], judge)
        await asyncio.sleep(0)


def _cut(refusal: RefusalError) -> Reason:
    """The end of a tunnel that would now be refused with this reason."""
    if refusal.reason is Reason.DEVICE_BLOCKED_BY_ADMIN:
        return Reason.CUT_BY_ADMIN
    if refusal.reason is Reason.POSTURE_STALE:
        return Reason.CUT_BY_STALENESS
    return _BY_STAGE.get(refusal.reason.meaning.stage, Reason.CUT_BY_RULES)


_BY_STAGE: Final = {
    Stage.IDENTITY: Reason.CUT_BY_CERTIFICATE,
    Stage.ADMISSION: Reason.CUT_BY_POSTURE,
}
