"""From a decision to the way out: which actions are served, from which pool, and what is dialled."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from name_server import NameServer, name_server

from dtr_rules import Platform, parse_rule_set
from tunnel_gateway.admission import Admission
from tunnel_gateway.connect import Permit
from tunnel_gateway.dialer import Dialer
from tunnel_gateway.egress import AddressState, EgressPools, PoolPlan, Standing
from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.posture.model import Ownership
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.resolver import Resolver
from tunnel_gateway.routing import Router
from tunnel_gateway.rule_book import RuleBook, device_rules
from tunnel_gateway.state import State
from tunnel_gateway.trail import Trail

PHONE = Admission("0a0b0c0d", Platform.IOS, "Sales", "6d0d", Ownership.EMPLOYEE)
RULES = """
version: 1
name: login
mode: full-device
default: bypass
rules:
  - {name: secret, apps: all, action: block, to: ["10.1.0.0/16"]}
  - {name: idp, apps: all, action: tunnel, to: ["acme.example", "moves.example", "six.example", "inner.example"]}
  - {name: odd-port, apps: all, action: tunnel, to: ["odd.example:8443"]}
  - {name: shop, apps: all, action: bypass, to: ["shop.example"]}
  - name: cloud
    apps: all
    action: proxy
    proxy: https://proxy.example:3128
    to: ["cloud.example", "169.254.169.254"]
  - {name: plain, apps: all, action: tunnel-proxy, proxy: "http://proxy.example:3128", to: ["plain.example"]}
  - {name: sso, apps: all, action: web-proxy, proxy: "https://proxy.example:1", to: ["sso.example"]}
"""
LOGIN = PoolPlan("login", (Standing(ip_address("203.0.113.10")),), rules=frozenset({"idp"}))
REST = PoolPlan("default", (Standing(ip_address("203.0.113.20")), Standing(ip_address("203.0.113.21"))))
OUTSIDE = PoolPlan("outside", (Standing(ip_address("198.51.100.7")),), in_zone=False, rules=frozenset({"shop"}))
NAMES = {
    "acme.example": ["93.184.216.34", "10.1.2.3"],
    "inner.example": ["10.0.0.1"],
    "six.example": ["2606:2800:220:1::1"],
    "shop.example": ["93.184.216.40"],
    "odd.example": ["93.184.216.41"],
    "elsewhere.example": ["93.184.216.60"],
    "sso.example": ["93.184.216.61"],
    "proxy.example": ["93.184.216.50"],
}


class Ways:
    """A router on a name server of its own, and what it says of one host after the other."""

    def __init__(self, router: Router, server: NameServer) -> None:
        self.router = router
        self.server = server
        self.trail = _trail()

    async def to(self, host: str, port: int = 443) -> Permit:
        self.trail = _trail()
        return await self.router.route(self.trail, PHONE, ConnectHead(host, port, None))

    async def refusal(self, host: str, port: int = 443) -> tuple[Reason, str]:
        with pytest.raises(RefusalError) as refusal:
            await self.to(host, port)
        return refusal.value.reason, refusal.value.detail


def _trail() -> Trail:
    return Trail(decision_id="0", gateway="g", source="192.0.2.1:1", udid=PHONE.udid)


def _run(tmp_path: Path, test: Any, *plans: PoolPlan) -> None:
    state = State(tmp_path / "state.sqlite")

    async def main() -> None:
        async with name_server() as server:
            server.names = NAMES | INNER
            resolver = Resolver(2, frozenset({4, 6}), [server.address])
            dialer = Dialer({}, [ip_network("10.1.0.0/16")], resolver, frozenset({("93.184.216.41", 8444)}))
            book = RuleBook(device_rules(parse_rule_set(RULES, "rules.yaml").rule_set))
            pools = EgressPools(plans or (LOGIN, REST, OUTSIDE), EgressStore(state))
            await test(Ways(Router(book, dialer, pools, proxy_tls=ssl.create_default_context()), server))

    try:
        asyncio.run(main())
    finally:
        state.close()


def test_rule_leaves_from_its_pool_and_only_addresses_that_pass_are_dialled(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        permit = await ways.to("acme.example")
        # 10.1.2.3 may be dialled by the gateway, but the rules block it.
        assert (permit.targets, permit.egress) == ((("93.184.216.34", 443),), "203.0.113.10")
        assert (await ways.to("odd.example", 8443)).egress in ("203.0.113.20", "203.0.113.21")

    _run(tmp_path, test)


@pytest.mark.parametrize(
    ("host", "port", "reason", "words"),
    [
        pytest.param("elsewhere.example", 443, Reason.GO_DIRECT, "default-action says bypass", id="default-bypass"),
        pytest.param("inner.example", 443, Reason.ADDRESS_NOT_ALLOWED, "private", id="internal"),
        pytest.param("six.example", 443, Reason.EGRESS_UNAVAILABLE, "IP version", id="no-egress-of-its-family"),
        pytest.param("odd.example", 443, Reason.GO_DIRECT, "bypass", id="port-of-no-rule"),
        pytest.param("acme.example", 22, Reason.PORT_NOT_ALLOWED, "port 22", id="port-no-rule-names"),
        pytest.param("sso.example", 443, Reason.RULE, "says web-proxy", id="web-proxy"),
        pytest.param("plain.example", 443, Reason.CONNECT_FAILED, "names no HTTPS proxy", id="http-proxy"),
        pytest.param("169.254.169.254", 443, Reason.ADDRESS_NOT_ALLOWED, "metadata", id="metadata-by-proxy"),
        pytest.param("moves.example", 443, Reason.RESOLUTION_FAILED, "does not exist", id="no-address"),
        pytest.param("localhost", 443, Reason.LOOPBACK, "loopback", id="loopback"),
    ],
)
def test_refusals(tmp_path: Path, host: str, port: int, reason: Reason, words: str) -> None:
    async def test(ways: Ways) -> None:
        found, detail = await ways.refusal(host, port)
        assert found is reason
        assert words in detail

    _run(tmp_path, test)


def test_bypass_leaves_outside_the_zone_where_a_pool_is_given_for_it(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        assert (await ways.to("shop.example")).egress == "198.51.100.7"
        assert (await ways.refusal("elsewhere.example"))[0] is Reason.GO_DIRECT  # the pool names its rule

    async def without(ways: Ways) -> None:
        assert await ways.refusal("shop.example") == (
            Reason.GO_DIRECT,
            "the rule 'shop' says bypass: the device reaches it without the tunnel",
        )

    _run(tmp_path, test)
    _run(tmp_path, without, LOGIN, REST)


def test_tunnel_without_a_pool_is_egress_unavailable(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        assert await ways.refusal("odd.example", 8443) == (
            Reason.EGRESS_UNAVAILABLE,
            "no egress pool serves the rule 'odd-port'",
        )

    _run(tmp_path, test, LOGIN, OUTSIDE)


def test_proxy_action_goes_on_by_the_proxy(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        permit = await ways.to("cloud.example")
        assert permit.targets == (("93.184.216.50", 3128),)
        assert permit.onward is not None
        assert (permit.onward.name, permit.onward.target) == ("proxy.example", "cloud.example:443")
        assert permit.egress in ("203.0.113.20", "203.0.113.21")

    _run(tmp_path, test)


def test_gateway_is_no_way_to_itself(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        rules = RULES.replace("odd.example:8443", "odd.example:8444")
        ways.router.book = RuleBook(device_rules(parse_rule_set(rules, "rules.yaml").rule_set))
        assert await ways.refusal("odd.example", 8444) == (
            Reason.ADDRESS_NOT_ALLOWED,
            "the host leads to one of the gateway's own sockets",
        )

    _run(tmp_path, test)


def test_open_tunnel_is_judged_by_rules_port_action_and_egress(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        permit = await ways.to("odd.example", 8443)
        ways.trail.connected(*permit.targets[0][:1], permit.egress)
        ways.router.judge(ways.trail, PHONE)
        ways.router.egress.switch("default", permit.egress, AddressState.DRAINING)
        ways.router.judge(ways.trail, PHONE)  # a draining address keeps its tunnels
        ways.router.egress.switch("default", permit.egress, AddressState.DISABLED)
        with pytest.raises(RefusalError, match="no longer an address of 'default'"):
            ways.router.judge(ways.trail, PHONE)

    async def changed(ways: Ways) -> None:
        permit = await ways.to("shop.example")
        ways.trail.connected(*permit.targets[0][:1], permit.egress)
        rules = RULES.replace("action: bypass, to", "action: tunnel, to")
        ways.router.book = RuleBook(device_rules(parse_rule_set(rules, "rules.yaml").rule_set))
        with pytest.raises(RefusalError, match="the rule 'shop' now says tunnel"):
            ways.router.judge(ways.trail, PHONE)

    _run(tmp_path, test)
    _run(tmp_path, changed)


EVERYWHERE = """
version: 1
name: everywhere
mode: full-device
default: tunnel
rules: []
"""
INNER = {
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "both.example": ["10.0.0.1", "192.168.1.1"],
    "metadata.google.internal": ["169.254.169.254"],
}
SPELLINGS = (
    *(
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "2130706433",
    ),
    *("0", "0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%1]", "[fe80::1%25eth0]", "127.255.255.254", "127.0.0.1%00"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "169.254.169.254", "0xa9fea9fe"),
    *("2852039166", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
    *(
        "10.0.0.1",
        "192.168.0.1",
        "[fc00::1]",
        "[fec0::1]",
        "224.0.0.1",
        "255.255.255.255",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
    ),
    *(
        "xn--",
        "-a.example",
        "a..example",
        "a_b.example",
        "1e1.0.0.1",
        "127.0.0.1:80",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "\u24dbocalhost",
        "loc\u00adalhost",
    ),
)


def test_no_spelling_of_an_inner_address_is_dialled(tmp_path: Path) -> None:
    """By the rules everything may be tunnelled; nothing of this is."""
    allowed = {Reason.HOST_INVALID, Reason.LOOPBACK, Reason.ADDRESS_NOT_ALLOWED, Reason.RESOLUTION_FAILED}

    async def test(ways: Ways) -> None:
        ways.router.book = RuleBook(device_rules(parse_rule_set(EVERYWHERE, "rules.yaml").rule_set))
        for host in (*SPELLINGS, *INNER):
            reason, _ = await ways.refusal(host)
            assert reason in allowed, host
            assert host not in INNER or reason is Reason.ADDRESS_NOT_ALLOWED, host

    _run(tmp_path, test)


def test_name_that_changes_its_answer_is_judged_by_what_is_dialled(tmp_path: Path) -> None:
    async def test(ways: Ways) -> None:
        server = ways.server
        server.ttl, server.names["acme.example"] = 0, ["93.184.216.34"]
        assert (await ways.to("acme.example")).targets == (("93.184.216.34", 443),)
        server.names["acme.example"] = ["127.0.0.1"]
        assert (await ways.refusal("acme.example"))[0] is Reason.ADDRESS_NOT_ALLOWED
        server.names["acme.example"] = ["127.0.0.1", "93.184.216.35"]
        assert (await ways.to("acme.example")).targets == (("93.184.216.35", 443),)

    _run(tmp_path, test)
