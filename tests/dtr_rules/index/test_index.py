"""The index decides as the reference does, whatever the rule set and the flow."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pytest
from examples import tried
from generated_rules import flows, rule_sets
from hypothesis import example, given
from hypothesis import strategies as st

from dtr_rules import Action, Flow, Mode, Platform, Rule, RuleSet, parse_address, parse_host
from dtr_rules.destinations import Destination, NamePattern, parse_destination
from dtr_rules.evaluate import evaluate
from dtr_rules.hosts import Name
from dtr_rules.index import Index
from dtr_rules.index.entries import CROWD
from dtr_rules.index.middles import FEW

OUTLOOK = "com.microsoft.Office.Outlook"


def rule(name: str, *to: str, apps: Iterable[str] | None = None, on: Iterable[Platform] = Platform) -> Rule:
    audience = None if apps is None else frozenset(apps)
    return Rule(name, frozenset(on), audience, Action.TUNNEL, tuple(map(parse_destination, to)))


def rules(*of: Rule, apex: bool = False) -> RuleSet:
    return RuleSet("s", Mode.PER_APP, Action.BLOCK, of, wildcard_matches_apex=apex)


def flow(host: str, app: str | None = OUTLOOK, platform: Platform = Platform.IOS, port: int = 443) -> Flow:
    return Flow(platform, parse_host(host), port, app)


@given(rule_sets(), st.lists(flows(), min_size=1, max_size=12))
@tried(200)
def test_the_index_equals_the_reference(rule_set: RuleSet, asked: list[Flow]) -> None:
    index = Index(rule_set)
    for each in asked:
        assert index.decide(each) == evaluate(rule_set, each)


@given(rule_sets(max_rules=30), st.lists(flows(), min_size=20, max_size=20))
@tried(50)
def test_it_does_so_for_a_rule_set_that_says_the_same_again_and_again(rule_set: RuleSet, asked: list[Flow]) -> None:
    """One pattern in many rules: only the first rule that is for the app may decide."""
    everywhere = tuple({each for one in rule_set.rules for each in one.destinations})[:5]
    crowded = dataclasses.replace(
        rule_set, rules=tuple(dataclasses.replace(one, destinations=everywhere or ()) for one in rule_set.rules)
    )
    index = Index(crowded)
    for each in asked:
        assert index.decide(each) == evaluate(crowded, each)


letters = st.text(alphabet="ab.-", min_size=1, max_size=6)


@given(st.lists(letters, min_size=FEW + 1, max_size=3 * FEW, unique=True), st.lists(letters, min_size=5, max_size=20))
@tried(100)
@example(["a", *(f"{n}bc" for n in range(FEW))], ["a", "0bc0bc"])
def test_many_texts_in_the_middle_are_all_found(texts: list[str], hosts: list[str]) -> None:
    patterns = [Destination(NamePattern(text, open_start=True, open_end=True)) for text in texts]
    rule_set = rules(
        *(Rule(str(n), frozenset(Platform), None, Action.TUNNEL, (each,)) for n, each in enumerate(patterns))
    )
    index = Index(rule_set)
    for host in hosts:
        asked = Flow(Platform.IOS, Name(host))
        assert index.decide(asked) == evaluate(rule_set, asked)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("port", [80, 443])
def test_a_pattern_that_many_rules_share_is_decided_by_app(platform: Platform, port: int) -> None:
    per_app = [rule(f"for {n}", "*.corp.example", apps=[f"com.Example.{n}"]) for n in range(3 * CROWD)]
    rule_set = rules(
        rule("windows", "*.corp.example:80", on=[Platform.WINDOWS]),
        *per_app,
        rule("mac", "*.corp.example", on=[Platform.MACOS]),
        rule("two", "*.corp.example:443", apps=["com.example.7", "com.example.none"]),
        rule("elsewhere", "other.example", apps=["com.example.elsewhere"]),
        rule("rest", "*.corp.example"),
    )
    index = Index(rule_set)
    for app in (
        None,
        "com.example.other",
        "com.example.elsewhere",
        "com.example.none",
        "com.example.7",
        "com.Example.7",
        "COM.EXAMPLE.40",
    ):
        asked = flow("a.corp.example", app, platform, port)
        assert index.decide(asked) == evaluate(rule_set, asked)


@st.composite
def one_host(draw: st.DrawFn) -> RuleSet:
    """Many rules for one host that differ by port, and by app and platform."""
    ends = st.lists(st.integers(1, 40), min_size=2, max_size=2).map(sorted)
    some = st.none() | st.frozensets(st.sampled_from(["com.example.a", "com.example.b"]), min_size=1)
    drawn = draw(st.lists(st.tuples(ends, some, st.frozensets(st.sampled_from(Platform), min_size=1)), max_size=60))
    return rules(
        *(
            rule(f"r{n}", f"*.corp.example:{first}-{last}", apps=apps, on=on)
            for n, ((first, last), apps, on) in enumerate(drawn)
        )
    )


@given(one_host())
@tried(60)
def test_rules_for_one_host_are_told_apart_by_port(rule_set: RuleSet) -> None:
    index = Index(rule_set)
    for port in (0, 1, 2, 7, 19, 20, 21, 33, 40, 41, 65535):
        for app in (None, "com.example.a", "com.example.c"):
            asked = flow("a.corp.example", app, Platform.IOS, port)
            assert index.decide(asked) == evaluate(rule_set, asked)


def test_the_decision_names_the_rule_and_the_pattern_as_it_is_written() -> None:
    index = Index(rules(rule("one", "b.example"), rule("two", "x.example", "*.EXAMPLE:443", "*.example")))
    decision = index.decide(flow("a.example"))
    assert (decision.rule, decision.rule_index, decision.destination) == ("two", 1, "*.EXAMPLE:443")


@pytest.mark.parametrize(
    ("patterns", "host", "decides"),
    [
        pytest.param(["*okta.com", "*.okta.com"], "acme.okta.com", 0, id="half-label-before-whole"),
        pytest.param(["*.okta.com", "*okta.com"], "acme.okta.com", 0, id="whole-label-before-half"),
        pytest.param(["*.acme.okta.com", "*okta.com"], "okta.com", 1, id="half-label-is-the-whole-name"),
        pytest.param(["acme*", "a*", "*"], "acme.okta.com", 0, id="start"),
        pytest.param(["acme.okta*", "acme.o*"], "acme.okta.com", 0, id="start-over-a-dot"),
        pytest.param(["*.okta.*", "*okta*"], "okta.com", 1, id="middle"),
        pytest.param(["*m", "*"], "okta.com", 0, id="half-of-the-last-label"),
        pytest.param(["*.m", "*"], "m", 1, id="a-dotted-end-is-not-the-name"),
        pytest.param(["*longer-than-the-name.com", "*"], "name.com", 1, id="half-label-longer-than-what-is-there"),
        pytest.param(["0.0.0.0/0", "192.0.2.0/24", "*"], "192.0.2.7", 0, id="address-in-the-wider"),
        pytest.param(["192.0.2.8/29", "192.0.2.0-192.0.2.7", "*"], "192.0.2.7", 1, id="address-at-an-end"),
        pytest.param(["192.0.2.0/24:80", "192.0.2.0/23", "192.0.2.0/24"], "192.0.2.7", 1, id="range-that-stands-twice"),
        pytest.param(["192.0.2.0/24", "*"], "192.0.1.255", 1, id="address-before-all"),
        pytest.param(["192.0.2.0/24", "*"], "192.0.3.0", 1, id="address-behind-all"),
        pytest.param(["::/0", "*"], "192.0.2.7", 1, id="address-of-the-other-version"),
        pytest.param(["192.0.2.7", "*"], "name.com", 1, id="address-not-known"),
    ],
)
def test_which_pattern_decides(patterns: list[str], host: str, decides: int) -> None:
    rule_set = rules(*(rule(each, each) for each in patterns))
    assert Index(rule_set).decide(flow(host)).rule == patterns[decides]
    assert evaluate(rule_set, flow(host)).rule == patterns[decides]


@pytest.mark.parametrize("pattern", ["*.okta.com", "*xokta.com", "*.okta.*", "*xokta*", "*.*", "okta*", "okta.com"])
@pytest.mark.parametrize("host", ["okta.com", "a.okta.com", "xokta.com", "okta.org", "intranet", "192.0.2.1"])
@pytest.mark.parametrize("apex", [True, False])
def test_the_apex_switch(pattern: str, host: str, apex: bool) -> None:
    rule_set = rules(rule("r", pattern), apex=apex)
    assert Index(rule_set).decide(flow(host)) == evaluate(rule_set, flow(host))


@pytest.mark.parametrize("count", [2, 3, 5, 64, 65])
def test_ranges_in_one_another_are_all_found(count: int) -> None:
    nested = [f"10.0.0.{count - n}-10.0.{count}.{count + n}" for n in range(count)]
    rule_set = rules(*(rule(each, f"{each}:{n + 1}") for n, each in enumerate(nested)))
    index = Index(rule_set)
    for host in ("10.0.0.1", f"10.0.0.{count}", f"10.0.{count}.{count}", f"10.0.{count}.{2 * count}", "10.0.0.0"):
        for port in (1, 2, count):
            asked = dataclasses.replace(flow("a.example", port=port), address=parse_address(host))
            assert index.decide(asked) == evaluate(rule_set, asked)
