"""Explanations: the whole trace, what nearly happened, and never another decision than the engine's."""

from __future__ import annotations

import dataclasses
import json

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import (
    Action,
    Address,
    Flow,
    Mode,
    Name,
    Platform,
    Rule,
    RuleSet,
    parse_address,
    parse_host,
    parse_rule_set,
)
from dtr_rules.destinations import parse_destination
from dtr_rules.evaluate import evaluate, match
from dtr_rules.explain import explain
from dtr_rules.explanation import Check, Explanation, Verdict
from dtr_rules.reasons import DecisionReason

OUTLOOK = "com.microsoft.Office.Outlook"


@pytest.fixture
def rule_set(login_rules: str) -> RuleSet:
    return parse_rule_set(login_rules, "rules.yaml").rule_set


def flow(host: str, app: str | None = OUTLOOK, platform: Platform = Platform.IOS, **more: object) -> Flow:
    return Flow(platform=platform, host=parse_host(host), app=app, **more)  # type: ignore[arg-type]


def verdicts(explanation: Explanation) -> list[Verdict]:
    return [rule.verdict for rule in explanation.rules]


def test_a_match_stops_the_looking_and_shows_what_would_follow(rule_set: RuleSet) -> None:
    found = explain(rule_set, flow("acme.okta.com"))
    assert found.decision == evaluate(rule_set, flow("acme.okta.com"))
    assert [rule.looked_at for rule in found.rules] == [True, False, False]
    assert verdicts(found) == [Verdict.MATCHED, Verdict.OTHER_APP, Verdict.MATCHED]
    assert found.otherwise is not None
    assert (found.otherwise.rule, found.otherwise.rule_index) == ("partner", 2)
    assert found.differs_otherwise
    assert "certificate" in found.next_step


def test_a_rule_that_changes_nothing_is_seen(rule_set: RuleSet) -> None:
    doubled = dataclasses.replace(rule_set, rules=(rule_set.rules[0], *rule_set.rules))
    found = explain(doubled, flow("acme.okta.com"))
    assert found.otherwise is not None
    assert found.otherwise.rule_index == 1
    assert not found.differs_otherwise


@pytest.mark.parametrize(
    ("of", "index", "verdict", "near_miss"),
    [
        pytest.param(
            flow("acme.okta.com", platform=Platform.WINDOWS),
            0,
            Verdict.OTHER_PLATFORM,
            "would match on ios or android",
            id="platform",
        ),
        pytest.param(
            flow("outlook.office365.com", port=993),
            1,
            Verdict.OTHER_APP,
            "would match for com.example.oldmail",
            id="app",
        ),
        pytest.param(
            flow("outlook.office365.com", None, port=993),
            1,
            Verdict.APP_UNKNOWN,
            "would match if the app were com.example.oldmail",
            id="app-not-known",
        ),
        pytest.param(
            flow("outlook.office365.com", "com.example.oldmail"),
            1,
            Verdict.OTHER_PORT,
            "would match on port 993",
            id="port",
        ),
        pytest.param(
            flow("partner.example"),
            2,
            Verdict.APEX_NOT_COVERED,
            "would match with wildcard-matches-apex: true",
            id="apex",
        ),
        pytest.param(
            flow("sts.example"),
            0,
            Verdict.ADDRESS_UNKNOWN,
            "would match if the address were in 203.0.113.0/24",
            id="address-not-known",
        ),
        pytest.param(
            flow("203.0.113.9", port=80), 0, Verdict.OTHER_PORT, "would match on port 443", id="port-of-an-address"
        ),
        pytest.param(
            flow("outlook.office365.com", port=80), 1, Verdict.OTHER_APP, None, id="two-things-missing-is-no-near-miss"
        ),
        pytest.param(
            flow("other.example", address=parse_address("192.0.2.1")), 0, Verdict.OTHER_DESTINATION, None, id="far"
        ),
    ],
)
def test_why_a_rule_did_not_match(
    rule_set: RuleSet, of: Flow, index: int, verdict: Verdict, near_miss: str | None
) -> None:
    trace = explain(rule_set, of).rules[index]
    assert (trace.verdict, trace.near_miss, trace.looked_at) == (verdict, near_miss, True)


def test_everything_that_stands_in_the_way_is_said(rule_set: RuleSet) -> None:
    first, second, third = explain(rule_set, flow("outlook.office365.com", platform=Platform.WINDOWS)).rules
    assert first.verdicts == (Verdict.OTHER_PLATFORM, Verdict.ADDRESS_UNKNOWN)
    assert second.verdicts == (Verdict.OTHER_APP, Verdict.OTHER_PORT)
    assert second.text == (
        f"for com.example.oldmail, and the app is {OUTLOOK}; "
        "'outlook.office365.com:993' matches the host but not port 443"
    )
    assert third.verdicts == (Verdict.OTHER_DESTINATION,)


def test_a_destination_that_fits_is_shown_although_the_rule_does_not_match(rule_set: RuleSet) -> None:
    trace = explain(rule_set, flow("acme.okta.com", platform=Platform.WINDOWS)).rules[0]
    assert trace.text == "for ios or android, and the device is windows; 'acme.okta.com' would match"


def test_every_way_to_match_is_a_near_miss_not_only_the_first() -> None:
    destinations = tuple(
        map(parse_destination, ("192.0.2.0/24", "a.example:993", "a.example:8000-8100", "*.a.example"))
    )
    rule = Rule("r", frozenset(Platform), None, Action.BLOCK, destinations)
    (trace,) = explain(RuleSet("s", Mode.PER_APP, Action.BYPASS, (rule,)), flow("a.example")).rules
    assert trace.near_miss == (
        "would match if the address were in 192.0.2.0/24, or on port 993 or 8000-8100, "
        "or with wildcard-matches-apex: true"
    )


@pytest.mark.parametrize(
    ("platform", "app", "hint"),
    [
        pytest.param(Platform.ANDROID, "com.Example.OldMail", "nearest is com.example.oldmail (upper", id="case"),
        pytest.param(Platform.IOS, "com.example.olmail", "nearest is com.example.oldmail", id="typo"),
        pytest.param(Platform.IOS, "com.example.chat", None, id="another-app-of-the-maker"),
    ],
)
def test_the_app_that_came_nearest(rule_set: RuleSet, platform: Platform, app: str, hint: str | None) -> None:
    text = explain(rule_set, flow("outlook.office365.com", app, platform, port=993)).rules[1].text
    assert ("nearest" in text) is (hint is not None)
    assert (hint or "") in text


def test_later_rules_that_match_say_whether_they_would_decide_otherwise(rule_set: RuleSet) -> None:
    first, second, third = rule_set.rules
    found = explain(dataclasses.replace(rule_set, rules=(first, second, first, third)), flow("acme.okta.com"))
    assert [(each.number, differs) for each, differs in found.later] == [(3, False), (4, True)]
    assert [each["differs"] for each in found.as_json()["later"]] == [False, True]  # type: ignore[attr-defined]
    assert explain(rule_set, flow("login.microsoftonline.com")).later == ()


@pytest.mark.parametrize(
    ("of", "decision"),
    [
        pytest.param(flow("acme.okta.com", on_trusted_network=True), (Action.TUNNEL, 0), id="on-another-network"),
        pytest.param(flow("acme.okta.com", in_vpn_profile=False), (Action.TUNNEL, 0), id="in-the-vpn-profile"),
        pytest.param(flow("localhost"), None, id="loopback-is-loopback"),
        pytest.param(flow("acme.okta.com"), None, id="the-rules-were-asked"),
    ],
)
def test_what_the_rules_would_have_said(rule_set: RuleSet, of: Flow, decision: tuple[Action, int] | None) -> None:
    other = explain(rule_set, of).without_check
    assert (None if other is None else (other.action, other.rule_index)) == decision


@pytest.mark.parametrize(
    ("mode", "of", "handed_over"),
    [
        pytest.param(Mode.PER_APP, flow("a.example", in_vpn_profile=True), True, id="carries-the-profile"),
        pytest.param(Mode.PER_APP, flow("a.example", in_vpn_profile=False), False, id="does-not-carry-it"),
        pytest.param(Mode.PER_APP, flow("a.example"), None, id="nobody-says"),
        pytest.param(Mode.FULL_DEVICE, flow("a.example"), True, id="full-device"),
        pytest.param(Mode.FULL_DEVICE, flow("localhost"), False, id="loopback"),
        pytest.param(Mode.FULL_DEVICE, flow("a.example", on_trusted_network=True), False, id="trusted-network"),
    ],
)
def test_whether_the_traffic_is_handed_to_the_tunnel_client(
    rule_set: RuleSet, mode: Mode, of: Flow, handed_over: bool | None
) -> None:
    found = explain(dataclasses.replace(rule_set, mode=mode), of)
    assert found.handed_over is handed_over
    assert found.as_json()["handed_over"] is handed_over


@pytest.mark.parametrize(
    ("host", "nearest"),
    [
        pytest.param("acmee.okta.com", "acme.okta.com", id="typo"),
        pytest.param("login.acme.okta.com", "acme.okta.com", id="subdomain"),
        pytest.param("login.microsoftonline.co", "login.microsoftonline.com", id="other-top-level"),
        pytest.param("203.0.114.1", "203.0.113.0/24:443", id="address-beside-the-network"),
        pytest.param("example.org", None, id="nothing-alike"),
        pytest.param("shop.example.com", None, id="only-the-top-level-in-common"),
        pytest.param("198.51.100.1", None, id="address-far-away"),
    ],
)
def test_the_destination_that_came_nearest(rule_set: RuleSet, host: str, nearest: str | None) -> None:
    resolved = parse_address("198.51.100.1")
    trace = explain(rule_set, flow(host, address=resolved)).rules[0]
    assert (trace.verdict, trace.pattern) == (Verdict.OTHER_DESTINATION, nearest)


def test_a_typo_shows_even_where_the_address_is_not_known(rule_set: RuleSet) -> None:
    assert "nearest is 'acme.okta.com'" in explain(rule_set, flow("acmee.okta.com")).rules[0].text


@pytest.mark.parametrize(
    ("of", "check", "part"),
    [
        pytest.param(flow("localhost"), Check.LOOPBACK, "device itself", id="loopback"),
        pytest.param(flow("a.example", on_trusted_network=True), Check.TRUSTED_NETWORK, "stands down", id="trusted"),
        pytest.param(flow("a.example", in_vpn_profile=False), Check.VPN_PROFILE, "never sees", id="no-profile"),
    ],
)
def test_a_check_before_the_rules_ends_the_matter(rule_set: RuleSet, of: Flow, check: Check, part: str) -> None:
    found = explain(rule_set, of)
    assert [each.decides for each in found.checks] == [False] * (len(found.checks) - 1) + [True]
    assert found.checks[-1].check is check
    assert not any(rule.looked_at or rule.near_miss for rule in found.rules)
    assert part in found.next_step
    assert found.otherwise is None
    assert not found.doubts


def test_what_is_not_known_and_could_change_the_decision(rule_set: RuleSet) -> None:
    found = explain(rule_set, flow("outlook.office365.com", None, port=993))
    assert [doubt.split(" (")[0] for doubt in found.doubts] == [
        "rule 2 'legacy-mail'",
        "without the VPN profile the app's traffic would go directly, whatever the rules say",
    ]
    known = flow("a.example", address=parse_address("192.0.2.1"), in_vpn_profile=True)
    assert not explain(rule_set, known).doubts


@pytest.mark.parametrize(
    ("action", "part"),
    [
        (Action.TUNNEL, "asks the gateway for a.example:443"),
        (Action.BYPASS, "connects to a.example:443 directly"),
        (Action.BLOCK, "drops"),
        (Action.PROXY, "the proxy p.example:80"),
        (Action.TUNNEL_PROXY, "through the gateway to the proxy p.example:80"),
        (Action.WEB_PROXY, "the web proxy p.example:80"),
    ],
)
def test_what_the_device_does_next(action: Action, part: str) -> None:
    proxy = "p.example:80" if action.needs_proxy else None
    rules = RuleSet(name="s", mode=Mode.PER_APP, default=action, rules=(), default_proxy=proxy)
    assert part in explain(rules, flow("a.example")).next_step


def test_an_ipv6_host_stands_in_brackets_before_its_port(rule_set: RuleSet) -> None:
    assert "[2001:db8::1]:443" in explain(rule_set, flow("2001:db8::1")).next_step


def test_many_apps_are_counted_not_listed() -> None:
    apps = frozenset(f"com.example.{letter}" for letter in "abcde")
    rule = Rule("r", frozenset(Platform), apps, Action.BLOCK, (parse_destination("*"),))
    rules = RuleSet(name="s", mode=Mode.PER_APP, default=Action.BYPASS, rules=(rule,))
    (trace,) = explain(rules, flow("a.example")).rules
    assert trace.near_miss == "would match for com.example.a, com.example.b, com.example.c or 2 more"


def test_the_json_form_is_plain_and_complete(rule_set: RuleSet) -> None:
    document = json.loads(json.dumps(explain(rule_set, flow("acme.okta.com")).as_json()))
    assert document["v"] == 1
    assert document["rule_set"]["digest"] == rule_set.digest
    assert document["flow"] == {
        "platform": "ios",
        "app": OUTLOOK,
        "host": "acme.okta.com",
        "port": 443,
        "address": None,
        "in_vpn_profile": None,
        "network": "other",
    }
    assert document["decision"] == {
        "action": "tunnel",
        "reason": "rule",
        "rule": "identity-providers",
        "rule_index": 0,
        "destination": "acme.okta.com",
        "proxy": None,
    }
    assert [check["check"] for check in document["checks"]] == ["loopback", "trusted-network", "vpn-profile"]
    assert [rule["verdict"] for rule in document["rules"]] == ["matched", "other-app", "matched"]
    assert document["otherwise"]["decision"]["rule_index"] == 2
    assert document["otherwise"]["differs"] is True


# --- properties ----------------------------------------------------------------------------------------------

PATTERNS = [
    "a.example", "*.a.example", "*a.example:443", "*x*", "a*", "*", "192.0.2.0/24", "192.0.2.1-192.0.2.9:80-443",
    "2001:db8::/32", "[2001:db8::1]:443", "localhost",
]  # fmt: skip
HOSTS = ["a.example", "x.a.example", "xa.example", "192.0.2.5", "2001:db8::1", "localhost", "127.0.0.1", "b"]
APPS = ["com.example.a", "com.example.b", "com.apple.mobilesafari", "com.apple.Safari"]

destinations = st.sampled_from(PATTERNS).map(parse_destination)
some_rules = st.builds(
    Rule,
    name=st.just("r"),
    platforms=st.frozensets(st.sampled_from(Platform), min_size=1),
    apps=st.none() | st.frozensets(st.sampled_from(APPS), min_size=1, max_size=2),
    action=st.sampled_from(Action),
    destinations=st.lists(destinations, min_size=1, max_size=3).map(tuple),
    proxy=st.none(),
)
rule_sets = st.builds(
    RuleSet,
    name=st.just("s"),
    mode=st.sampled_from(Mode),
    default=st.sampled_from(Action),
    rules=st.lists(some_rules, max_size=4).map(
        lambda rules: tuple(dataclasses.replace(rule, name=f"r{index}") for index, rule in enumerate(rules))
    ),
    profile_apps=st.none() | st.frozensets(st.sampled_from(APPS), min_size=1, max_size=3),
    wildcard_matches_apex=st.booleans(),
)
flows = st.builds(
    Flow,
    platform=st.sampled_from(Platform),
    host=st.sampled_from(HOSTS).map(parse_host),
    port=st.sampled_from([80, 443, 8080]),
    app=st.none() | st.sampled_from(APPS),
    address=st.none() | st.sampled_from(["192.0.2.1", "192.0.2.200", "2001:db8::1", "8.8.8.8"]).map(parse_address),
    in_vpn_profile=st.sampled_from([None, None, True, False]),
    on_trusted_network=st.sampled_from([False, False, True]),
)


@given(rule_sets, flows)
@tried(300)
def test_the_trace_leads_to_the_engines_decision(rule_set: RuleSet, of: Flow) -> None:
    found, decision = explain(rule_set, of), evaluate(rule_set, of)
    assert found.decision == decision
    looked_at = [rule for rule in found.rules if rule.looked_at]
    matched = [rule.index for rule in looked_at if rule.verdict is Verdict.MATCHED]
    assert matched == ([] if decision.rule_index is None else [decision.rule_index])
    assert [rule.index for rule in looked_at] == list(range(len(looked_at)))
    stopped = any(check.decides for check in found.checks)
    early = (DecisionReason.LOOPBACK, DecisionReason.GO_DIRECT, DecisionReason.NOT_IN_VPN_PROFILE)
    assert stopped is (decision.reason in early)
    if not stopped and decision.rule_index is None:
        assert len(looked_at) == len(rule_set.rules)


@given(rule_sets, flows)
@tried(300)
def test_every_verdict_is_what_the_engine_makes_of_the_rule(rule_set: RuleSet, of: Flow) -> None:
    for trace in explain(rule_set, of).rules:
        destination = match(rule_set, rule_set.rules[trace.index], of)
        assert (trace.verdicts == (Verdict.MATCHED,)) is (destination is not None)
        assert (trace.verdict is Verdict.MATCHED) is (destination is not None)
        if destination is not None:
            assert trace.pattern == destination.written


@given(rule_sets, flows)
@tried(300)
def test_a_near_miss_is_true_once_the_missing_thing_is_there(rule_set: RuleSet, of: Flow) -> None:
    for trace in explain(rule_set, of).rules:
        rule = rule_set.rules[trace.index]
        if trace.near_miss is not None:
            assert any(match(*each) for each in mended(trace.verdict, rule_set, rule, of)), trace


@given(rule_sets, flows)
@tried(200)
def test_what_is_said_of_another_decision_is_what_the_engine_says(rule_set: RuleSet, of: Flow) -> None:
    found = explain(rule_set, of)
    if found.decision.rule_index is not None:
        later = {index for index, rule in enumerate(rule_set.rules) if match(rule_set, rule, of)}
        assert {each.index for each, _ in found.later} == later - {found.decision.rule_index}
        assert found.handed_over is not False
    if found.without_check is not None:
        assert found.handed_over is False
        assert found.without_check != found.decision


def mended(verdict: Verdict, rule_set: RuleSet, rule: Rule, of: Flow) -> list[tuple[RuleSet, Rule, Flow]]:
    """The flow, or the set, with the one thing changed that the verdict says is missing."""
    match_on = dataclasses.replace
    if verdict is Verdict.OTHER_PLATFORM:
        return [(rule_set, rule, match_on(of, platform=each)) for each in rule.platforms]
    if verdict in (Verdict.OTHER_APP, Verdict.APP_UNKNOWN):
        return [(rule_set, rule, match_on(of, app=each)) for each in rule.apps or ()]
    if verdict is Verdict.OTHER_PORT:
        return [(rule_set, rule, match_on(of, port=port)) for port in (80, 443)]
    if verdict is Verdict.APEX_NOT_COVERED:
        return [(match_on(rule_set, wildcard_matches_apex=True), rule, of)]
    assert verdict is Verdict.ADDRESS_UNKNOWN
    assert isinstance(of.host, Name)
    known: list[Address] = [parse_address("192.0.2.1"), parse_address("2001:db8::1")]
    return [(rule_set, rule, match_on(of, address=each)) for each in known]
