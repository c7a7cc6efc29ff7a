"""JSON Schema of our YAML, for editors that complete and check while a person writes.

From the models that read the files, so that it never refuses what they accept. It cannot say all that they check (names
used twice, hosts of tests): `dtr check` has the last word.
"""

from __future__ import annotations

from typing import Any, Final

from dtr_rules.formats.fields import MAX_TITLE
from dtr_rules.formats.test_file import TestFileEntry
from dtr_rules.formats.yaml import SetEntry
from dtr_rules.model import Action, Mode

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_DESCRIPTIONS: Final[dict[str, dict[str, str]]] = {
    "SetEntry": {
        "version": "The version of this format: 1.",
        "name": "What the set is called in output and logs.",
        "mode": "per-app: only apps that carry the VPN profile; full-device: everything on the device.",
        "default": "What happens where no rule matches. It does not apply to Safari.",
        "default-proxy": "The proxy of a default action that needs one: host:port, http://host:port or https://host:port.",
        "profile-apps": "The apps that carry the VPN profile.",
        "wildcard-matches-apex": "Whether *.example.com matches example.com, too. Not by default.",
        "rules": "From the top: the first rule that matches decides.",
        "tests": "Flows, and what is expected of each: dtr test runs them.",
        "silence": "Findings of dtr lint that somebody answers for, until a day.",
        "uem": "What the UEM's JSON says beyond this format, kept verbatim by dtr convert.",
    },
    "RuleEntry": {
        "name": "What the rule is called in output and logs; each rule has a name of its own.",
        "platforms": "The platforms that the rule is for; all of them where left out.",
        "apps": "all, or a list of bundle ids, package names and executable paths.",
        "action": "What happens to the traffic.",
        "proxy": "The proxy of an action that needs one: host:port, http://host:port or https://host:port.",
        "to": "Hosts, patterns such as '*.example.com', addresses, networks, ranges; each with an optional :port.",
        "uem": "What the UEM's JSON says of this rule beyond this format, for each platform.",
    },
    "TestFileEntry": {
        "version": "The version of this format: 1.",
        "rule-set": "The rule set file that the tests are about, relative to this file.",
        "tests": "Flows, and what is expected of each.",
    },
}


def rule_set_schema() -> dict[str, Any]:
    """The schema of a rule set file."""
    schema = SetEntry.model_json_schema(by_alias=True)
    rule = schema["$defs"]["RuleEntry"]
    _or_all(rule, "platforms")
    _or_all(rule, "apps")
    rule["properties"]["to"] |= {"minItems": 1, "items": {"type": "string", "pattern": r"^[^\s,]+$"}}
    schema["properties"]["profile-apps"]["anyOf"][0]["minItems"] = 1
    rule["allOf"] = _proxy_with(rule, "action", "proxy")
    schema["allOf"] = [*_proxy_with(schema, "default", "default-proxy"), _apps_where_per_app()]
    return _finished(schema, "SetEntry", "Device traffic rules")


def test_file_schema() -> dict[str, Any]:
    """The schema of a `*.test.yaml` file."""
    schema = TestFileEntry.model_json_schema(by_alias=True)
    schema["properties"]["tests"]["minItems"] = 1
    return _finished(schema, "TestFileEntry", "Tests of device traffic rules")


def _finished(schema: dict[str, Any], root: str, title: str) -> dict[str, Any]:
    definitions = schema["$defs"]
    _one_or_more(definitions["FlowEntry"])
    _one_or_more(definitions["ExpectEntry"])
    definitions["FlowEntry"]["properties"]["platform"]["anyOf"].append({"const": "all"})
    definitions["ExpectEntry"]["minProperties"] = 1
    for name, definition in {**definitions, root: schema}.items():
        _polish(definition, _DESCRIPTIONS.get(name, {}))
    return {"$schema": DIALECT, **schema, "title": title}


def _or_all(definition: dict[str, Any], key: str) -> None:
    listed = definition["properties"][key]["anyOf"][0]
    definition["properties"][key] = {"anyOf": [{"const": "all"}, {**listed, "minItems": 1}]}


def _one_or_more(definition: dict[str, Any]) -> None:
    """Every list may be written as its one item."""
    for key, value in definition["properties"].items():
        listed = next((each for each in value.get("anyOf", [value]) if each.get("type") == "array"), None)
        if listed is not None:
            several = {"type": "array", "items": listed["items"], "minItems": 1}
            definition["properties"][key] = {"anyOf": [listed["items"], several]}


def _proxy_with(definition: dict[str, Any], action: str, proxy: str) -> list[dict[str, Any]]:
    """An action that needs a proxy names it, and no other does."""
    definition["properties"][proxy] = {"type": ["string", "null"], "pattern": r":[1-9][0-9]{0,4}$"}
    actions = [str(each) for each in Action if each.needs_proxy]
    needing = {"properties": {action: {"enum": actions}}, "required": [action]}
    named = {"properties": {proxy: {"type": "string"}}, "required": [proxy]}
    return [{"if": needing, "then": named, "else": {"properties": {proxy: {"type": "null"}}}}]


def _apps_where_per_app() -> dict[str, Any]:
    per_app = {"properties": {"mode": {"const": str(Mode.PER_APP)}}, "required": ["mode"]}
    return {"if": per_app, "then": {"properties": {"rules": {"items": {"required": ["apps"]}}}}}


def _polish(definition: dict[str, Any], descriptions: dict[str, str]) -> None:
    for key, value in definition.get("properties", {}).items():
        value.pop("title", None)
        if value.get("default", 0) in (None, [], [None]):
            del value["default"]
        if key == "name":
            value |= {"minLength": 1, "maxLength": MAX_TITLE}
        if key in descriptions:
            value["description"] = descriptions[key]
