"""The JUnit report: what continuous integration can read, whatever the names are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from junit_schema import valid_report

from dtr_rules import Expectation, RuleTest, parse_rule_set
from dtr_rules.evaluate import evaluate
from dtr_rules.junit import document
from dtr_rules.mistakes import Mistake, Place
from dtr_rules.outcomes import SuiteOutcome, run
from dtr_rules.suites import PlacedTest, Suite

STARTED = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
RULES = """\
version: 1
name: s
mode: per-app
default: bypass
rules: [{name: login, apps: all, action: tunnel, to: [acme.okta.com]}]
tests:
  - {name: passes, flow: {platform: ios, host: acme.okta.com}, expect: {rule: login}}
  - {name: 'fails <&"', flow: {platform: ios, host: acme.okta.co}, expect: {action: tunnel, rule: login}}
"""


def ran(path: str = "rules/login.yaml", text: str = RULES) -> SuiteOutcome:
    file = parse_rule_set(text, path)
    tests = tuple(PlacedTest(test, file.source.place("tests", test.entry)) for test in file.tests)
    return run(Suite(Path(path), file, tests), lambda flow: evaluate(file.rule_set, flow))


def report(*suites: SuiteOutcome, mistakes: tuple[Mistake, ...] = ()) -> ET.Element:
    return valid_report(document(suites, mistakes, started=STARTED, seconds=0.25))


def test_counts_and_times() -> None:
    root = report(ran(), ran("other.yaml"))
    assert root.attrib == {"name": "dtr test", "tests": "4", "failures": "2", "errors": "0", "time": "0.250"}
    assert [dict(suite.attrib) for suite in root] == [
        {
            "name": name, "tests": "2", "failures": "1", "errors": "0", "skipped": "0",
            "timestamp": "2026-11-23T10:30:00+00:00",
        }
        for name in ("rules/login.yaml", "other.yaml")
    ]  # fmt: skip


def test_a_failure_holds_place_difference_and_explanation() -> None:
    passed, failed = report(ran()).iter("testcase")
    assert (passed.get("name"), passed.get("classname"), list(passed)) == ("passes", "rules.login", [])
    assert failed.get("name") == 'fails <&"'
    (failure,) = failed
    assert failure.get("message") == (
        "expected action tunnel and rule 'login', got action bypass and no rule (default-action)"
    )
    text = failure.text or ""
    assert text.startswith("rules/login.yaml:8:5: fails <&\"\nexpected  action tunnel and rule 'login'\n")
    assert "no destination matches acme.okta.co; nearest is 'acme.okta.com'" in text
    assert "\x1b" not in text


def test_a_file_that_cannot_be_used_is_an_error() -> None:
    place = Place("/etc/rules.yaml", 3, 1)
    root = report(mistakes=(Mistake(place, "one"), Mistake(place, "two"), Mistake(Place("b.yaml", 1, 1), "three")))
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("2", "2", "0")
    first = next(root.iter("testcase"))
    assert first.get("classname") == "etc.rules"
    assert first[0].attrib == {"message": "/etc/rules.yaml:3:1: one", "type": "unusable-file"}
    assert first[0].text == "/etc/rules.yaml:3:1: one\n/etc/rules.yaml:3:1: two"


def test_names_that_xml_cannot_hold_become_escapes() -> None:
    bad = "a\x00b\x1b\ud800\ufffe"
    place = PlacedTest(RuleTest(bad, ran().outcomes[0].test.flow, Expectation()), Place(bad, 1, 1))
    suite = Suite(Path(bad.replace("\x00", "")), ran().suite.file, (place,))
    outcome = run(suite, lambda flow: evaluate(suite.file.rule_set, flow))
    case = next(report(outcome).iter("testcase"))
    assert case.get("name") == r"a\x00b\x1b\ud800\ufffe"
