"""DTR102."""

from __future__ import annotations

from typing import Any


def test_one_destination_covered_by_an_earlier_rule(found: Any) -> None:
    (finding,) = found("DTR102", [(["*.a.example"], "block"), (["b.example", "x.a.example"], "tunnel")])
    assert (finding.severity, finding.finding.about, finding.rule) == ("error", "x.a.example", "r2")
    assert finding.finding.path == ("rules", 1, "to", 1)
    assert "instead of tunnel" in finding.finding.message


def test_one_destination_covered_by_its_own_rule_is_a_note(found: Any) -> None:
    (finding,) = found("DTR102", [(["*.a.example", "x.a.example"], "tunnel")])
    assert finding.severity == "note"
    assert "'*.a.example' of the same rule matches it all before" in finding.finding.message


def test_a_rule_that_is_covered_whole_is_not_spoken_of_twice(found: Any) -> None:
    assert found("DTR102", [(["*.a.example"], "block"), (["x.a.example", "y.a.example"], "tunnel")]) == []


def test_loopback_in_a_rule_with_others(found: Any) -> None:
    (finding,) = found("DTR102", [(["a.example", "localhost"], "tunnel")])
    assert "nothing that it matches comes to the rules" in finding.finding.message
    assert finding.finding.example.decision.reason == "loopback"


def test_duplicates_are_left_to_their_own_check(found: Any) -> None:
    assert found("DTR102", [(["a.example", "a.example"], "tunnel")]) == []
