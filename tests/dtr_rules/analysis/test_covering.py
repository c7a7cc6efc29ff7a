"""Can a rule decide? Hand cases, each with the answer that a person would give after thinking it over."""

from __future__ import annotations

import pytest

from dtr_rules import Action, Address, Flow, Mode, Name, Platform, Rule, RuleSet, parse_address, parse_host
from dtr_rules.analysis import (
    Budget,
    Covered,
    NotCovered,
    NotDecided,
    Overlap,
    Standing,
    covering,
    example,
    never_deciding,
    overlapping,
    overlaps,
    prepare,
)
from dtr_rules.destinations import parse_destination
from dtr_rules.evaluate import evaluate

LONG = ".".join(["a" * 63] * 3)


def rule(
    *to: str, action: Action = Action.TUNNEL, apps: set[str] | None = None, on: set[Platform] | None = None
) -> Rule:
    return Rule(
        name=f"{action} {' '.join(to)}"[:80],
        platforms=frozenset(on or Platform),
        apps=None if apps is None else frozenset(apps),
        action=action,
        destinations=tuple(map(parse_destination, to)),
    )


def rules(*of: Rule, apex: bool = False, **more: object) -> RuleSet:
    given = {"mode": Mode.PER_APP, "default": Action.BYPASS, **more}
    return RuleSet(name="s", rules=of, wildcard_matches_apex=apex, **given)  # type: ignore[arg-type]


def last(*of: Rule, **more: object) -> Covered | NotCovered | NotDecided:
    return covering(rules(*of, **more), len(of) - 1)  # type: ignore[arg-type]


EVERY_LETTER = "abcdefghijklmnopqrstuvwxyz0123456789-"


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        pytest.param(["*.okta.com"], "acme.okta.com", True, id="exact-in-suffix"),
        pytest.param(["*.okta.com"], "okta.com", False, id="the-apex-is-not-below-itself"),
        pytest.param(["*okta.com"], "*.okta.com", True, id="dotless-suffix-takes-the-dotted-one"),
        pytest.param(["*.okta.com"], "*okta.com", False, id="and-more-than-that"),
        pytest.param(["*.okta.com", "okta.com"], "*okta.com", False, id="look-alikes-are-left"),
        pytest.param(["*okta*"], "*.okta.com", True, id="inner-wildcard-takes-a-suffix"),
        pytest.param(["*okta*"], "login.okta*", True, id="and-a-prefix"),
        pytest.param(["*.okta.*"], "*.okta.com", True, id="dots-included"),
        pytest.param(["*.okta.*"], "okta.com", False, id="but-not-at-the-start"),
        pytest.param(["login*"], "*.com", False, id="a-prefix-leaves-suffixes"),
        pytest.param(["*.com", "*com"], "*.com", True, id="repetition"),
        pytest.param(["*"], "192.0.2.0/24", True, id="everything-takes-addresses"),
        pytest.param(["*"], "*", True, id="everything-takes-everything"),
        pytest.param(["*.*"], "*", False, id="single-labels-are-left"),
        pytest.param([f"*{letter}*" for letter in EVERY_LETTER[:-1]], "*", False, id="names-gone-addresses-left"),
        pytest.param(
            [*(f"*{letter}*" for letter in EVERY_LETTER[:-1]), "0.0.0.0/0", "::/0"], "*", True, id="nothing-left"
        ),
        pytest.param([f"*{letter}.okta" for letter in EVERY_LETTER], "*.okta", True, id="every-letter-before"),
        pytest.param([f"*{letter}.okta" for letter in EVERY_LETTER[1:]], "*.okta", False, id="one-letter-missing"),
        pytest.param(
            [f"*{letter}.okta" for letter in EVERY_LETTER if letter != "-"], "*.okta", True, id="no-label-ends-so"
        ),
        pytest.param(
            [f"*{letter}a" for letter in "bcdefghijklmnopqrstuvwxyz-."] + ["*aa", "a"], "*a", False, id="digits-left"
        ),
        pytest.param([f"{letter}*" for letter in EVERY_LETTER if letter != "-"], "*", False, id="every-start"),
        pytest.param([f"*{LONG}"], f"*.{LONG}", True, id="long-suffix"),
        pytest.param([f"{LONG}", f"*.{LONG}"], f"*{LONG}", True, id="a-full-label-takes-no-letter-more"),
        pytest.param([f"b.{LONG}"], f"*.{LONG}", False, id="one-host-of-many"),
        pytest.param(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8", True, id="two-halves-of-a-network"),
        pytest.param(["10.0.0.0/9", "10.128.0.0-10.255.255.254"], "10.0.0.0/8", False, id="one-address-left"),
        pytest.param(["10.0.0.0/8"], "*.okta.com", False, id="addresses-do-not-cover-names"),
        pytest.param(["*.okta.com"], "10.0.0.0/8", False, id="nor-names-addresses"),
        pytest.param(["0.0.0.0/0"], "::ffff:0:0/96", True, id="ipv4-mapped-addresses-are-ipv4"),
        pytest.param([], "127.0.0.0/8", False, id="a-name-may-resolve-to-loopback"),
        pytest.param(["*"], "127.0.0.0/8", True, id="unless-every-name-is-taken"),
        pytest.param(["a.com:1-442", "a.com:443", "a.com:444-65535"], "a.com", True, id="ports-put-together"),
        pytest.param(["a.com:1-442", "a.com:444-65535"], "a.com", False, id="one-port-left"),
        pytest.param(["*.com:1-500", "a*:400-65535"], "a.com", True, id="patterns-that-share-the-ports"),
        pytest.param(["*.com:1-500", "a*:400-65535"], "*.com", False, id="of-one-host-only"),
        pytest.param([], "localhost", True, id="loopback-never-reaches-a-rule"),
        pytest.param([], "*.localhost", True, id="nor-does-anything-below"),
        pytest.param([], "*localhost", False, id="a-look-alike-does"),
        pytest.param(["a-*", "*-a"], "*-*", False, id="hyphens"),
    ],
)  # fmt: skip
def test_one_destination_after_others(earlier: list[str], later: str, covered: bool) -> None:
    answer = last(*(rule(each) for each in earlier), _lenient(later))
    assert isinstance(answer, Covered if covered else NotCovered)


def _lenient(to: str) -> Rule:
    """A rule for `to`, mapped addresses too, which a file may not write."""
    try:
        return rule(to)
    except ValueError:
        return rule(to.replace("::ffff:0:0/96", "0.0.0.0/0"))


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        pytest.param(["*.okta.com"], "okta.com", True, id="apex"),
        pytest.param(["*.okta.com"], "*okta.com", False, id="not-look-alikes"),
        pytest.param(["*.okta.*"], "okta*", False, id="apex-of-an-inner-wildcard"),
        pytest.param(["*.okta.*"], "okta.*", True, id="is-a-prefix-with-its-dot"),
        pytest.param(["*.*"], "www", True, id="and-of-a-dot-alone-every-name"),
        pytest.param(["*.*"], "192.0.2.1", False, id="but-no-address"),
    ],
)
def test_with_wildcard_matches_apex(earlier: list[str], later: str, covered: bool) -> None:
    answer = last(*(rule(each) for each in earlier), rule(later), apex=True)
    assert isinstance(answer, Covered if covered else NotCovered)


APP, OTHER = "com.Example.a", "com.example.A"


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        pytest.param([{"apps": {APP}}], {"apps": {APP}}, True, id="same-app"),
        pytest.param([{"apps": {APP}}], {}, False, id="apps-are-never-all"),
        pytest.param([{"apps": {APP}}], {"apps": {OTHER}, "on": {Platform.IOS}}, True, id="case-on-ios"),
        pytest.param([{"apps": {APP}}], {"apps": {OTHER}, "on": {Platform.ANDROID}}, False, id="case-on-android"),
        pytest.param([{"apps": {APP}}], {"apps": {OTHER}}, False, id="case-on-all"),
        pytest.param([{"on": {each}} for each in Platform], {}, True, id="platforms-put-together"),
        pytest.param([{"on": {each}} for each in list(Platform)[1:]], {}, False, id="one-platform-left"),
    ],
)
def test_apps_and_platforms(earlier: list[dict[str, set[str]]], later: dict[str, set[str]], covered: bool) -> None:
    answer = last(*(rule("a.com", **each) for each in earlier), rule("a.com", **later))  # type: ignore[arg-type]
    assert isinstance(answer, Covered if covered else NotCovered)


def test_a_cover_names_the_rules_and_whether_anything_else_is_done() -> None:
    of = rules(
        rule("b.com"),
        rule("*.okta.com", action=Action.BLOCK),
        rule("acme.okta.com"),
        rule("x.okta.com", action=Action.BLOCK),
    )
    answer = covering(of, 2)
    assert isinstance(answer, Covered)
    assert answer.rules == (1,)
    assert answer.by[0].example.host == Name("acme.okta.com")
    assert answer.different is not None
    assert evaluate(of, answer.different).action is Action.BLOCK
    same = covering(of, 3)
    assert isinstance(same, Covered)
    assert (same.rules, same.different) == ((1,), None)


def test_nothing_covers_what_no_flow_fits() -> None:
    answer = last(rule("*"), rule("localhost"))
    assert answer == Covered(by=())


def test_a_destination_is_held_against_its_own_rule_too() -> None:
    of = rules(rule("*.okta.com", "acme.okta.com", "okta.com"))
    assert isinstance(covering(of, 0), NotCovered)
    answer = covering(of, 0, 1)
    assert isinstance(answer, Covered)
    assert [(each.rule_index, each.destination_index) for each in answer.by] == [(0, 0)]
    assert isinstance(covering(of, 0, 2), NotCovered)
    assert [(index, place) for index, place, _ in never_deciding(of)] == [(0, 1)]


def test_an_example_of_an_app_without_the_profile_says_that_it_carries_it() -> None:
    of = rules(rule("a.com", apps={APP}), profile_apps=frozenset({"com.example.b"}))
    answer = covering(of, 0)
    assert isinstance(answer, NotCovered)
    assert answer.example == Flow(Platform.IOS, Name("a.com"), 443, APP, in_vpn_profile=True)


@pytest.mark.parametrize("place", [(5, None), (-1, None), (0, 7), (0, -1)])
def test_what_is_not_there_is_an_index_error(place: tuple[int, int | None]) -> None:
    with pytest.raises(IndexError):
        covering(rules(rule("a.com")), *place)


def test_a_spent_budget_decides_nothing() -> None:
    of = prepare(rules(*(rule(f"*{letter}.okta") for letter in EVERY_LETTER), rule("*.okta")))
    assert isinstance(covering(of, len(EVERY_LETTER), budget=Budget(steps=50)), NotDecided)
    assert isinstance(overlaps(of, 0, 1, budget=Budget(steps=0)), NotDecided)
    late = Budget(expired=lambda: True)
    assert any(isinstance(answer, NotDecided) for *_, answer in never_deciding(of, budget=late))
    assert isinstance(list(overlapping(of, different_action=False, budget=Budget(steps=3)))[-1], NotDecided)


def test_pairs_of_rules_that_take_from_each_other() -> None:
    of = rules(
        rule("mail.okta.com", "login*", action=Action.BLOCK),
        rule("*.okta.com"),
        rule("10.0.0.0/8", action=Action.BLOCK),
    )
    [pair] = overlapping(of)
    assert isinstance(pair, Overlap)
    assert (pair.earlier, pair.later, pair.standing) == (0, 1, Standing.INSIDE)
    assert pair.example.host == Name("mail.okta.com")
    resolved = overlaps(of, 1, 2)
    assert isinstance(resolved, Flow)
    assert isinstance(resolved.host, Name)
    assert resolved.address is not None
    assert overlaps(rules(rule("a.com"), rule("*.a.com")), 0, 1) is None


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("acme.okta.com", "acme.okta.com"),
        ("*.okta.com", "www.okta.com"),
        ("*okta.com", "okta.com"),
        ("*okta*", "okta"),
        ("*.okta.*", "www.okta.example"),
        ("login*", "login"),
        ("login.*", "login.example"),
        ("*", "www.example.com"),
        ("*.5a", "www.5a"),
        ("*-a", "www-a"),
        ("*0", "www0"),
        ("203.0.113.0/24", "203.0.113.1"),
        ("203.0.113.7:443", "203.0.113.7"),
        ("2001:db8::/32", "2001:db8::1"),
        ("[::1]:443", "www.example.com"),
    ],
)
def test_examples_are_readable_hosts_that_match(pattern: str, host: str) -> None:
    assert example(parse_destination(pattern)) == parse_host(host)


def test_no_example_where_no_host_can_match() -> None:
    assert example(parse_destination("localhost")) is None
    assert Address(parse_address("203.0.113.1").ip) == example(parse_destination("203.0.113.0/31"))


def test_a_pattern_around_that_decides_nothing_there_is_no_cover() -> None:
    """Two earlier addresses take all of the range, so that the `*` after them takes nothing of it."""
    answer = last(rule("127.255.255.254"), rule("127.255.255.255"), rule("*"), rule("127.255.255.254-127.255.255.255"))
    assert isinstance(answer, Covered)
    assert answer.rules == (0, 1)
