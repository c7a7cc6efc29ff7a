"""Blocks: what is named, what is kept, and what a full disk changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunnel_gateway.blocks import Blocks, Kind, NotKeptError, certificate_name, device_name
from tunnel_gateway.identity import Identity
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import State

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PHONE = Identity("00008110-000A", "a" * 40, "b" * 64, "CN=phone", "CN=ca", NOW, NOW, ())


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "state.sqlite")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(Kind.DEVICE, device_name("00008110-000A"), id="device"),
        pytest.param(Kind.CERTIFICATE, certificate_name("AA:" * 19 + "AA"), id="sha-1-with-colons"),
        pytest.param(Kind.CERTIFICATE, certificate_name("bb " * 32), id="sha-256-with-spaces"),
    ],
)
def test_block_refuses_until_it_is_taken_back_and_outlives_a_restart(state: State, kind: Kind, name: str) -> None:
    blocks = Blocks(state)
    blocks.judge(PHONE)
    blocks.block(kind, name, "lost on a train", NOW)
    for each in (blocks, Blocks(state)):
        with pytest.raises(RefusalError, match="lost on a train") as refusal:
            each.judge(PHONE)
        assert refusal.value.reason is Reason.DEVICE_BLOCKED_BY_ADMIN
    assert blocks.allow(kind, name)
    assert not blocks.allow(kind, name)
    blocks.judge(PHONE)
    Blocks(state).judge(PHONE)


def test_other_device_is_not_blocked(state: State) -> None:
    blocks = Blocks(state)
    blocks.block(Kind.DEVICE, "00008110-000b", "lost", NOW)
    blocks.block(Kind.CERTIFICATE, "c" * 40, "lost", NOW)
    blocks.judge(PHONE)
    assert [(block.kind, block.name, block.at) for block in blocks] == [
        (Kind.DEVICE, "00008110-000b", "2026-11-25T12:00:00Z"),
        (Kind.CERTIFICATE, "c" * 40, "2026-11-25T12:00:00Z"),
    ]


def test_full_disk_blocks_all_the_same_and_takes_no_block_back(state: State) -> None:
    blocks = Blocks(state)
    blocks.block(Kind.DEVICE, "00008110-000a", "lost", NOW)
    blocks._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(NotKeptError, match="blocked until the gateway stops"):
        blocks.block(Kind.CERTIFICATE, "a" * 40, "copied", NOW)
    with pytest.raises(NotKeptError, match="still blocked"):
        blocks.allow(Kind.DEVICE, "00008110-000a")
    assert len(list(blocks)) == 2
    with pytest.raises(RefusalError):
        blocks.judge(PHONE)


@pytest.mark.parametrize("text", ["", "x", "a" * 39, "a" * 41, "g" * 40, "a" * 40 + "\n;"])
def test_text_that_is_no_thumbprint(text: str) -> None:
    with pytest.raises(ValueError, match="is no thumbprint"):
        certificate_name(text)


@pytest.mark.parametrize("text", ["", "short", "x" * 65, "00008110\x1b[31m", "'; DROP TABLE"])
def test_text_that_is_no_udid(text: str) -> None:
    with pytest.raises(ValueError, match="is no UDID"):
        device_name(text)
