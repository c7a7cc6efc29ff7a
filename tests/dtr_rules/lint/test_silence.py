"""Silences: findings that somebody answers for, until a day."""

from __future__ import annotations

from typing import Any

import pytest

from dtr_rules.formats.yaml import parse_rule_set
from dtr_rules.lint.run import lint
from dtr_rules.source import UnusableFileError

RULES = [(["*acme.okta.com", "*other.okta.com"], "tunnel")]
SILENCE = {"finding": "DTR301", "reason": "the console refuses the exact host", "owner": "anna", "until": "2027-03-31"}


def ids(found: Any) -> list[tuple[str, str | None]]:
    return [(each.id, each.finding.about) for each in found]


@pytest.mark.parametrize(
    ("more", "left"),
    [
        pytest.param({}, [], id="all-of-an-id"),
        pytest.param({"rule": "r1"}, [], id="all-of-a-rule"),
        pytest.param({"about": "*acme.okta.com"}, [("DTR301", "*other.okta.com")], id="one-destination"),
        pytest.param(
            {"rule": "r2"},
            [("DTR902", "DTR301"), ("DTR301", "*acme.okta.com"), ("DTR301", "*other.okta.com")],
            id="another-rule",
        ),
    ],
)
def test_what_a_silence_covers(subject: Any, more: dict[str, str], left: list[tuple[str, str]]) -> None:
    report = lint(subject(RULES, silence=[{**SILENCE, **more}]))
    assert sorted(ids(report.findings)) == sorted(left)
    assert all(each.silence.owner == "anna" for each in report.silenced)
    assert len(report.findings) + len(report.silenced) == 2 + sum(each.id == "DTR902" for each in report.findings)


def test_silenced_findings_do_not_fail(subject: Any) -> None:
    assert lint(subject(RULES)).fails()
    assert not lint(subject(RULES, silence=[SILENCE])).fails(strict=True)


def test_an_expired_silence_silences_nothing_and_is_found(subject: Any) -> None:
    report = lint(subject(RULES, silence=[{**SILENCE, "until": "2027-01-14"}]))
    assert sorted(each.id for each in report.findings) == ["DTR301", "DTR301", "DTR901"]


def test_an_expiry_can_be_silenced_itself(subject: Any) -> None:
    expired = {**SILENCE, "until": "2027-01-14"}
    report = lint(subject(RULES, silence=[expired, {**SILENCE, "finding": "DTR901"}]))
    assert sorted(each.id for each in report.findings) == ["DTR301", "DTR301"]


@pytest.mark.parametrize(
    ("finding", "severity", "words"),
    [("DTR303", "note", "silences nothing"), ("DTR999", "warning", "a finding that does not exist")],
)
def test_a_silence_that_silences_nothing(subject: Any, finding: str, severity: str, words: str) -> None:
    report = lint(subject([(["a.example"], "tunnel")], silence=[{**SILENCE, "finding": finding}]))
    (found,) = report.findings
    assert (found.id, found.severity) == ("DTR902", severity)
    assert words in found.finding.message


def test_a_silence_of_a_check_that_did_not_run_is_left_alone(subject: Any) -> None:
    silences = [{**SILENCE, "finding": "DTR201"}]
    rules = [(["a.example"], "tunnel")]
    assert lint(subject(rules, silence=silences)).findings == ()
    assert lint(subject(rules, silence=silences, idp=("okta:acme.okta.com",))).findings == ()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param("finding: DTR301, reason: r, owner: o", "'until' is missing", id="no-end"),
        pytest.param("finding: DTR301, owner: o, until: 2027-01-01", "'reason' is missing", id="no-reason"),
        pytest.param("finding: DTR301, reason: r, until: 2027-01-01", "'owner' is missing", id="no-owner"),
        pytest.param("finding: E1, reason: r, owner: o, until: 2027-01-01", "is no finding's id", id="no-id"),
        pytest.param("finding: DTR301, reason: r, owner: o, until: soon", "is not a day", id="no-day"),
        pytest.param("finding: DTR301, reason: r, owner: o, until: 2027-02-30", "is not a day", id="february-30"),
    ],
)
def test_a_silence_needs_all_of_it(entry: str, message: str) -> None:
    text = f"version: 1\nname: s\nmode: per-app\ndefault: bypass\nrules: []\nsilence:\n  - {{{entry}}}\n"
    with pytest.raises(UnusableFileError) as caught:
        parse_rule_set(text, "rules.yaml")
    assert message in str(caught.value)
    assert "rules.yaml:7:" in str(caught.value)
