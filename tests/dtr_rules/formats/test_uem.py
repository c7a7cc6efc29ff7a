"""The UEM's JSON: nothing is lost on the way to our YAML and back, and every mistake has its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from examples import tried
from generated_rules import flows, rule_sets
from hypothesis import assume, given
from hypothesis import strategies as st
from uem_documents import documents

from dtr_rules import Action, Decision, Platform, RuleSet, UnusableFileError, parse_rule_set
from dtr_rules.destinations import parse_destination
from dtr_rules.evaluate import evaluate
from dtr_rules.formats import parse_any
from dtr_rules.formats.uem import is_uem, not_in_uem, not_judged, parse_uem, uem_data, write_uem
from dtr_rules.formats.uem_words import PLATFORMS
from dtr_rules.formats.yaml import Format
from dtr_rules.formats.yaml_writing import canonical_rule_set, plain_data, write_yaml
from dtr_rules.model import Flow

PROFILE = """\
{"meta": {"configuration": {"name": "", "uuid": ""}, "device_traffic_rule_set": {}},
 "gateway": {"host": "gw.acme.example", "port": 8443},
 "device_traffic_rule_set": {
  "id": 1234, "uuid": "u-1", "tunnel_mode": "PERAPP_TUNNEL", "default_action": "BYPASS", "default_action_proxy": null,
  "payload": [
   {"id": 1, "platform": "APPLE", "rules": [
    {"id": 11, "serial_number": "1", "action": {"type": "BLOCK", "host": null, "authentication": "NONE"},
     "applications": [{"bundle_id": "com.old", "type": "PUBLIC"}], "destinations": ["mail.example"]},
    {"id": 12, "serial_number": "2", "action": {"type": "TUNNEL", "host": null}, "applications": [],
     "destinations": ["acme.okta.com", " login.example,b.example", ""]}]},
   {"id": 2, "platform": "ANDROID", "rules": [
    {"id": 21, "serial_number": "1", "action": {"type": "TUNNEL", "host": null}, "applications": [],
     "destinations": ["acme.okta.com", "login.example", "b.example"]},
    {"id": 22, "serial_number": "2", "action": {"type": "WEBPROXY", "host": "https://proxy.example:1234"},
     "destinations": ["cert.example"]}]},
   {"platform": "LINUX", "rules": [{"any": "thing"}]}]}}
"""


def same(one: object, other: object) -> bool:
    """JSON-equal, and 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def mistakes(text: str) -> list[str]:
    with pytest.raises(UnusableFileError) as caught:
        parse_uem(text, "r.json")
    return [str(mistake) for mistake in caught.value.mistakes]


def edited(change: str, to: str) -> str:
    assert PROFILE.count(change) >= 1
    return PROFILE.replace(change, to, 1)


# --- what it means -------------------------------------------------------------------------------------------------


def test_rules_of_platforms_merge_where_they_are_equal_and_in_order() -> None:
    read = parse_any(PROFILE, "r.json")
    assert read.format is Format.UEM
    assert (read.rule_set.name, read.rule_set.mode, read.rule_set.default) == ("uem-rule-set-1234", "per-app", "bypass")
    assert [(rule.name, sorted(rule.platforms), rule.action) for rule in read.rule_set.rules] == [
        ("rule-1", ["ios"], Action.BLOCK),
        ("rule-2", ["android", "ios"], Action.TUNNEL),
        ("rule-3", ["android"], Action.WEB_PROXY),
    ]
    assert read.rule_set.rules[0].apps == {"com.old"}
    assert read.rule_set.rules[1].apps is None
    assert [str(each) for each in read.rule_set.rules[1].destinations] == [
        "acme.okta.com",
        "login.example",
        "b.example",
    ]
    assert not_judged(uem_data(PROFILE)) == ["LINUX"]


def test_equal_rules_in_another_order_stay_apart() -> None:
    one, other = ({"action": {"type": "BLOCK"}, "destinations": [host]} for host in ("a.example", "b.example"))
    entries = [{"platform": "APPLE", "rules": [one, other]}, {"platform": "ANDROID", "rules": [other, one]}]
    text = json.dumps({"tunnel_mode": "FULL_TUNNEL", "default_action": "BYPASS", "payload": entries})
    rules = parse_uem(text, "r.json").rule_set.rules
    assert len(rules) == 3
    assert [
        [str(rule.destinations[0]) for rule in rules if platform in rule.platforms] for platform in list(Platform)[:2]
    ] == [
        ["a.example", "b.example"],
        ["b.example", "a.example"],
    ]


def test_places_lead_into_the_json() -> None:
    source = parse_uem(PROFILE, "r.json").source
    assert str(source.place("rules", 0, "to", 0)) == "r.json:8:85"
    assert str(source.place("rules", 1, "to", 2)) == str(source.place("rules", 1, "to", 1)) == "r.json:10:40"
    assert str(source.place("rules", 2, "name")) == "r.json:14:5"
    assert str(source.place("default")) == "r.json:4:80"
    assert str(source.place("tests", 3)) == str(source.place())


# --- nothing is lost -----------------------------------------------------------------------------------------------


@given(document=documents())
@tried(200)
def test_json_through_yaml_is_json_equal(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert is_uem(text)
    yaml = write_yaml(uem_data(text))
    assert parse_rule_set(yaml, "r.yaml").rule_set == parse_uem(text, "r.json").rule_set
    assert same(json.loads(write_uem(plain_data(yaml))), document)
    assert canonical_rule_set(yaml, "r.yaml") == yaml


@given(document=documents())
@tried(100)
def test_every_platform_keeps_its_rules_in_order(document: dict[str, Any]) -> None:
    rules = parse_uem(json.dumps(document), "r.json").rule_set.rules
    for entry in document.get("device_traffic_rule_set", document)["payload"]:
        word = entry["platform"]
        if not isinstance(word, str) or word not in PLATFORMS:
            continue
        ours = [rule.destinations for rule in rules if PLATFORMS[word] in rule.platforms]
        listed = [rule.get("destinations", rule.get("domains")) for rule in entry.get("rules") or []]
        texts = [[part.strip() for item in items for part in item.split(",") if part.strip()] for items in listed]
        assert ours == [tuple(map(parse_destination, each)) for each in texts]


def as_data(rule_set: RuleSet) -> dict[str, Any]:
    """The plain data of a file that means `rule_set`, without what the UEM's JSON has no word for."""
    rules = []
    for rule in rule_set.rules:
        data: dict[str, Any] = {"name": rule.name, "platforms": [str(each) for each in sorted(rule.platforms)]}
        data |= {"apps": "all" if rule.apps is None else sorted(rule.apps), "action": str(rule.action)}
        data |= {} if rule.proxy is None else {"proxy": rule.proxy}
        rules.append({**data, "to": [str(each) for each in rule.destinations]})
    proxy = {} if rule_set.default_proxy is None else {"default-proxy": rule_set.default_proxy}
    head = {"version": 1, "name": rule_set.name, "mode": str(rule_set.mode), "default": str(rule_set.default)}
    return {**head, **proxy, "rules": rules}


@given(rule_set=rule_sets(max_rules=5), asked=st.lists(flows(), min_size=5, max_size=5))
@tried(100)
def test_yaml_through_json_decides_the_same(rule_set: RuleSet, asked: list[Flow]) -> None:
    data = as_data(rule_set)
    try:
        ours = parse_rule_set(write_yaml(data), "r.yaml").rule_set
    except UnusableFileError:
        assume(False)
    theirs = parse_uem(write_uem(data), "r.json").rule_set

    def outcome(decision: Decision) -> tuple[object, ...]:
        return decision.action, decision.reason, decision.destination, decision.proxy

    for flow in asked:
        assert outcome(evaluate(theirs, flow)) == outcome(evaluate(ours, flow))


def test_what_a_person_changes_in_the_yaml_wins() -> None:
    data = uem_data(PROFILE)
    first, second, _ = data["rules"]
    first["to"] = ["other.example"]
    first["apps"] = ["com.old", "com.new"]
    second["action"] = "bypass"
    data["name"] = "renamed"
    data["default"] = "tunnel"
    written = json.loads(write_uem(data))["device_traffic_rule_set"]
    apple, android = (entry["rules"] for entry in written["payload"][:2])
    assert apple[0]["destinations"] == ["other.example"]
    assert apple[0]["applications"] == [{"bundle_id": "com.old", "type": "PUBLIC"}, {"bundle_id": "com.new"}]
    assert apple[1]["destinations"] == ["acme.okta.com", " login.example,b.example", ""]
    assert apple[1]["action"] == android[0]["action"] == {"type": "BYPASS", "host": None}
    assert (written["default_action"], "name" in written) == ("TUNNEL", False)


def test_a_new_rule_gets_a_rank_and_no_identifiers() -> None:
    data = uem_data(PROFILE)
    data["rules"].insert(
        1, {"name": "new", "apps": "all", "action": "tunnel-proxy", "proxy": "p.example:1", "to": ["n.example"]}
    )
    payload = json.loads(write_uem(data))["device_traffic_rule_set"]["payload"]
    assert [
        [rule["serial_number"] for rule in entry["rules"]] for entry in payload if entry["platform"] != "LINUX"
    ] == [
        ["1", "2", "3"],
        ["1", "2", "3"],
        ["1"],
        ["1"],
    ]
    assert payload[0]["rules"][1] == {
        "serial_number": "2",
        "action": {"type": "TUNNELPROXY", "host": "p.example:1", "authentication": "NONE"},
        "applications": [],
        "destinations": ["n.example"],
    }
    assert [entry["platform"] for entry in payload] == ["APPLE", "ANDROID", "LINUX", "WIN_RT", "APPLE_OS_X"]


def test_what_json_has_no_word_for_is_named() -> None:
    assert not_in_uem({"name": "a", "rules": [], "tests": [{}], "wildcard-matches-apex": True}) == [
        "the names of the set and of its rules",
        "'wildcard-matches-apex'",
        "'tests'",
    ]


def test_what_nobody_can_see_is_escaped() -> None:
    text = edited('"u-1"', '"\\u00ad\\ud834\\udd73\\u00e9"')
    written = write_uem(uem_data(text))
    assert '"\\u00ad\\ud834\\udd73é"' in written
    assert same(json.loads(written), json.loads(text))


# --- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "to", "found"),
    [
        pytest.param(
            '"PERAPP_TUNNEL"',
            '"PERAPP"',
            "4:45: unknown tunnel_mode 'PERAPP' (did you mean 'PERAPP_TUNNEL'?)",
            id="mode",
        ),
        pytest.param(
            '"BYPASS"', '"Bypas"', "4:80: unknown default_action 'Bypas' (did you mean 'BYPASS'?)", id="default"
        ),
        pytest.param('"default_action": "BYPASS", ', "", "3:29: 'default_action' is missing", id="no-default"),
        pytest.param(
            '"BYPASS"', '"PROXY"', "4:80: default_action 'PROXY' needs 'default_action_proxy'", id="default-proxy"
        ),
        pytest.param(
            '"TUNNEL", "host": null}, "app',
            '"TUNEL"}, "app',
            "9:57: unknown type 'TUNEL' (did you mean 'TUNNEL'?)",
            id="action",
        ),
        pytest.param(
            '"action": {"type": "BLOCK", "host": null, "authentication": "NONE"},',
            "",
            "7:5: 'action' is missing",
            id="no-action",
        ),
        pytest.param(
            '"https://proxy.example:1234"',
            '"proxy.example"',
            "14:77: host 'proxy.example': the proxy's port is missing",
            id="proxy",
        ),
        pytest.param('"https://proxy.example:1234"', '""', "14:57: type 'WEBPROXY' needs 'host'", id="no-proxy"),
        pytest.param(
            '["mail.example"]',
            '["mail example"]',
            "8:85: an item of destinations 'mail example': contains a space",
            id="space",
        ),
        pytest.param(
            '["mail.example"]', '["a.example", 7]', "8:98: an item of destinations must be text, found 7", id="number"
        ),
        pytest.param('["mail.example"]', '[" ", ""]', "8:84: destinations is empty", id="no-destination"),
        pytest.param(
            '"destinations": ["mail.example"]', '"x": 1', "7:5: 'destinations' is missing", id="destinations-missing"
        ),
        pytest.param(
            '["mail.example"]',
            '["a.example"], "domains": ["c.example"]',
            "8:110: 'domains' and 'destinations' say the same",
            id="domains-too",
        ),
        pytest.param(
            '"bundle_id": "com.old"', '"application_id": "u"', "8:23: 'bundle_id' is missing", id="no-bundle-id"
        ),
        pytest.param('"com.old"', '"com.*"', "8:37: bundle_id 'com.*': an app is named in full", id="app"),
        pytest.param(
            '[{"bundle_id": "com.old", "type": "PUBLIC"}]',
            '["com.old"]',
            "8:23: an item of applications must be a mapping",
            id="app-text",
        ),
        pytest.param(
            '"id": 12, "serial_number": "2"',
            '"serial_number": "0"',
            "9:23: serial_number 0 stands behind 1",
            id="ranks",
        ),
        pytest.param(
            '"ANDROID"', '"APPLE"', "11:26: platform 'APPLE' has an entry already (line 6)", id="platform-twice"
        ),
        pytest.param('"payload": [', '"payload": 3, "x": [', "5:14: payload must be a list", id="payload"),
    ],
)
def test_a_mistake_has_its_place_in_the_json(change: str, to: str, found: str) -> None:
    (mistake,) = mistakes(edited(change, to))
    assert mistake.startswith(f"r.json:{found}")


def test_a_key_that_stands_twice_hides_none_of_the_other_mistakes() -> None:
    text = '{"tunnel_mode": "PERAP_TUNNEL",\n "payload": 1,\n "payload": [],\n "default_action": "BYPAS"}'
    assert [line.partition(" (")[0] for line in mistakes(text)] == [
        "r.json:1:17: unknown tunnel_mode 'PERAP_TUNNEL'",
        "r.json:2:13: payload must be a list",
        "r.json:3:2: 'payload' stands here for the second time",
        "r.json:4:20: unknown default_action 'BYPAS'",
    ]


def test_all_mistakes_come_at_once() -> None:
    text = edited('"BLOCK"', '"BLOK"').replace("acme.okta.com", "a b").replace("PERAPP_TUNNEL", "PER")
    assert [mistake.split(" ")[0] for mistake in mistakes(text)] == [
        "r.json:4:45:",
        "r.json:7:57:",
        "r.json:10:23:",
        "r.json:13:23:",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{}", id="nothing"),
        pytest.param('{"device_traffic_rule_set": []}', id="set-is-a-list"),
        pytest.param(
            '{"payload": [3, {"platform": 3}, {"platform": "APPLE", "rules": [3, {"action": 3, "applications": 3}]}]}',
            id="depths",
        ),
        pytest.param(
            '{"payload": [{"platform": "APPLE", "rules": [{"destinations": {}, "action": {"type": []}}]}]}', id="kinds"
        ),
        pytest.param('{"tunnel_mode": ', id="cut"),
    ],
)
def test_json_of_any_shape_is_refused_without_a_crash(text: str) -> None:
    assert all(mistake.startswith("r.json:") for mistake in mistakes(text))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["APPLE", "TUNNEL", "a.example", "", "FULL_TUNNEL", "x y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "payload",
                    "platform",
                    "rules",
                    "action",
                    "type",
                    "host",
                    "applications",
                    "bundle_id",
                    "destinations",
                    "domains",
                    "tunnel_mode",
                    "default_action",
                    "default_action_proxy",
                    "serial_number",
                    "name",
                    "id",
                    "device_traffic_rule_set",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(value=json_values)
@tried(200)
def test_fuzzed_json_is_read_or_refused(value: object) -> None:
    try:
        read = parse_uem(json.dumps(value), "r.json")
    except UnusableFileError:
        return
    assert same(json.loads(write_uem(uem_data(read.text))), value)


# --- told apart by content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "uem"),
    [
        pytest.param(PROFILE, True, id="profile"),
        pytest.param("\ufeff\n  " + PROFILE, True, id="byte-order-mark"),
        pytest.param('{"tunnel_mode": "FULL_TUNNEL", "default_action": "BLOCK",', True, id="cut"),
        pytest.param(
            '{"version": 1, "name": "a", "mode": "full-device", "default": "block", "rules": []}',
            False,
            id="ours-as-json",
        ),
        pytest.param(
            "{version: 1, name: a, mode: full-device, default: block, rules: []}", False, id="ours-in-one-line"
        ),
        pytest.param("version: 1\nname: '\"tunnel_mode\": 1'\n", False, id="yaml"),
        pytest.param("", False, id="empty"),
        pytest.param("[]", False, id="list"),
    ],
)
def test_the_content_says_which_format_it_is(text: str, uem: bool) -> None:
    assert is_uem(text) is uem
