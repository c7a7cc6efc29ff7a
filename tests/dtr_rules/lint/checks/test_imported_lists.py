"""DTR106."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from dtr_rules.formats import parse_any
from dtr_rules.lint.check import Subject
from dtr_rules.lint.checks.imported_lists import CHECK
from dtr_rules.lint.finding import Finding


def imported(destinations: list[str]) -> list[Any]:
    rule = {"serial_number": "1", "action": {"type": "TUNNEL"}, "destinations": destinations}
    data = {
        "uuid": "u",
        "tunnel_mode": "PERAPP_TUNNEL",
        "default_action": "BYPASS",
        "payload": [{"platform": "APPLE", "rules": [rule]}],
    }
    file = parse_any(json.dumps(data), "rules.json")
    return list(CHECK.find(Subject(file, dt.date(2027, 1, 15))))


@pytest.mark.parametrize(
    ("destinations", "words"),
    [
        pytest.param(["a.example, b.example"], "a space in 'a.example, b.example'", id="space-after-comma"),
        pytest.param([" a.example"], "a space in ' a.example'", id="space-in-front"),
        pytest.param(["a.example,,b.example"], "an empty entry in 'a.example,,b.example'", id="two-commas"),
        pytest.param(["a.example", ""], "an empty entry", id="empty-text"),
    ],
)
def test_what_the_console_lets_in(destinations: list[str], words: str) -> None:
    (finding,) = imported(destinations)
    assert isinstance(finding, Finding)
    assert words in finding.message
    assert finding.example is not None
    assert finding.example.decision.action == "tunnel"


@pytest.mark.parametrize("destinations", [["a.example"], ["a.example,b.example"]], ids=["list", "one-line"])
def test_a_clean_list(destinations: list[str]) -> None:
    assert imported(destinations) == []
