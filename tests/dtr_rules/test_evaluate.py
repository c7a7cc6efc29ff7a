"""The reference engine: the product's order of checks, rules and default action."""

from __future__ import annotations

import dataclasses

import pytest

from dtr_rules import Action, Decision, DecisionReason, Flow, Mode, Platform, Rule, RuleSet, parse_address, parse_host
from dtr_rules.destinations import parse_destination
from dtr_rules.evaluate import evaluate

OUTLOOK = "com.microsoft.Office.Outlook"


def rule(name: str, action: Action, *to: str, apps: set[str] | None = None, on: set[Platform] | None = None) -> Rule:
    return Rule(
        name=name,
        platforms=frozenset(on or Platform),
        apps=None if apps is None else frozenset(apps),
        action=action,
        destinations=tuple(map(parse_destination, to)),
        proxy="proxy.example:8080" if action.needs_proxy else None,
    )


def rules(*of: Rule, mode: Mode = Mode.PER_APP, default: Action = Action.BLOCK, **more: object) -> RuleSet:
    return RuleSet(name="s", mode=mode, default=default, rules=of, **more)  # type: ignore[arg-type]


def flow(host: str, app: str | None = OUTLOOK, platform: Platform = Platform.IOS, **more: object) -> Flow:
    return Flow(platform=platform, host=parse_host(host), app=app, **more)  # type: ignore[arg-type]


def outcome(rule_set: RuleSet, of: Flow) -> tuple[Action, DecisionReason, str | None]:
    decision = evaluate(rule_set, of)
    return decision.action, decision.reason, decision.rule


TUNNEL_ALL = rule("all", Action.TUNNEL, "*")


def test_a_decision_by_rule_names_rule_place_pattern_and_proxy() -> None:
    of = rules(rule("first", Action.TUNNEL, "b.example"), rule("second", Action.PROXY, "x.example", "A.example:443"))
    assert evaluate(of, flow("a.example")) == Decision(
        Action.PROXY, DecisionReason.RULE, "second", 1, "A.example:443", "proxy.example:8080"
    )


def test_the_first_match_decides() -> None:
    of = rules(rule("one", Action.BYPASS, "*.example"), rule("two", Action.TUNNEL, "a.example"))
    assert outcome(of, flow("a.example")) == (Action.BYPASS, DecisionReason.RULE, "one")


def test_the_default_action_comes_last_and_names_its_proxy() -> None:
    of = rules(rule("one", Action.TUNNEL, "a.example"), default=Action.WEB_PROXY, default_proxy="p.example:80")
    assert evaluate(of, flow("b.example")) == Decision(
        Action.WEB_PROXY, DecisionReason.DEFAULT_ACTION, proxy="p.example:80"
    )


def test_without_rules_the_default_action_takes_everything() -> None:
    assert outcome(rules(), flow("a.example")) == (Action.BLOCK, DecisionReason.DEFAULT_ACTION, None)


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
@pytest.mark.parametrize("mode", Mode)
def test_loopback_is_direct_before_everything_else(host: str, mode: Mode) -> None:
    of = rules(TUNNEL_ALL, mode=mode)
    for each in (flow(host), flow(host, on_trusted_network=True), flow(host, in_vpn_profile=False)):
        assert outcome(of, each) == (Action.BYPASS, DecisionReason.LOOPBACK, None)


def test_a_name_that_resolves_to_loopback_is_judged_by_the_rules() -> None:
    of = flow("a.example", address=parse_address("127.0.0.1"))
    assert outcome(rules(TUNNEL_ALL), of) == (Action.TUNNEL, DecisionReason.RULE, "all")


@pytest.mark.parametrize("mode", Mode)
def test_on_a_trusted_network_the_client_stands_down(mode: Mode) -> None:
    of = flow("a.example", on_trusted_network=True, in_vpn_profile=False)
    assert outcome(rules(TUNNEL_ALL, mode=mode), of) == (Action.BYPASS, DecisionReason.GO_DIRECT, None)


IN, OUT = DecisionReason.RULE, DecisionReason.NOT_IN_VPN_PROFILE


@pytest.mark.parametrize(
    ("app", "said", "listed", "reason"),
    [
        pytest.param(OUTLOOK, None, None, IN, id="nobody-knows"),
        pytest.param(OUTLOOK, True, None, IN, id="flow-says-yes"),
        pytest.param(OUTLOOK, False, None, OUT, id="flow-says-no"),
        pytest.param(OUTLOOK, None, {OUTLOOK}, IN, id="listed"),
        pytest.param(OUTLOOK, None, {OUTLOOK.upper()}, IN, id="listed-in-other-case"),
        pytest.param(OUTLOOK, None, {"com.example.a"}, OUT, id="not-listed"),
        pytest.param(OUTLOOK, True, {"com.example.a"}, IN, id="flow-says-yes-against-the-list"),
        pytest.param(OUTLOOK, False, {OUTLOOK}, OUT, id="flow-says-no-against-the-list"),
        pytest.param(None, None, {OUTLOOK}, IN, id="app-not-known"),
        pytest.param(None, False, None, OUT, id="app-not-known-flow-says-no"),
    ],
)
def test_the_vpn_profile_of_a_per_app_set(
    app: str | None, said: bool | None, listed: set[str] | None, reason: DecisionReason
) -> None:
    of = rules(TUNNEL_ALL, profile_apps=None if listed is None else frozenset(listed))
    decision = evaluate(of, flow("a.example", app, in_vpn_profile=said))
    assert decision.reason is reason
    assert decision.action is (Action.TUNNEL if reason is IN else Action.BYPASS)


def test_a_full_device_set_covers_every_app() -> None:
    of = rules(TUNNEL_ALL, mode=Mode.FULL_DEVICE, profile_apps=frozenset({"com.example.a"}))
    for said in (None, True, False):
        assert evaluate(of, flow("a.example", in_vpn_profile=said)).reason is DecisionReason.RULE


@pytest.mark.parametrize(
    ("platform", "listed", "app", "matched"),
    [
        pytest.param(Platform.IOS, None, None, True, id="all-apps-take-an-unknown-one"),
        pytest.param(Platform.IOS, {"com.example.a"}, None, False, id="a-list-does-not"),
        pytest.param(Platform.IOS, {"com.example.a"}, "com.example.a", True, id="listed"),
        pytest.param(Platform.IOS, {"com.example.a"}, "com.example.b", False, id="not-listed"),
        pytest.param(Platform.IOS, {"com.Example.a"}, "com.example.A", True, id="ios-ignores-case"),
        pytest.param(Platform.MACOS, {"com.Example.a"}, "com.example.A", True, id="macos-ignores-case"),
        pytest.param(Platform.WINDOWS, {r"C:\A\b.exe"}, r"c:\a\B.EXE", True, id="windows-ignores-case"),
        pytest.param(Platform.ANDROID, {"com.Example.a"}, "com.example.a", False, id="android-does-not"),
    ],
)
def test_apps(platform: Platform, listed: set[str] | None, app: str | None, matched: bool) -> None:
    of = rules(rule("r", Action.TUNNEL, "a.example", apps=listed))
    reason = DecisionReason.RULE if matched else DecisionReason.DEFAULT_ACTION
    assert evaluate(of, flow("a.example", app, platform)).reason is reason


@pytest.mark.parametrize("platform", Platform)
def test_a_rule_is_for_its_platforms(platform: Platform) -> None:
    of = rules(rule("r", Action.TUNNEL, "a.example", on={Platform.IOS, Platform.WINDOWS}))
    matched = platform in (Platform.IOS, Platform.WINDOWS)
    assert (evaluate(of, flow("a.example", platform=platform)).rule == "r") is matched


@pytest.mark.parametrize(
    ("platform", "app", "safari"),
    [
        pytest.param(Platform.IOS, "com.apple.mobilesafari", True, id="ios"),
        pytest.param(Platform.IOS, "com.apple.MobileSafari", True, id="ios-in-other-case"),
        pytest.param(Platform.MACOS, "com.apple.Safari", True, id="macos"),
        pytest.param(Platform.MACOS, "com.apple.safari", True, id="macos-in-other-case"),
        pytest.param(Platform.IOS, "com.apple.Safari", False, id="macos-safari-on-ios"),
        pytest.param(Platform.ANDROID, "com.apple.mobilesafari", False, id="no-safari-on-android"),
        pytest.param(Platform.WINDOWS, "com.apple.Safari", False, id="no-safari-on-windows"),
        pytest.param(Platform.IOS, None, False, id="app-not-known"),
    ],
)
def test_the_default_action_does_not_apply_to_safari(platform: Platform, app: str | None, safari: bool) -> None:
    of = rules(rule("r", Action.TUNNEL, "a.example"))
    unmatched = evaluate(of, flow("b.example", app, platform))
    assert (unmatched.action, unmatched.reason) == (
        (Action.BYPASS, DecisionReason.SAFARI_HAS_NO_DEFAULT)
        if safari
        else (Action.BLOCK, DecisionReason.DEFAULT_ACTION)
    )
    assert evaluate(of, flow("a.example", app, platform)).rule == "r"


def test_a_known_address_matches_address_patterns_and_an_unknown_one_does_not() -> None:
    of = rules(rule("r", Action.TUNNEL, "203.0.113.0/24:443"))
    assert evaluate(of, flow("a.example", address=parse_address("203.0.113.9"))).rule == "r"
    assert evaluate(of, flow("203.0.113.9")).rule == "r"
    assert evaluate(of, flow("203.0.113.9", port=80)).rule is None
    assert evaluate(of, flow("a.example")).rule is None


def test_the_apex_switch_belongs_to_the_set() -> None:
    off = rules(rule("r", Action.TUNNEL, "*.a.example"))
    on = dataclasses.replace(off, wildcard_matches_apex=True)
    assert evaluate(off, flow("a.example")).rule is None
    assert evaluate(on, flow("a.example")).rule == "r"
