"""The JSON Schema for editors: it takes every file that the reader takes, and sees what an editor can see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dtr_rules import UnusableFileError, parse_rule_set
from dtr_rules.formats import test_file
from dtr_rules.formats.fields import MAX_TITLE
from dtr_rules.formats.schema import rule_set_schema
from dtr_rules.formats.schema import test_file_schema as schema_of_tests
from dtr_rules.formats.uem import uem_data
from dtr_rules.formats.yaml_writing import plain_data, write_yaml
from dtr_rules.source import parse

ROOT = Path(__file__).parents[3]
HEAD = {"version": 1, "name": "a", "mode": "per-app", "default": "bypass"}
RULE = {"name": "r", "apps": "all", "action": "tunnel", "to": ["a.example"]}
FLOW = {"platform": "ios", "host": "a.example"}
TEST = {"name": "t", "flow": FLOW, "expect": {"action": "tunnel"}}
SILENCE = {"finding": "DTR301", "reason": "known", "owner": "anna@acme.example", "until": "2027-03-31"}

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema, an independent validator, is not installed")


def is_valid(data: object, schema: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(data))


def with_rule(**changes: object) -> dict[str, Any]:
    return {**HEAD, "rules": [{key: value for key, value in {**RULE, **changes}.items() if value != "-"}]}


def with_test(**changes: object) -> dict[str, Any]:
    return {**HEAD, "rules": [RULE], "tests": [{**TEST, **changes}]}


GOOD = {
    "demo": plain_data((ROOT / "lab/demo-rules.yaml").read_text()),
    "from-uem": uem_data((ROOT / "docs/examples/tunnel-profile.json").read_text()),
    "no-rules": {**HEAD, "rules": []},
    "all-platforms": with_rule(platforms="all"),
    "platforms": with_rule(platforms=["ios", "macos"]),
    "apps": with_rule(apps=["com.a", r"C:\a.exe"]),
    "apps-left-out": {**with_rule(apps="-"), "mode": "full-device"},
    "proxy": with_rule(action="proxy", proxy="HTTPS://p.example:80"),
    "proxy-is-nothing": with_rule(proxy=None),
    "default-proxy": {**HEAD, "default": "web-proxy", "default-proxy": "[2001:db8::1]:80", "rules": []},
    "switches": {**HEAD, "profile-apps": ["com.a"], "wildcard-matches-apex": True, "rules": []},
    "destinations": with_rule(
        to=["*", "*.a.example:80-90", "[2001:db8::/32]:443", "192.0.2.1-192.0.2.9", "bücher.example"]
    ),
    "test": with_test(),
    "table": with_test(
        flow={"platform": "all", "app": ["com.a", None], "host": ["a", "b"], "port": [80, 443], "network": "trusted"}
    ),
    "not-rule": with_test(expect={"not-rule": ["r"], "reason": "default-action"}),
    "address": with_test(flow={**FLOW, "address": "192.0.2.1", "vpn-profile": "yes"}),
    "silence": {**HEAD, "rules": [], "silence": [SILENCE]},
    "uem": with_rule(uem={"ios": {"id": 1, "any": [None]}}),
}
BAD = {
    "version": {**HEAD, "version": 2, "rules": []},
    "mode": {**HEAD, "mode": "perapp", "rules": []},
    "name-missing": {"version": 1, "mode": "per-app", "default": "bypass", "rules": []},
    "name-empty": {**HEAD, "name": "", "rules": []},
    "name-long": {**HEAD, "name": "a" * (MAX_TITLE + 1), "rules": []},
    "unknown-key": {**HEAD, "rules": [], "rule": []},
    "rules-missing": HEAD,
    "action": with_rule(action="tunel"),
    "action-missing": with_rule(action="-"),
    "platform": with_rule(platforms=["andriod"]),
    "no-platforms": with_rule(platforms=[]),
    "apps-missing": with_rule(apps="-"),
    "apps-word": with_rule(apps="com.a"),
    "no-apps": with_rule(apps=[]),
    "no-destinations": with_rule(to=[]),
    "destination-number": with_rule(to=[443]),
    "destination-space": with_rule(to=["a b"]),
    "destination-comma": with_rule(to=["a,b"]),
    "proxy-missing": with_rule(action="proxy"),
    "proxy-nothing": with_rule(action="proxy", proxy=None),
    "proxy-unused": with_rule(proxy="p.example:80"),
    "proxy-no-port": with_rule(action="proxy", proxy="p.example"),
    "default-proxy-missing": {**HEAD, "default": "tunnel-proxy", "rules": []},
    "default-proxy-unused": {**HEAD, "default-proxy": "p.example:80", "rules": []},
    "switch-number": {**HEAD, "wildcard-matches-apex": 1, "rules": []},
    "no-profile-apps": {**HEAD, "profile-apps": [], "rules": []},
    "port-0": with_test(flow={**FLOW, "port": 0}),
    "port-text": with_test(flow={**FLOW, "port": "443"}),
    "expects-nothing": with_test(expect={}),
    "network": with_test(flow={**FLOW, "network": "home"}),
    "reason": with_test(expect={"reason": "because"}),
    "silence-without-reason": {**HEAD, "rules": [], "silence": [{**SILENCE, "reason": ""}]},
    "uem-platform": with_rule(uem={"iOS": {}}),
}


def test_the_schemas_are_schemas() -> None:
    for schema in (rule_set_schema(), schema_of_tests()):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_good_files_are_good_in_the_editor(data: dict[str, Any]) -> None:
    parse_rule_set(write_yaml(data), "r.yaml")
    assert is_valid(data, rule_set_schema())


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_files_are_bad_in_the_editor(data: dict[str, Any]) -> None:
    with pytest.raises(UnusableFileError):
        parse_rule_set(json.dumps(data), "r.yaml")
    assert not is_valid(data, rule_set_schema())


def test_test_files_have_a_schema() -> None:
    good = {"version": 1, "rule-set": "r.yaml", "tests": [TEST]}
    parse(json.dumps(good), "r.test.yaml", test_file.TestFileEntry)
    assert is_valid(good, schema_of_tests())
    for bad in ({**good, "tests": []}, {**good, "rules": []}, {"version": 1, "tests": [TEST]}):
        with pytest.raises(UnusableFileError):
            parse(json.dumps(bad), "r.test.yaml", test_file.TestFileEntry)
        assert not is_valid(bad, schema_of_tests())


def test_an_editor_can_explain_every_key_of_a_set_and_of_a_rule() -> None:
    schema = rule_set_schema()
    for definition in (schema, schema["$defs"]["RuleEntry"]):
        silent = [key for key, value in definition["properties"].items() if "description" not in value]
        assert silent == []
