"""Coverage: what decided a test and, for everything else, why it did not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import Expectation, Flow, Platform, RuleSet, RuleTest, parse_host, parse_rule_set
from dtr_rules.analysis import Covered, NotCovered, NotDecided, covering
from dtr_rules.coverage import Coverage, Item, Standing, cover, percent
from dtr_rules.coverage_words import why
from dtr_rules.evaluate import evaluate, match
from dtr_rules.mistakes import Place
from dtr_rules.outcomes import run
from dtr_rules.suites import PlacedTest, Suite

RULES = """\
version: 1
name: s
mode: per-app
default: bypass
profile-apps: [com.a, com.b]
rules:
  - {name: mail, apps: [com.b], action: block, to: ["*.mail.example", "imap.mail.example:993"]}
  - {name: login, platforms: [ios, android], apps: all, action: tunnel, to: [acme.okta.com, "*.okta.com"]}
  - {name: again, platforms: [ios], apps: all, action: block, to: [acme.okta.com]}
  - {name: windows-too, apps: all, action: tunnel, to: [acme.okta.com]}
"""
FILE = parse_rule_set(RULES, "r.yaml")


def flow(host: str, app: str = "com.a", platform: Platform = Platform.IOS) -> Flow:
    return Flow(platform, parse_host(host), app=app)


def coverage(*flows: Flow, rule_set: RuleSet = FILE.rule_set, ask: bool = True) -> Coverage:
    tests = tuple(
        PlacedTest(RuleTest(f"test {index}", each, Expectation()), Place("r.yaml", 1, 1))
        for index, each in enumerate(flows)
    )
    file = dataclasses.replace(FILE, rule_set=rule_set)
    ran = run(Suite(Path("r.yaml"), file, tests), lambda of: evaluate(rule_set, of))

    def can_decide(rule: int, destination: int | None) -> Covered | NotCovered | NotDecided:
        return covering(rule_set, rule, destination) if ask else NotDecided("nobody asked")

    return cover(ran, can_decide)


def item(found: Coverage, rule: int, destination: int | None = None) -> Item:
    rules = found.rules[rule]
    return rules.rule if destination is None else rules.destinations[destination]


def test_what_decides_a_test_is_decided() -> None:
    found = coverage(flow("acme.okta.com"), flow("x.okta.com"), flow("y.okta.com"), flow("other.example"))
    assert (item(found, 1).standing, item(found, 1).tests) == (Standing.DECIDED, 3)
    assert [each.tests for each in found.rules[1].destinations] == [1, 2]
    assert found.default_tests == 1
    assert (found.decided, found.total) == (3, 10)
    assert why(item(found, 1, 0), found.rule_set) == ""


def test_what_no_test_matches_is_never_reached_and_shows_a_flow_that_would() -> None:
    found = coverage()
    never = item(found, 1, 1)
    assert (never.standing, never.winner) == (Standing.NEVER_REACHED, None)
    assert isinstance(never.can_decide, NotCovered)
    assert why(never, found.rule_set).startswith("never reached; example flow: ")
    assert coverage(never.can_decide.example).rules[1].destinations[1].standing is Standing.DECIDED


@pytest.mark.parametrize(
    ("flows", "where", "won"),
    [
        pytest.param(
            [flow("acme.okta.com")], (3, 0), "'test 0' reached it, but rule 2 'login' (tunnel) won", id="earlier-rule"
        ),
        pytest.param(
            [flow("other.example"), flow("acme.okta.com", platform=Platform.ANDROID)],
            (3, None),
            "'test 1' reached it, but rule 2 'login' (tunnel) won",
            id="the-rule-as-a-whole",
        ),
        pytest.param(
            [flow("acme.okta.com")],
            (1, 1),
            "'test 0' reached it, but 'acme.okta.com', earlier in this rule, won",
            id="earlier-in-the-same-rule",
        ),
        pytest.param(
            [flow("x.okta.com", "com.c")],
            (1, 1),
            "'test 0' reached it, but not-in-vpn-profile comes before the rules",
            id="check-before-the-rules",
        ),
    ],
)
def test_what_a_test_matches_and_something_earlier_decides(
    flows: list[Flow], where: tuple[int, int | None], won: str
) -> None:
    found = coverage(*flows)
    reached = item(found, *where)
    assert reached.standing is Standing.EARLIER_WON
    assert why(reached, found.rule_set).startswith(won)
    assert isinstance(reached.can_decide, NotCovered)


def test_what_can_never_decide_is_covered_and_says_by_what_and_whether_that_does_something_else() -> None:
    found = coverage(flow("acme.okta.com"))
    for covered in (item(found, 2), item(found, 2, 0)):
        assert covered.standing is Standing.COVERED
        assert why(covered, found.rule_set).startswith(
            "covered by rule 2 'login' (tunnel), with another action, as for com."
        )
        assert "'test 0' reached it" in why(covered, found.rule_set)


def test_a_destination_covered_within_its_own_rule() -> None:
    found = coverage()
    assert (
        why(item(found, 0, 1), found.rule_set) == "covered by earlier destinations of this rule, with the same action"
    )


def test_where_the_analysis_does_not_decide_it_is_said() -> None:
    found = coverage(flow("acme.okta.com"), ask=False)
    assert item(found, 2).standing is Standing.EARLIER_WON
    assert item(found, 0).standing is Standing.NEVER_REACHED
    assert why(item(found, 0), found.rule_set) == (
        "never reached; whether earlier rules cover it is not decided: nobody asked"
    )


def test_a_destination_written_twice_is_decided_once() -> None:
    rule = FILE.rule_set.rules[1]
    doubled = dataclasses.replace(rule, destinations=rule.destinations[:1] * 2)
    found = coverage(flow("acme.okta.com"), rule_set=dataclasses.replace(FILE.rule_set, rules=(doubled,)))
    assert [each.standing for each in found.rules[0].destinations] == [Standing.DECIDED, Standing.COVERED]


@pytest.mark.parametrize(
    ("decided", "total", "shown"),
    [
        pytest.param(0, 0, 100.0, id="nothing-there"),
        pytest.param(0, 3, 0.0, id="nothing-decided"),
        pytest.param(2, 3, 66.6, id="rounded-down"),
        pytest.param(9_999, 10_000, 99.9, id="never-100-for-less-than-all"),
        pytest.param(3, 3, 100.0, id="all"),
    ],
)
def test_percent(decided: int, total: int, shown: float) -> None:
    assert percent(decided, total) == shown


flows = st.builds(
    flow,
    host=st.sampled_from(["acme.okta.com", "x.okta.com", "imap.mail.example", "other.example", "localhost"]),
    app=st.sampled_from(["com.a", "com.b", "com.c"]),
    platform=st.sampled_from(Platform),
)


@given(st.lists(flows, max_size=6))
@tried(100)
def test_coverage_is_what_the_engine_did(of: list[Flow]) -> None:
    found = coverage(*of, ask=False)
    decisions = [evaluate(FILE.rule_set, each) for each in of]
    for index, each in enumerate(found.rules):
        assert each.rule.tests == sum(decision.rule_index == index for decision in decisions)
        matched = any(match(FILE.rule_set, FILE.rule_set.rules[index], flow) for flow in of)
        assert (each.rule.standing is Standing.NEVER_REACHED) is not matched
        assert each.rule.tests == sum(item.tests for item in each.destinations)
        assert all((item.winner is not None) is (item.standing is Standing.EARLIER_WON) for item in each.destinations)
