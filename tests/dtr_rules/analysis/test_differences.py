"""What changes in effect: hand cases."""

from __future__ import annotations

import dataclasses

import pytest

from dtr_rules import Action, DecisionReason, Flow, Mode, Name, Platform, Rule, RuleSet, parse_rule_set
from dtr_rules.analysis import Apps, Budget, Change, Effect, difference
from dtr_rules.destinations import Ports, parse_destination
from dtr_rules.evaluate import evaluate

ALL = tuple(Platform)
EVERYONE = (Apps(ALL, (), others=True, every=True),)


def rule(name: str, *to: str, action: Action = Action.TUNNEL, apps: set[str] | None = None) -> Rule:
    destinations = tuple(map(parse_destination, to))
    return Rule(name, frozenset(Platform), None if apps is None else frozenset(apps), action, destinations)


def rules(*of: Rule, **more: object) -> RuleSet:
    given = {"mode": Mode.PER_APP, "default": Action.BYPASS, **more}
    return RuleSet(name="s", rules=of, **given)  # type: ignore[arg-type]


def only_change(old: RuleSet, new: RuleSet, *, only_action: bool = False) -> Change:
    [change] = difference(old, new, only_action=only_action).changes
    return change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([rule("r", "a.com", "b.com")], [rule("r", "b.com", "a.com")], id="order-in-a-rule"),
        pytest.param([rule("r", "A.com.")], [rule("r", "a.com")], id="spelling"),
        pytest.param([rule("r", "*.a.com", "x.a.com")], [rule("r", "*.a.com")], id="covered-destination"),
        pytest.param([rule("r", "*.a.com"), rule("s", "x.a.com")], [rule("r", "*.a.com")], id="covered-rule"),
        pytest.param([rule("r", "a.com"), rule("s", "b.com")], [rule("s", "b.com"), rule("r", "a.com")], id="swapped"),
        pytest.param([rule("r", "a.com:1-65535")], [rule("r", "a.com")], id="all-ports"),
        pytest.param([rule("r", "a.com:1-9", "a.com:10-20")], [rule("r", "a.com:1-20")], id="ports-joined"),
        pytest.param([rule("r", "10.0.0.0/9", "10.128.0.0/9")], [rule("r", "10.0.0.0/8")], id="networks-joined"),
        pytest.param([rule("r", "a.com", "localhost")], [rule("r", "a.com")], id="loopback"),
        pytest.param([rule("r", "*a.com")], [rule("r", "*a.com", "*ba.com", "*.a.com")], id="longer-suffixes"),
    ],
)
def test_no_effect_is_proved_though_the_text_differs(old: list[Rule], new: list[Rule]) -> None:
    assert difference(rules(*old), rules(*new)).no_effect
    assert difference(rules(*new), rules(*old)).no_effect


def test_another_name_is_a_change_of_rule_and_none_of_action() -> None:
    old, new = rules(rule("r", "a.com")), rules(rule("s", "a.com"))
    change = only_change(old, new)
    assert (change.old.rule, change.new.rule) == ("r", "s")
    assert difference(old, new, only_action=True).no_effect


def test_a_removed_destination_goes_to_the_default() -> None:
    change = only_change(rules(rule("r", "a.com", "*.b.com:443")), rules(rule("r", "a.com")))
    assert change.old == Effect(Action.TUNNEL, None, DecisionReason.RULE, "r")
    assert change.new == Effect(Action.BYPASS, None, DecisionReason.DEFAULT_ACTION)
    [each] = change.classes
    assert (each.hosts, each.ports, each.apps, each.crossing) == (("*.b.com",), (Ports(443, 443),), EVERYONE, False)
    assert change.example == Flow(Platform.IOS, Name("www.b.com"), 443, "com.apple.mobilesafari")
    assert change.new_decision.reason is DecisionReason.SAFARI_HAS_NO_DEFAULT


def test_a_default_that_changes_leaves_safari_alone() -> None:
    change = only_change(rules(rule("r", "a.com")), rules(rule("r", "a.com"), default=Action.BLOCK))
    [each] = change.classes
    assert each.hosts == ()
    safari = [apps for apps in each.apps if any("safari" in name.lower() for name in apps.named)]
    assert safari == []
    assert {platform for apps in each.apps for platform in apps.platforms} == set(Platform)


def test_swapped_rules_that_share_hosts_change_those_alone() -> None:
    one, other = rule("login", "login*"), rule("okta", "*.okta.com", action=Action.BLOCK)
    change = only_change(rules(one, other), rules(other, one))
    [each] = change.classes
    assert (each.hosts, each.crossing) == (("login*", "*.okta.com"), True)
    assert each.example.host == Name("login.okta.com")


def test_an_address_rule_in_front_takes_names_that_resolve_there() -> None:
    names, addresses = rule("names", "*.okta.com"), rule("addresses", "10.0.0.0/8", action=Action.BLOCK)
    changes = difference(rules(names), rules(addresses, names)).changes
    resolved = [each for change in changes for each in change.classes if each.crossing]
    assert [each.hosts for each in resolved] == [("*.okta.com", "10.0.0.0/8")]
    assert resolved[0].example.address is not None
    assert [each.hosts for change in changes for each in change.classes if not each.crossing] == [("10.0.0.0/8",)]


def test_the_apex_switch_changes_the_apex() -> None:
    old = rules(rule("r", "*.okta.com"))
    change = only_change(old, dataclasses.replace(old, wildcard_matches_apex=True))
    assert change.example.host == Name("okta.com")
    assert change.new.rule == "r"


def test_an_app_that_enters_the_profile_reaches_the_rules() -> None:
    old = rules(rule("r", "a.com"), profile_apps=frozenset({"x"}))
    new = dataclasses.replace(old, profile_apps=frozenset({"x", "y"}))
    changes = {change.new: change for change in difference(old, new).changes}
    entered = changes[Effect(Action.TUNNEL)]
    assert entered.old == Effect(Action.BYPASS, None, DecisionReason.NOT_IN_VPN_PROFILE)
    assert entered.example.app == "y"
    assert entered.example.in_vpn_profile is None
    assert only_change(old, new, only_action=True).new.action is Action.TUNNEL


def test_another_mode_reaches_apps_without_the_profile() -> None:
    old = rules(rule("r", "a.com"), mode=Mode.FULL_DEVICE)
    change = only_change(old, dataclasses.replace(old, mode=Mode.PER_APP), only_action=True)
    assert change.example.in_vpn_profile is False
    assert (change.old.action, change.new.action) == (Action.TUNNEL, Action.BYPASS)


def test_proxies_count_as_actions() -> None:
    old = rules(dataclasses.replace(rule("r", "a.com", action=Action.PROXY), proxy="p.example:1"))
    new = rules(dataclasses.replace(old.rules[0], proxy="p.example:2"))
    change = only_change(old, new, only_action=True)
    assert (change.old.proxy, change.new.proxy) == ("p.example:1", "p.example:2")


def test_changes_of_action_come_first_and_every_example_is_confirmed() -> None:
    old = rules(rule("a", "a.com"), rule("b", "*.b.com"), rule("c", "c*", action=Action.BLOCK))
    new = rules(rule("c", "c*", action=Action.BLOCK), rule("z", "a.com"), rule("b", "b.com"))
    changes = difference(old, new).changes
    same = [change.old.action is change.new.action for change in changes]
    assert same == sorted(same)
    for change in changes:
        assert evaluate(old, change.example) == change.old_decision
        assert evaluate(new, change.example) == change.new_decision


def test_a_spent_budget_is_no_proof() -> None:
    old, new = rules(rule("a", "a.com")), rules(rule("a", "*.a.com"), profile_apps=frozenset({"x"}))
    found = difference(old, new, budget=Budget(steps=0))
    assert not found.no_effect
    assert any("not compared to the end" in sentence for sentence in found.undecided)
    assert not found.changes


def test_where_patterns_cross_every_port_that_changes_is_told() -> None:
    head = "version: 1\nname: s\nmode: full-device\ndefault: bypass\nrules:\n"
    old = parse_rule_set(f'{head}  - {{name: a, apps: all, action: tunnel, to: ["*okta*"]}}\n', "old").rule_set
    first = '  - {name: first, apps: all, action: block, to: ["login*:443", "sso*", "vpn*:1-1024"]}\n'
    new = parse_rule_set(f'{head}{first}  - {{name: a, apps: all, action: tunnel, to: ["*okta*"]}}\n', "new").rule_set
    told = [each for change in difference(old, new).changes for each in change.classes]
    blocked = [each for each in told if each.old.rule == "a" and each.new.rule == "first"]
    for port in (1, 443, 1024, 8443, 65535):
        assert any(each.ports is None or any(port in ports for ports in each.ports) for each in blocked), port


def test_time_that_is_over_inside_one_box_leaves_it_undecided() -> None:
    """One rule on one side, and so many on the other that to compare it with them takes long."""
    old = rules(*(rule(f"r{n}", f"*{n:04}-x*") for n in range(3_000)))
    looks = iter([False] * 3)
    budget = Budget(steps=10**9, expired=lambda: next(looks, True))
    found = difference(old, rules(rule("new", "*a*")), budget=budget)
    assert found.undecided
    assert not found.no_effect
    assert next(looks, None) is None
