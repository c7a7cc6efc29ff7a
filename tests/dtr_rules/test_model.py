"""The digest: equal for sets that mean the same, different where one decision could differ."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from dtr_rules import Action, Mode, Platform, Rule, RuleSet, parse_rule_set
from dtr_rules.destinations import parse_destination

RULE = Rule(
    name="r",
    platforms=frozenset({Platform.IOS, Platform.ANDROID}),
    apps=frozenset({"com.example.a", "com.example.b"}),
    action=Action.TUNNEL,
    destinations=(parse_destination("a.example"), parse_destination("192.0.2.0/24:443")),
)
SET = RuleSet(name="s", mode=Mode.PER_APP, default=Action.BYPASS, rules=(RULE,))


def test_the_digest_is_the_sha_256_of_the_canonical_form() -> None:
    assert SET.digest == hashlib.sha256(SET.canonical().encode()).hexdigest()
    assert json.loads(SET.canonical())["rules"][0]["to"] == ["192.0.2.0/24:443", "a.example"]


@pytest.mark.parametrize(
    "destinations",
    [
        pytest.param(["192.0.2.0/24:443", "a.example"], id="other-order"),
        pytest.param(["A.Example.", "192.0.2.0-192.0.2.255:443"], id="other-spelling"),
        pytest.param(["a.example", "192.0.2.0/24:443", "a.example"], id="one-of-them-twice"),
    ],
)
def test_the_same_meaning_has_the_same_digest(destinations: list[str]) -> None:
    rule = dataclasses.replace(RULE, destinations=tuple(map(parse_destination, destinations)))
    assert dataclasses.replace(SET, rules=(rule,)).digest == SET.digest


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "t"}, id="name"),
        pytest.param({"mode": Mode.FULL_DEVICE}, id="mode"),
        pytest.param({"default": Action.BLOCK}, id="default"),
        pytest.param({"default_proxy": "p:80"}, id="default-proxy"),
        pytest.param({"profile_apps": frozenset({"a"})}, id="profile-apps"),
        pytest.param({"wildcard_matches_apex": True}, id="apex-switch"),
        pytest.param({"rules": ()}, id="no-rules"),
        pytest.param({"rules": (RULE, dataclasses.replace(RULE, name="q"))}, id="one-more-rule"),
        pytest.param({"rules": (dataclasses.replace(RULE, name="q"),)}, id="rule-name"),
        pytest.param({"rules": (dataclasses.replace(RULE, apps=None),)}, id="rule-apps"),
        pytest.param({"rules": (dataclasses.replace(RULE, action=Action.BLOCK),)}, id="rule-action"),
        pytest.param({"rules": (dataclasses.replace(RULE, proxy="p:80"),)}, id="rule-proxy"),
        pytest.param({"rules": (dataclasses.replace(RULE, platforms=frozenset({Platform.IOS})),)}, id="platforms"),
        pytest.param({"rules": (dataclasses.replace(RULE, destinations=()),)}, id="rule-destinations"),
    ],
)
def test_every_part_of_a_set_counts(change: dict[str, object]) -> None:
    assert dataclasses.replace(SET, **change).digest != SET.digest  # type: ignore[arg-type]


def test_the_order_of_rules_counts() -> None:
    first, second = RULE, dataclasses.replace(RULE, name="q")
    one = dataclasses.replace(SET, rules=(first, second))
    other = dataclasses.replace(SET, rules=(second, first))
    assert one.digest != other.digest


def test_comments_and_layout_of_the_file_do_not_count(login_rules: str) -> None:
    laid_out = login_rules.replace("rules:\n", "# a comment\nrules:\n\n").replace("[ios, android]", "[android, ios]")
    one, other = parse_rule_set(login_rules, "a.yaml"), parse_rule_set(laid_out, "b.yaml")
    assert one.rule_set.digest == other.rule_set.digest


def test_only_proxy_actions_need_a_proxy() -> None:
    assert [action for action in Action if action.needs_proxy] == [
        Action.PROXY,
        Action.TUNNEL_PROXY,
        Action.WEB_PROXY,
    ]
