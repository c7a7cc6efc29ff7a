"""The newest certificate of a device counts, also after a restart; older ones do not come back."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from issuing import DAY, HOUR, NOW

from tunnel_gateway.identity import Identity, NewestCertificates
from tunnel_gateway.identity.newest import StateStore
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import Schema, State, transaction


def certificate(name: str, not_before: datetime = NOW, udid: str = "00AA11BB") -> Identity:
    return Identity(udid, "0" * 40, name, f"CN={name}", "CN=Root", not_before, not_before + DAY, (b"",))


OLD, NEW = certificate("old", NOW - HOUR), certificate("new")
TWIN = certificate("twin")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "state.sqlite")) as state:
        yield state


def superseded(newest: NewestCertificates, identity: Identity) -> bool:
    try:
        asyncio.run(newest.learn(identity))
    except RefusalError as refusal:
        return refusal.reason is Reason.CLIENT_CERTIFICATE_SUPERSEDED
    return False


@pytest.mark.parametrize(
    ("shown", "refused"),
    [
        pytest.param([OLD, NEW, NEW], [], id="renewed"),
        pytest.param([OLD, NEW, OLD], [OLD], id="the-old-one-again"),
        pytest.param([NEW, OLD], [OLD], id="the-new-one-first"),
        pytest.param([NEW, TWIN, NEW, TWIN], [NEW], id="two-of-one-moment"),
        pytest.param([NEW, certificate("new", udid="00aa11bb")], [], id="letter-case-of-a-udid"),
        pytest.param([NEW, certificate("old", NOW - HOUR, udid="another-1")], [], id="another-device"),
        pytest.param([OLD, TWIN, certificate("newest", NOW + HOUR), TWIN, NEW], [TWIN, NEW], id="three"),
    ],
)
@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted-each-time"])
def test_newest_counts(state: State, shown: list[Identity], refused: list[Identity], restarts: bool) -> None:
    newest = NewestCertificates(StateStore(state))
    found = []
    for identity in shown:
        if restarts:
            newest = NewestCertificates(StateStore(state))
        if superseded(newest, identity):
            found.append(identity)
    assert found == refused


def test_judging_learns_nothing(state: State) -> None:
    newest = NewestCertificates(StateStore(state))
    newest.judge(NEW)
    assert not superseded(newest, OLD)


class BrokenStore:
    """A disk that is full."""

    def __init__(self) -> None:
        self.broken = True
        self.saved: dict[str, Any] = {}

    def load(self, udid: str) -> None:
        return None

    def save(self, newest: Any) -> None:
        if self.broken:
            raise sqlite3.OperationalError("database or disk is full")
        self.saved |= newest


def test_disk_that_is_full_is_told_once_and_made_up_for(caplog: pytest.LogCaptureFixture) -> None:
    store = BrokenStore()
    newest = NewestCertificates(store)
    with caplog.at_level(logging.WARNING):
        assert not superseded(newest, NEW)
        assert not superseded(newest, certificate("b", udid="device-b"))
    assert superseded(newest, OLD), "what this process has seen counts all the same"
    assert [record.message for record in caplog.records] == [
        "the newest certificates cannot be remembered: database or disk is full"
    ]
    store.broken = False
    assert not superseded(newest, certificate("c", udid="device-c"))
    assert set(store.saved) == {"00aa11bb", "device-b", "device-c"}


def test_many_new_devices_at_once_are_all_remembered(state: State) -> None:
    async def main() -> None:
        newest = NewestCertificates(StateStore(state))
        await asyncio.gather(*(newest.learn(certificate("new", udid=f"device-{number}")) for number in range(500)))

    asyncio.run(main())
    after = NewestCertificates(StateStore(state))
    for number in range(500):
        with pytest.raises(RefusalError):
            after.judge(certificate("old", NOW - HOUR, udid=f"device-{number}"))


def test_another_writer_holds_up_neither_those_who_are_known_nor_the_event_loop(state: State) -> None:
    async def main() -> None:
        newest = NewestCertificates(StateStore(state))
        await newest.learn(NEW)
        other = state.connect(Schema("nothing", ()))
        with transaction(other):
            waiting = asyncio.ensure_future(newest.learn(certificate("b", udid="device-b")))
            await newest.learn(NEW)
            for _ in range(5):
                await asyncio.sleep(0)
            assert not waiting.done()
        await waiting

    asyncio.run(main())
