"""What holds for every rule set: examples are confirmed, proofs are proofs, nothing breaks."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import yaml
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.catalogue.providers import parse_provider
from dtr_rules.evaluate import evaluate
from dtr_rules.formats.yaml import parse_rule_set
from dtr_rules.lint.check import Subject
from dtr_rules.lint.document import as_json
from dtr_rules.lint.github import workflow_commands
from dtr_rules.lint.run import lint
from dtr_rules.lint.sarif import as_sarif

TARGETS = [
    "acme.okta.com",
    "*.acme.okta.com", "*acme.okta.com", "*.okta.com", "*okta*", "*com", "login.microsoftonline.com",
    "*.windows.net", "login*", "*", "10.0.0.0/8", "20.190.128.0/18", "10.1.2.3", "2001:db8::/32", "localhost",
    "127.0.0.1", "*.168.1.*", "a.internal", "*a.internal", "*.acme.example",
]  # fmt: skip
APPS = ["com.azure.authenticator", "com.apple.mobilesafari", "com.apple.mobilemail", "com.example.a", "C:\\b.exe"]
ACTIONS = ["tunnel", "bypass", "block", "proxy", "tunnel-proxy", "web-proxy"]
PROVIDERS = ["okta:acme.okta.com", "okta-custom:login.acme.example", "entra"]


@st.composite
def destinations(draw: st.DrawFn) -> str:
    target, port = draw(st.sampled_from(TARGETS)), draw(st.sampled_from(["", ":443", ":80", ":8000-8100"]))
    return f"[{target}]{port}" if port and target.count(":") > 1 else f"{target}{port}"


@st.composite
def rule_sets(draw: st.DrawFn) -> dict[str, Any]:
    rules = []
    for number in range(draw(st.integers(0, 6))):
        action = draw(st.sampled_from(ACTIONS))
        rule: dict[str, Any] = {
            "name": f"r{number}",
            "apps": draw(st.just("all") | st.lists(st.sampled_from(APPS), min_size=1, max_size=3)),
            "action": action,
            "to": draw(st.lists(destinations(), min_size=1, max_size=4)),
        }
        if action.endswith("proxy"):
            rule["proxy"] = "proxy.example:8080"
        if draw(st.booleans()):
            rule["platforms"] = draw(st.lists(st.sampled_from(["ios", "android", "windows", "macos"]), min_size=1))
        rules.append(rule)
    found: dict[str, Any] = {
        "version": 1,
        "name": "s",
        "mode": draw(st.sampled_from(["per-app", "full-device"])),
        "default": draw(st.sampled_from(["tunnel", "bypass", "block"])),
        "wildcard-matches-apex": draw(st.booleans()),
        "rules": rules,
    }
    if draw(st.booleans()):
        found["profile-apps"] = draw(st.lists(st.sampled_from(APPS), min_size=1))
    return found


@tried(150)
@given(rule_sets(), st.sets(st.sampled_from(PROVIDERS)))
def test_every_report_holds_together(data: dict[str, Any], providers: set[str]) -> None:
    file = parse_rule_set(yaml.safe_dump(data), "rules.yaml")
    subject = Subject(file, dt.date(2027, 1, 15), tuple(map(parse_provider, sorted(providers))))
    report = lint(subject)
    for each in report.findings:
        assert each.finding.examples, each
        for example in each.finding.examples:
            assert evaluate(file.rule_set, example.flow) == example.decision
    json.dumps([as_json(report), as_sarif(report, "1")])
    assert len(list(workflow_commands(report))) == len(report.findings) + len(report.undecided)
