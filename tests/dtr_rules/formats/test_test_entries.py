"""Tests as files write them: tables, names of cases, what may be expected, and every mistake with its place."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
import yaml
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import Action, DecisionReason, Platform, RuleTest, UnusableFileError, parse_rule_set
from dtr_rules.expectations import Expectation
from dtr_rules.formats.test_file import is_test_file, mistakes_about_rules, read_test_file
from dtr_rules.mistakes import Mistake

RULES = """\
version: 1
name: s
mode: per-app
default: bypass
rules:
  - {name: login, apps: all, action: tunnel, to: [acme.okta.com]}
  - {name: mail, apps: all, action: block, to: ["*.mail.example"]}
tests:
"""
PLAIN = "{platform: ios, host: acme.okta.com}"


def cases(*entries: str) -> tuple[RuleTest, ...]:
    return parse_rule_set(RULES + "".join(f"  - {entry}\n" for entry in entries), "r.yaml").tests


def mistakes(*entries: str) -> list[str]:
    with pytest.raises(UnusableFileError) as refused:
        cases(*entries)
    return [str(mistake) for mistake in refused.value.mistakes]


def table(flow: str) -> list[str]:
    """The names of the cases of a table whose test is called `t`."""
    return [test.name for test in cases(f"{{name: t, flow: {flow}, expect: {{action: tunnel}}}}")]


@pytest.mark.parametrize(
    ("flow", "names"),
    [
        pytest.param(PLAIN, ["t"], id="no-table"),
        pytest.param("{platform: [ios], app: [com.a], host: [a.example], port: [80]}", ["t"], id="lists-of-one"),
        pytest.param("{platform: [ios, macos], host: a.example}", ["t [ios]", "t [macos]"], id="platforms"),
        pytest.param(
            "{platform: all, host: a.example}",
            ["t [ios]", "t [android]", "t [windows]", "t [macos]"],
            id="all-platforms",
        ),
        pytest.param(
            "{platform: ios, app: [com.a, null], host: a.example}", ["t [com.a]", "t [unknown app]"], id="unknown-app"
        ),
        pytest.param(
            "{platform: ios, host: [a.example, '2001:db8::1'], port: [80, 443]}",
            ["t [a.example:80]", "t [a.example:443]", "t [[2001:db8::1]:80]", "t [[2001:db8::1]:443]"],
            id="hosts-and-ports",
        ),
        pytest.param("{platform: ios, host: a.example, port: [80, 443]}", ["t [a.example:80]", "t [a.example:443]"],
                     id="ports-alone"),
        pytest.param(
            "{platform: ios, host: a.example, network: [trusted, other]}",
            ["t [trusted network]", "t [other network]"],
            id="networks",
        ),
        pytest.param(
            "{platform: ios, host: a.example, vpn-profile: [yes, no]}",
            ["t [in VPN profile]", "t [not in VPN profile]"],
            id="vpn-profile",
        ),
        pytest.param(
            "{platform: [ios, android], app: [com.a, com.b], host: [a.example, b.example]}",
            [
                f"t [{platform}, {app}, {host}]"
                for platform in ("ios", "android")
                for app in ("com.a", "com.b")
                for host in ("a.example", "b.example")
            ],
            id="three-lists",
        ),
    ],
)  # fmt: skip
def test_a_table_has_a_case_for_every_combination_and_its_name_says_which(flow: str, names: list[str]) -> None:
    assert table(flow) == names
    assert len(set(names)) == len(names)


def test_the_flow_of_a_case_is_what_its_name_says() -> None:
    first, second, *_ = cases(
        "{name: t, flow: {platform: [ios, android], app: com.a, host: A.Example, port: 8443, address: 192.0.2.1,"
        " vpn-profile: no, network: trusted}, expect: {reason: go-direct}}",
        f"{{name: u, flow: {PLAIN}, expect: {{action: tunnel}}}}",
    )
    assert (first.flow.platform, second.flow.platform) == (Platform.IOS, Platform.ANDROID)
    assert (str(first.flow.host), first.flow.port, str(first.flow.address)) == ("a.example", 8443, "192.0.2.1")
    assert (first.flow.app, first.flow.in_vpn_profile, first.flow.on_trusted_network) == ("com.a", False, True)


def test_cases_know_their_entry_and_nobody_says_what_the_file_does_not() -> None:
    found = cases(
        "{name: t, flow: {platform: [ios, android], host: a.example}, expect: {action: tunnel}}",
        f"{{name: u, flow: {PLAIN}, expect: {{action: tunnel}}}}",
    )
    assert [case.entry for case in found] == [0, 0, 1]
    assert (found[2].flow.in_vpn_profile, found[2].flow.on_trusted_network, found[2].flow.app) == (None, False, None)


def test_everything_can_be_expected() -> None:
    one, two = cases(
        f"{{name: a, flow: {PLAIN}, expect: {{action: tunnel, rule: login, reason: rule, not-rule: mail}}}}",
        f"{{name: b, flow: {PLAIN}, expect: {{not-rule: [mail, login]}}}}",
    )
    assert one.expect == Expectation(Action.TUNNEL, "login", DecisionReason.RULE, ("mail",))
    assert two.expect == Expectation(not_rules=("mail", "login"))


@pytest.mark.parametrize(
    ("flow", "expect", "found"),
    [
        pytest.param(PLAIN, "{}", "r.yaml:9:67: expect: says nothing; give an action, a rule, a not-rule or a reason",
                     id="nothing-expected"),
        pytest.param(PLAIN, "{rule: logn}", "r.yaml:9:74: rule 'logn': no rule has this name (did you mean 'login'?)",
                     id="unknown-rule"),
        pytest.param(PLAIN, "{not-rule: [mail, logn]}",
                     "r.yaml:9:85: an item of not-rule 'logn': no rule has this name (did you mean 'login'?)",
                     id="unknown-not-rule"),
        pytest.param(PLAIN, "{not-rule: male}",
                     "r.yaml:9:78: not-rule 'male': no rule has this name (did you mean 'mail'?)",
                     id="unknown-single-not-rule"),
        pytest.param(PLAIN, "{rule: mail, not-rule: mail}",
                     "r.yaml:9:90: not-rule 'mail': is the rule that is expected, too; remove one of them",
                     id="expected-and-not-expected"),
        pytest.param(PLAIN, "{rule: mail, reason: loopback}",
                     "r.yaml:9:88: reason 'loopback': where a rule decides, the reason is 'rule'; remove this, "
                     "or 'rule: mail'", id="rule-and-another-reason"),
        pytest.param("{platform: [ios, amiga], host: [a, 127.1]}", "{action: tunnel}",
                     "r.yaml:9:38: unknown value in platform 'amiga'; allowed: ios, android, windows, macos",
                     id="unknown-platform-in-a-list"),
        pytest.param("{platform: ios, host: [A.example, b, a.EXAMPLE]}", "{action: tunnel}",
                     "r.yaml:9:43: host: 'a.example' stands in the list twice", id="host-twice"),
        pytest.param("{platform: ios, app: [], host: a.example}", "{action: tunnel}",
                     "r.yaml:9:42: app: the list is empty; name at least one", id="empty-list"),
        pytest.param("{platform: ios, host: a.example, port: [80, 0]}", "{action: tunnel}",
                     "r.yaml:9:65: an item of port must be greater than or equal to 1, found 0", id="port-zero"),
        pytest.param("{platform: ios, host: a.example, vpn-profile: true}", "{action: tunnel}",
                     "r.yaml:9:67: unknown vpn-profile true; allowed: yes, no", id="profile-is-no-boolean"),
        pytest.param("{platform: ios, host: [a.example, 192.0.2.1], address: 192.0.2.2}", "{action: tunnel}",
                     "r.yaml:9:21: flow: the address '192.0.2.2' is not the host '192.0.2.1'; leave one of them away",
                     id="two-addresses"),
        pytest.param("{platform: ios, hosts: [a.example], host: b}", "{action: tunnel}",
                     "r.yaml:9:37: unknown key 'hosts' (did you mean 'host'?); allowed: platform, app, host, port, "
                     "address, network, vpn-profile", id="plural-key"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(flow: str, expect: str, found: str) -> None:
    assert found in mistakes(f"{{name: t, flow: {flow}, expect: {expect}}}")


def test_mistakes_of_tests_come_together_with_those_of_rules() -> None:
    found = mistakes(
        f"{{name: t, flow: {PLAIN}, expect: {{rule: logn, action: tunel}}}}",
        "{name: t, flow: {platform: ios, host: '127.1'}, expect: {}}",
    )
    assert [mistake.split(":")[1] for mistake in found] == ["9", "9", "10", "10", "10"]


def test_tables_have_an_end() -> None:
    hosts = ", ".join(f"h{number}.example" for number in range(5_001))
    found = mistakes(
        f"{{name: a, flow: {PLAIN}, expect: {{action: tunnel}}}}",
        f"{{name: b, flow: {{platform: all, host: [{hosts}]}}, expect: {{action: tunnel}}}}",
    )
    assert found == [
        "r.yaml:10:21: flow: the tables of this file make more than 20000 cases up to here; test fewer combinations"
    ]


# --- files of their own --------------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_test_file_names_its_rule_set_beside_itself(tmp_path: Path) -> None:
    path = write(
        tmp_path / "login.test.yaml",
        f"version: 1\nrule-set: ../rules.yaml\ntests:\n  - {{name: t, flow: {PLAIN}, expect: {{rule: login}}}}\n",
    )
    file = read_test_file(path)
    assert file.rule_set == tmp_path / ".." / "rules.yaml"
    assert [test.name for test in file.tests] == ["t"]
    assert list(mistakes_about_rules(file, ["login"])) == []


def test_rules_that_the_set_does_not_have_are_found_with_their_places(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.test.yaml",
        f"version: 1\nrule-set: r.yaml\ntests:\n"
        f"  - {{name: t, flow: {PLAIN}, expect: {{rule: logn, not-rule: [mail, x]}}}}\n",
    )
    assert [str(mistake) for mistake in mistakes_about_rules(read_test_file(path), ["login", "mail"])] == [
        f"{path}:4:74: rule 'logn': no rule has this name (did you mean 'login'?)",
        f"{path}:4:97: not-rule 'x': no rule has this name",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("version: 1\ntests: []\n", ":1:1: 'rule-set' is missing", id="no-rule-set"),
        pytest.param("version: 1\nrule-set: ' '\ntests: []\n", ":2:11: rule-set ' ': is no file", id="blank"),
        pytest.param("version: 1\nrule-set: r.yaml\ntests: []\n", ":3:8: tests: the list is empty", id="no-tests"),
        pytest.param("version: 1\nrule-set: r.yaml\nrules: []\n", ":3:1: unknown key 'rules'", id="rules-in-it"),
        pytest.param("- a\n", ":1:1: this file must be a mapping", id="a-list"),
        pytest.param(
            f"version: 1\nrule-set: r.yaml\ntests:\n- {{name: t, flow: {PLAIN}, expect: {{}}}}\n"
            f"- {{name: t, flow: {PLAIN}, expect: {{action: block}}}}\n",
            ":5:10: name 't': test 1 has this name already",
            id="one-name-twice",
        ),
    ],
)
def test_a_mistake_in_a_test_file_has_its_place(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(UnusableFileError) as refused:
        read_test_file(write(tmp_path / "a.test.yaml", text))
    assert any(found in str(mistake) for mistake in refused.value.mistakes), refused.value


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a.test.yaml", True), ("a.b.test.yml", True), ("test.yaml", False), ("a.yaml", False), ("a.test.json", False)],
)
def test_the_name_of_a_test_file_says_what_it_is(name: str, is_one: bool) -> None:
    assert is_test_file(Path("d") / name) is is_one


KEYS = ["version", "rule-set", "tests", "name", "flow", "expect", "platform", "app", "host", "port", "address",
        "network", "vpn-profile", "action", "rule", "not-rule", "reason"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 70_000), st.floats(), st.text(max_size=5),
    st.sampled_from(["ios", "all", "a.example", "192.0.2.1", "trusted", "yes", "tunnel", "rule", "login", "*"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
flow_entries = st.dictionaries(st.sampled_from(KEYS[6:13]), values, max_size=7)
expect_entries = st.dictionaries(st.sampled_from(KEYS[13:]), values, max_size=4)
test_entries = st.fixed_dictionaries({"name": st.just("t") | values, "flow": flow_entries, "expect": expect_entries})


good_entries = st.builds(
    lambda name, flow, expect: {"name": name, "flow": flow, "expect": expect},
    name=st.uuids().map(str),
    flow=st.fixed_dictionaries(
        {"platform": st.sampled_from(["ios", "all", ["ios", "macos"]]), "host": st.sampled_from(["a", ["a", "b"]])},
        optional={
            "app": st.sampled_from(["com.a", None, [None, "com.a"]]),
            "port": st.sampled_from([80, [80, 443]]),
            "network": st.sampled_from(["other", ["other", "trusted"]]),
            "vpn-profile": st.sampled_from(["yes", ["yes", "no"]]),
        },
    ),
    expect=st.sampled_from([{"action": "tunnel"}, {"not-rule": "login"}, {"not-rule": ["login"], "reason": "rule"}]),
)


def found_in(path: Path) -> tuple[Mistake, ...]:
    try:
        read_test_file(path)
    except UnusableFileError as error:
        return error.mistakes
    return ()


@given(st.lists(test_entries | values | good_entries, max_size=3))
@tried(150)
def test_no_entry_breaks_the_reader(entries: list[object]) -> None:
    text = yaml.safe_dump({"version": 1, "rule-set": "r.yaml", "tests": entries}, allow_unicode=True)
    with tempfile.TemporaryDirectory() as directory:
        path = write(Path(directory) / "a.test.yaml", text)
        assert [each for each in found_in(path) if not str(each).startswith(f"{path}:")] == []


@given(st.lists(good_entries, min_size=1, max_size=3))
@tried(100)
def test_every_case_has_a_name_and_a_flow_of_its_own(entries: list[dict[str, dict[str, object]]]) -> None:
    text = yaml.safe_dump({"version": 1, "rule-set": "r.yaml", "tests": entries})
    with tempfile.TemporaryDirectory() as directory:
        found = read_test_file(write(Path(directory) / "a.test.yaml", text)).tests
    assert len({case.name for case in found}) == len(found)
    assert len({(case.entry, case.flow) for case in found}) == len(found)
    sizes = [[len(value) for value in entry["flow"].values() if isinstance(value, list)] for entry in entries]
    everywhere = [4 if entry["flow"]["platform"] == "all" else 1 for entry in entries]
    assert len(found) == sum(math.prod([*lists, every]) for lists, every in zip(sizes, everywhere, strict=True))
