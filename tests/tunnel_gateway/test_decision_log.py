"""The decision log: one line each, readable again, and not to be filled by strangers."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dtr_rules.decision_log import read_records
from dtr_rules.source import UnusableFileError
from tunnel_gateway.decision_log import BURST, EVERYBODY, MAX_SOURCES, REFILL, DecisionLog, StrangerLimit
from tunnel_gateway.reasons import Reason
from tunnel_gateway.trail import Trail


def _trail() -> Trail:
    return Trail(decision_id="d1", gateway="g", source="192.0.2.1:5")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    trail = _trail()
    trail.udid, trail.claimed_app, trail.host = "a-device", "evil\n\x1b[31m\u2028app", "a.example"
    written = [trail.admitted(Reason.RULE), trail.refused("connect", Reason.DEVICE_UNKNOWN, "no\nwords")]
    log = DecisionLog(path)
    for record in written:
        log.write(record)
    log.close()
    text = path.read_text()
    assert text.isascii()
    assert len(text.splitlines()) == 2
    assert list(read_records(text.splitlines(), "log.jsonl")) == written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(2):
        log = DecisionLog(tmp_path / "log.jsonl")
        log.write(_trail().admitted(Reason.RULE))
        log.close()
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("line", ["{}", "not json", '{"v": 2}', "[]"])
def test_line_that_is_no_record_is_named(line: str) -> None:
    good = _trail().admitted(Reason.RULE).line()
    with pytest.raises(UnusableFileError, match=r"decisions\.jsonl:3:1: not a decision record"):
        list(read_records([good, "", line], "decisions.jsonl"))


def test_stranger_gets_a_burst_and_then_a_trickle() -> None:
    limit = StrangerLimit()
    assert [limit.admit("192.0.2.1", 0.0) for _ in range(BURST + 2)] == [0] * BURST + [None, None]
    assert limit.admit("192.0.2.2", 0.0) == 0, "another source has its own"
    assert limit.admit("192.0.2.1", 1 / REFILL) == 2, "the next line says how many were left out"
    assert limit.admit("192.0.2.1", 1 / REFILL) is None


def test_addresses_of_one_ipv6_customer_are_one_source_and_all_sources_have_a_limit_together() -> None:
    limit = StrangerLimit()
    written = [limit.admit(f"2001:db8:1:2::{number:x}", 0.0) for number in range(1000)]
    assert sum(each is not None for each in written) == BURST
    many = [limit.admit(f"192.0.{number // 256}.{number % 256}", 0.0) for number in range(5000)]
    assert sum(each is not None for each in many) == BURST * EVERYBODY - BURST


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full for a moment spoils no other record."""
    path, write = tmp_path / "log.jsonl", os.write
    log, record = DecisionLog(path), _trail().admitted(Reason.RULE)
    log.write(record)
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:40]))
    with pytest.raises(OSError, match="No space left"):
        log.write(record)
    monkeypatch.undo()
    log.write(record)
    log.close()
    assert list(read_records(path.read_text().splitlines(), "log.jsonl")) == [record, record]


def test_log_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch(mode=0o644)
    DecisionLog(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_endless_sources_take_no_endless_memory() -> None:
    limit = StrangerLimit()
    for number in range(MAX_SOURCES + 100):
        limit.admit(str(number), 0.0)
    assert len(limit._sources) == MAX_SOURCES
