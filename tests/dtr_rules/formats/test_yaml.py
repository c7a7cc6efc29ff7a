"""Rule set files: what they mean, and every mistake at once with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtr_rules import (
    Action,
    DecisionReason,
    Expectation,
    Mode,
    Name,
    Platform,
    UnusableFileError,
    parse_rule_set,
    read_rule_set,
)

HEAD = "version: 1\nname: set\nmode: per-app\ndefault: bypass\n"
RULE = "  - {name: a, apps: all, action: tunnel, to: [a.example]}\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(UnusableFileError) as caught:
        parse_rule_set(text, "r.yaml")
    return [str(mistake) for mistake in caught.value.mistakes]


def only_mistake(text: str) -> str:
    found = mistakes(text)
    assert len(found) == 1, found
    return found[0]


def test_a_file_becomes_rules_and_tests(login_file: Path) -> None:
    read = read_rule_set(login_file)
    rules = read.rule_set
    assert (rules.name, rules.mode, rules.default) == ("okta-and-entra-login", Mode.PER_APP, Action.BYPASS)
    assert [rule.name for rule in rules.rules] == ["identity-providers", "legacy-mail", "partner"]
    first, second, third = rules.rules
    assert first.platforms == {Platform.IOS, Platform.ANDROID}
    assert first.apps is None
    assert [str(each) for each in first.destinations] == [
        "acme.okta.com",
        "login.microsoftonline.com",
        "203.0.113.0/24:443",
    ]
    assert second.platforms == set(Platform)
    assert second.apps == {"com.example.oldmail"}
    assert (third.action, third.proxy) == (Action.PROXY, "proxy.acme.example:8080")
    (test,) = read.tests
    assert test.flow.host == Name("acme.okta.com")
    assert test.flow.port == 443
    assert test.expect == Expectation(Action.TUNNEL, "identity-providers", None)


def test_places_lead_back_into_the_file(login_file: Path) -> None:
    read = read_rule_set(login_file)
    assert str(read.source.place("rules", 0, "to", 2)) == f"{login_file}:13:9"


def test_everything_optional_can_be_said() -> None:
    read = parse_rule_set(
        """\
version: 1
name: all of it
mode: full-device
default: tunnel-proxy
default-proxy: https://Proxy.Example:3128
profile-apps: [com.example.a]
wildcard-matches-apex: true
rules:
  - name: everything
    platforms: all
    apps: all
    action: web-proxy
    proxy: "[2001:db8::1]:80"
    to: ["*"]
tests:
  - name: on the office network
    flow: {platform: macos, host: 192.0.2.1, port: 22, network: trusted}
    expect: {reason: go-direct}
  - name: resolved
    flow: {platform: windows, app: 'C:\\a.exe', host: a.example, address: "2001:db8::1", network: other}
    expect: {rule: everything, reason: rule}
""",
        "r.yaml",
    )
    rules = read.rule_set
    assert rules.default_proxy == "https://proxy.example:3128"
    assert rules.profile_apps == {"com.example.a"}
    assert rules.wildcard_matches_apex
    assert rules.rules[0].platforms == set(Platform)
    assert rules.rules[0].proxy == "[2001:db8::1]:80"
    assert [test.flow.on_trusted_network for test in read.tests] == [True, False]
    assert str(read.tests[1].flow.address) == "2001:db8::1"
    assert read.tests[0].expect.reason is DecisionReason.GO_DIRECT


def test_a_set_may_have_no_rules() -> None:
    assert parse_rule_set(f"{HEAD}rules: []\n", "r.yaml").rule_set.rules == ()


def test_all_mistakes_come_at_once_each_with_its_place() -> None:
    text = """\
version: 2
name: set
mode: perapp
default: bypass
rules:
  - name: a
    platforms: [ios, andriod]
    apps: []
    action: tunel
    to: ["a.example", "a b", "203.0.113.5/24"]
    prxy: x
  - name: a
    apps: all
    action: bypass
    proxy: p.example:80
    to: []
tests:
  - name: t
    flow: {platform: ios, host: "127.1"}
    expect: {rule: b}
"""
    found = mistakes(text)
    assert [mistake.split(" ")[0] for mistake in found] == [
        "r.yaml:1:10:",
        "r.yaml:3:7:",
        "r.yaml:7:22:",
        "r.yaml:8:11:",
        "r.yaml:9:13:",
        "r.yaml:10:23:",
        "r.yaml:10:30:",
        "r.yaml:11:5:",
        "r.yaml:12:11:",
        "r.yaml:15:12:",
        "r.yaml:16:9:",
        "r.yaml:19:33:",
        "r.yaml:20:20:",
    ]
    assert "did you mean 'per-app'?" in found[1]
    assert "did you mean 'android'?" in found[2]
    assert "did you mean 'tunnel'?" in found[4]
    assert "remove it" in found[5]
    assert "203.0.113.0/24" in found[6]
    assert "did you mean 'proxy'?" in found[7]


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        pytest.param("{apps: all, action: tunnel, to: [a]}", "6:5", "'name' is missing", id="no-name"),
        pytest.param("{name: '', apps: all, action: tunnel, to: [a]}", "6:12", "is empty", id="empty-name"),
        pytest.param(
            '{name: "a\\e[31m", apps: all, action: tunnel, to: [a]}',
            "6:12",
            "may not stand in YAML",
            id="escape-in-name",
        ),
        pytest.param("{name: a, action: tunnel, to: [a]}", "6:5", "'apps' is missing", id="no-apps"),
        pytest.param("{name: a, apps: , action: tunnel, to: [a]}", "6:15", "must be all or a list", id="apps-nothing"),
        pytest.param("{name: a, apps: x, action: tunnel, to: [a]}", "6:21", "must be all or a list", id="apps-word"),
        pytest.param("{name: a, apps: [all], action: tunnel, to: [a]}", "6:22", "apps: all", id="all-in-a-list"),
        pytest.param("{name: a, apps: [x.*], action: tunnel, to: [a]}", "6:22", "without '*'", id="app-wildcard"),
        pytest.param("{name: a, apps: all, action: tunnel}", "6:5", "'to' is missing", id="no-destinations"),
        pytest.param("{name: a, apps: all, action: tunnel, to: a}", "6:46", "must be a list", id="to-is-a-word"),
        pytest.param("{name: a, apps: all, action: tunnel, to: [443]}", "6:47", "quote it", id="to-is-a-number"),
        pytest.param("{name: a, apps: all, action: tunnel, to: [127.1]}", "6:47", "quote it", id="to-is-a-float"),
        pytest.param(
            "{name: a, platforms: [], apps: all, action: tunnel, to: [a]}", "6:26", "at least one", id="no-platforms"
        ),
        pytest.param(
            "{name: a, apps: all, action: proxy, to: [a]}", "6:34", "needs 'proxy'", id="proxy-action-without-proxy"
        ),
        pytest.param(
            "{name: a, apps: all, action: tunnel, proxy: 'p:80', to: [a]}", "6:49", "not used", id="proxy-for-tunnel"
        ),
        pytest.param(
            "{name: a, apps: all, action: proxy, proxy: p, to: [a]}", "6:48", "port is missing", id="proxy-no-port"
        ),
        pytest.param("{name: a, apps: all, action: tunnel, to: [a], to: [b]}", "6:51", "second time", id="key-twice"),
    ],
)
def test_a_mistake_in_a_rule(rule: str, place: str, message: str) -> None:
    found = only_mistake(f"{HEAD}rules:\n  - {rule}\n")
    assert found.startswith(f"r.yaml:{place}: ")
    assert message in found


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        pytest.param("default-proxy: p.example:80\n", "5:16", "not used by 'default: bypass'", id="proxy-unused"),
        pytest.param("profile-apps: []\n", "5:15", "at least one", id="no-profile-apps"),
        pytest.param("wildcard-matches-apex: 1\n", "5:24", "true or false", id="switch-is-a-number"),
        pytest.param("wildcard-matches-apx: true\n", "5:1", "did you mean 'wildcard-matches-apex'?", id="key-typo"),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios}, expect: {action: block}}]\n", "5:25", "'host'", id="host"
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a}, expect: {}}]\n",
            "5:59",
            "says nothing",
            id="expects-nothing",
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a}, expect: {rule: b}}]\n",
            "5:66",
            "no rule",
            id="unknown-rule",
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a}, expect: {rule: a, reason: loopback}}]\n",
            "5:77",
            "the reason is 'rule'",
            id="rule-and-other-reason",
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a, port: 0}, expect: {rule: a}}]\n", "5:56", "1", id="port-0"
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a, address: b}, expect: {rule: a}}]\n",
            "5:59",
            "is a name",
            id="address-is-a-name",
        ),
        pytest.param(
            "tests: [{name: t, flow: {platform: ios, host: a, network: trustd}, expect: {rule: a}}]\n",
            "5:59",
            "did you mean 'trusted'?",
            id="network-typo",
        ),
    ],
)
def test_a_mistake_in_the_set(lines: str, place: str, message: str) -> None:
    found = only_mistake(f"{HEAD}{lines}rules:\n{RULE}")
    assert found.startswith(f"r.yaml:{place}: ")
    assert message in found


@pytest.mark.parametrize("version", ["2", "'1'", "true", "1.0"])
def test_another_version_is_refused(version: str) -> None:
    text = f"{HEAD}rules: []\n".replace("version: 1", f"version: {version}")
    assert only_mistake(text).startswith("r.yaml:1:10: unknown version")


def test_a_default_that_needs_a_proxy_names_it() -> None:
    text = f"{HEAD}rules: []\n".replace("default: bypass", "default: proxy")
    assert "needs 'default-proxy'" in only_mistake(text)


def test_names_of_rules_and_of_tests_are_unique() -> None:
    test = "  - {name: t, flow: {platform: ios, host: a}, expect: {rule: a}}\n"
    found = mistakes(f"{HEAD}rules:\n{RULE}{RULE}tests:\n{test}{test}")
    assert ["7:12" in found[0], "rule 1 has this name already" in found[0]] == [True, True]
    assert ["10:12" in found[1], "test 1 has this name already" in found[1]] == [True, True]


def test_an_unquoted_wildcard_is_a_mistake_with_the_mended_text() -> None:
    found = only_mistake(f"{HEAD}rules:\n  - {{name: a, apps: all, action: tunnel, to: [*.okta.com]}}\n")
    assert '"*.okta.com"' in found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("just text", id="text"),
        pytest.param("- a\n- b\n", id="list"),
        pytest.param("rules: 3\ntests: x\n", id="no-lists"),
        pytest.param("rules: [3, [], null]\ntests: [3]\n", id="no-mappings"),
        pytest.param(
            f"{HEAD}rules:\n  - {{name: [a], action: [x], proxy: {{}}}}\ntests: [{{expect: 3}}]\n", id="depths"
        ),
    ],
)
def test_a_file_of_any_shape_is_refused_without_a_crash(text: str) -> None:
    assert all(mistake.startswith("r.yaml:") for mistake in mistakes(text))


def test_a_missing_file_is_a_mistake_of_that_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="No such file"):
        read_rule_set(tmp_path / "absent.yaml")
