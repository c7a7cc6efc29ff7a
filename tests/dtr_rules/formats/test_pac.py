"""PAC files, run by two engines that are not ours: they answer what our engine decides."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator

import pytest
from examples import tried
from generated_rules import addresses, hosts, platforms, ports, rule_sets
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import Action, Flow, Platform, RuleSet, parse_rule_set
from dtr_rules.evaluate import evaluate
from dtr_rules.formats.pac import Asking, GatewayMissingError, NotInPacError, answer, notes, write_pac
from dtr_rules.hosts import Address, Host, parse_address

GATEWAY = "gateway.example:8443"
Ask = Callable[[str, str], str]


class QuickJs:
    """A small, modern engine."""

    def ask(self, script: str) -> Ask:
        quickjs = pytest.importorskip("quickjs", reason="quickjs, an independent engine, is not installed")
        context = quickjs.Context()
        context.eval(script)
        function = context.get("FindProxyForURL")
        return lambda url, host: str(function(url, host))


class PacParser:
    """The engine of many proxies: SpiderMonkey 1.7, as old as the oldest browsers."""

    def ask(self, script: str) -> Ask:
        pacparser = pytest.importorskip("pacparser", reason="pacparser, an independent engine, is not installed")
        pacparser.parse_pac_string(script)
        return lambda url, host: str(pacparser.find_proxy(url, host))


@pytest.fixture(scope="module", params=["quickjs", "pacparser"])
def engine(request: pytest.FixtureRequest) -> Iterator[QuickJs | PacParser]:
    if request.param == "quickjs":
        pytest.importorskip("quickjs", reason="quickjs, an independent engine, is not installed")
        yield QuickJs()
        return
    pacparser = pytest.importorskip("pacparser", reason="pacparser, an independent engine, is not installed")
    pacparser.init()
    yield PacParser()
    pacparser.cleanup()


def written(host: Host) -> str:
    """As it stands in a URL."""
    return f"[{host}]" if isinstance(host, Address) and host.ip.version == 6 else str(host)


def urls(host: Host, port: int) -> Iterator[str]:
    yield f"https://{written(host)}:{port}/path?x=http://other:1/#@"
    yield f"http://{written(host)}:{port}"
    defaults = {80: ("http", "ws"), 443: ("https", "wss")}
    for scheme in defaults.get(port, ()):
        yield f"{scheme}://{written(host)}/"


def in_pac(rule_set: RuleSet) -> RuleSet:
    """The set without the one action that PAC has no words for."""

    def said(action: Action) -> Action:
        return Action.PROXY if action is Action.TUNNEL_PROXY else action

    rules = tuple(dataclasses.replace(rule, action=said(rule.action)) for rule in rule_set.rules)
    return dataclasses.replace(rule_set, rules=rules, default=said(rule_set.default))


def resolving(table: dict[str, str]) -> str:
    return f"\nvar TABLE = {json.dumps(table)};\nfunction dnsResolve(host) {{ return TABLE[host] || null; }}\n"


apps = st.sampled_from((None, None, "com.example.a", "com.apple.mobilesafari", "com.apple.Safari", "com.other"))


@given(
    rule_set=rule_sets(max_rules=6),
    platform=platforms,
    app=apps,
    asked=st.lists(st.tuples(hosts, ports, addresses), min_size=8, max_size=8),
    resolve=st.booleans(),
)
@tried(150)
def test_the_script_answers_what_the_engine_decides(
    engine: QuickJs | PacParser,
    rule_set: RuleSet,
    platform: Platform,
    app: str | None,
    asked: list[tuple[Host, int, Address]],
    resolve: bool,
) -> None:
    rule_set = in_pac(rule_set)
    asking = Asking(platform, app, gateway=GATEWAY, resolve=resolve)
    table = {str(host): str(address) for host, _, address in asked if not isinstance(host, Address)}
    ask = engine.ask(write_pac(rule_set, asking) + resolving(table))
    for host, port, _ in asked:
        known = parse_address(table[str(host)]) if resolve and str(host) in table else None
        decision = evaluate(rule_set, Flow(platform, host, port, app, known))
        for url in urls(host, port):
            assert ask(url, str(host)) == answer(decision, asking), url
            assert ask(url, written(host)) == answer(decision, asking), url


RULES = """\
version: 1
name: pac
mode: full-device
default: bypass
rules:
  - {name: one, action: tunnel, to: [acme.okta.com, "*.corp.example", "*.deep.corp.example:8443", "ftp.example:21"]}
  - {name: two, action: block, to: ["*tracker*", "192.0.2.0/24", "2001:db8::/32"]}
  - name: three
    action: proxy
    proxy: https://p.example:3128
    to: ["ads*", "ports.example:80", "ports.example:8000-8100"]
  - {name: four, apps: [com.a], action: web-proxy, proxy: "w.example:8080", to: ["*"]}
"""


@pytest.mark.parametrize(
    ("url", "host", "expected"),
    [
        pytest.param("https://acme.okta.com/", "acme.okta.com", f"HTTPS {GATEWAY}", id="name"),
        pytest.param("https://ACME.okta.com/", "ACME.OKTA.com", f"HTTPS {GATEWAY}", id="case"),
        pytest.param("https://acme.okta.com./", "acme.okta.com.", f"HTTPS {GATEWAY}", id="trailing-dot"),
        pytest.param("https://evilacme.okta.com/", "evilacme.okta.com", "DIRECT", id="look-alike"),
        pytest.param("https://a.b.corp.example/", "a.b.corp.example", f"HTTPS {GATEWAY}", id="ending"),
        pytest.param("https://a_b.corp.example/", "a_b.corp.example", f"HTTPS {GATEWAY}", id="underscore"),
        pytest.param("https://corp.example/", "corp.example", "DIRECT", id="apex"),
        pytest.param("https://my-tracker.net/", "my-tracker.net", "PROXY 127.0.0.1:9", id="blocked"),
        pytest.param("http://ads.example/", "ads.example", "HTTPS p.example:3128", id="https-proxy"),
        pytest.param("ftp://ftp.example/x", "ftp.example", f"HTTPS {GATEWAY}", id="ftp-port"),
        pytest.param("http://ports.example/", "ports.example", "HTTPS p.example:3128", id="http-port"),
        pytest.param("ws://ports.example/", "ports.example", "HTTPS p.example:3128", id="ws-port"),
        pytest.param("https://ports.example/", "ports.example", "DIRECT", id="https-port"),
        pytest.param("https://ports.example:8100/", "ports.example", "HTTPS p.example:3128", id="last-port"),
        pytest.param("https://ports.example:8101/", "ports.example", "DIRECT", id="behind-last-port"),
        pytest.param("http://u:80@ports.example:81/", "ports.example", "DIRECT", id="user-name-like-a-port"),
        pytest.param("http://ports.example:81?:80/", "ports.example", "DIRECT", id="query-like-a-port"),
        pytest.param("https://192.0.2.7/", "192.0.2.7", "PROXY 127.0.0.1:9", id="address"),
        pytest.param("https://[::ffff:c000:207]/", "::ffff:c000:207", "PROXY 127.0.0.1:9", id="mapped"),
        pytest.param("https://[::ffff:192.0.2.7]/", "[::ffff:192.0.2.7]", "PROXY 127.0.0.1:9", id="mapped-dotted"),
        pytest.param("https://[2001:DB8:0:0::1]/", "2001:DB8:0:0::1", "PROXY 127.0.0.1:9", id="ipv6"),
        pytest.param("https://[2001:db9::]/", "2001:db9::", "DIRECT", id="ipv6-outside"),
        pytest.param(
            "https://192.0.2.7.corp.example/", "192.0.2.7.corp.example", f"HTTPS {GATEWAY}", id="name-with-numbers"
        ),
        pytest.param("https://localhost/", "localhost", "DIRECT", id="loopback"),
        pytest.param("https://x.localhost./", "x.localhost.", "DIRECT", id="below-localhost"),
        pytest.param("https://127.9.9.9/", "127.9.9.9", "DIRECT", id="loopback-address"),
        pytest.param("https://[::1]/", "::1", "DIRECT", id="loopback-ipv6"),
        pytest.param("https://constructor/", "constructor", "DIRECT", id="word-of-javascript"),
        pytest.param("https://__proto__/", "__proto__", "DIRECT", id="another-word-of-javascript"),
    ],
)
def test_a_browsers_question(engine: QuickJs | PacParser, url: str, host: str, expected: str) -> None:
    rule_set = parse_rule_set(RULES, "r.yaml").rule_set
    assert engine.ask(write_pac(rule_set, Asking(Platform.WINDOWS, gateway=GATEWAY)))(url, host) == expected


def test_many_destinations_are_no_trouble(engine: QuickJs | PacParser) -> None:
    many = ", ".join(f'"h{number}.example", "*.d{number}.example"' for number in range(5000))
    text = (
        f"version: 1\nname: n\nmode: full-device\ndefault: bypass\nrules: [{{name: a, action: block, to: [{many}]}}]\n"
    )
    ask = engine.ask(write_pac(parse_rule_set(text, "r.yaml").rule_set, Asking(Platform.IOS)))
    assert ask("https://x.d4999.example/", "x.d4999.example") == "PROXY 127.0.0.1:9"
    assert ask("https://d4999.example/", "d4999.example") == "DIRECT"


def test_names_are_data_in_the_script_too(engine: QuickJs | PacParser) -> None:
    rule = "{name: '\"];<é', action: bypass, to: [a]}"
    text = f'version: 1\nname: "*/ \'\\\\"\nmode: full-device\ndefault: block\nrules:\n  - {rule}\n'
    script = write_pac(parse_rule_set(text, "r.yaml").rule_set, Asking(Platform.IOS))
    assert script.isascii()
    assert engine.ask(script)("https://a/", "a") == "DIRECT"


def test_the_app_decides_which_rules_count(engine: QuickJs | PacParser) -> None:
    rule_set = parse_rule_set(RULES, "r.yaml").rule_set
    asking = Asking(Platform.WINDOWS, "COM.A", gateway=GATEWAY)
    assert engine.ask(write_pac(rule_set, asking))("https://any.example/", "any.example") == "PROXY w.example:8080"
    assert "left out, for named apps only; choose one with --app: four" in notes(rule_set, Asking(Platform.WINDOWS))


def test_what_pac_cannot_say_is_refused() -> None:
    rule_set = parse_rule_set(RULES, "r.yaml").rule_set
    with pytest.raises(GatewayMissingError, match="--gateway") as missing:
        write_pac(rule_set, Asking(Platform.IOS))
    assert missing.value.rule_index == 0
    chained = parse_rule_set(RULES.replace("web-proxy", "tunnel-proxy"), "r.yaml").rule_set
    with pytest.raises(NotInPacError, match="not a chain") as refused:
        write_pac(chained, Asking(Platform.IOS, "com.a", gateway=GATEWAY))
    assert refused.value.rule_index == 3
    write_pac(chained, Asking(Platform.IOS, gateway=GATEWAY))  # the rule cannot decide for an app that is not known
