"""The gateway's decision log as a capture: what would be decided now, beside what was decided then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dtr_rules.decision_log import DecisionRecord, Device
from dtr_rules.model import Action, Platform
from dtr_rules.replay import capture
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import NamedBy, Recorded, Visit


def record(**more: Any) -> str:
    fields: dict[str, Any] = {
        "event": "connect",
        "decision_id": "d",
        "time": "2026-01-02T03:04:05.678Z",
        "gateway": "g",
        "source": "192.0.2.10:50000",
        "stage": "decision",
        "reason": "rule",
        "admitted": True,
        "device": Device(udid="U", platform="ios", claimed_app="com.example.a"),
        "host": "acme.okta.com",
        "port": 443,
        "address": "203.0.113.7",
        "action": "tunnel",
        "rule": "identity-providers",
        **more,
    }
    return DecisionRecord(**fields).line()


def read(text: str, tmp_path: Path) -> tuple[list[Visit], Reading]:
    path = tmp_path / "decisions.jsonl"
    path.write_text(text, encoding="utf-8")
    reading = Reading(str(path))
    return list(capture.visits(path, reading, Names(), lambda _count: None)), reading


def test_a_connect_is_a_visit_of_a_known_app_and_platform(tmp_path: Path) -> None:
    (visit,), reading = read(record(), tmp_path)
    assert (str(visit.host), visit.port, visit.platform, visit.app) == (
        "acme.okta.com", 443, Platform.IOS, "com.example.a",
    )  # fmt: skip
    assert (str(visit.client), str(visit.address), visit.named_by) == ("192.0.2.10", "203.0.113.7", NamedBy.CONNECT)
    assert visit.recorded == Recorded(Action.TUNNEL, "identity-providers")
    assert (reading.format, reading.complete, reading.counts) == ("decision-log", True, {"records": 1})


def test_the_end_of_a_tunnel_adds_its_bytes_and_no_visit(tmp_path: Path) -> None:
    found, _reading = read(record() + record(event="end", bytes_up=10, bytes_down=200), tmp_path)
    assert [(each.count, each.bytes_up, each.bytes_down) for each in found] == [(1, 0, 0), (0, 10, 200)]


def test_what_has_no_destination_is_told(tmp_path: Path) -> None:
    text = record(event="refused-before-connect", host=None) + record(host=None) + record(host="a_b")
    found, reading = read(text, tmp_path)
    assert found == []
    assert reading.left_out == {LeftOut.BEFORE_CONNECT: 1, LeftOut.NO_HOST: 1, LeftOut.BAD_NAMES: 1}


def test_words_that_are_not_known_are_unknown(tmp_path: Path) -> None:
    (visit,), _reading = read(record(device=Device(platform="beos"), action="frobnicate", address="x"), tmp_path)
    assert (visit.platform, visit.app, visit.recorded, visit.address) == (None, None, None, None)


def test_damaged_lines_are_told_and_passed_over(tmp_path: Path) -> None:
    text = record() + '{"v":2}\n\nnoise\n' + record(host="b.example") + record()[:50]
    found, reading = read(text, tmp_path)
    assert [str(each.host) for each in found] == ["acme.okta.com", "b.example"]
    assert [problem.partition(":")[0] for problem in reading.problems] == ["line 2", "line 4", "line 6"]


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    _found, reading = read(record() + "noise\n" * 25, tmp_path)
    assert (len(reading.problems), reading.more_problems) == (10, 15)


def test_a_line_without_end_takes_no_more_than_its_share(tmp_path: Path) -> None:
    _found, reading = read(record() + "x" * 3_000_000, tmp_path)
    assert reading.counts["records"] == 1
    assert not reading.complete
