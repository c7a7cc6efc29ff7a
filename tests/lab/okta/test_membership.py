"""The IP chain rule, by the table of the product's own help page."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest

from lab.okta.membership import in_zone, ip_chain, is_blocked
from lab.okta.zone import Zone

ONE, TWO, THREE = "1.1.1.1", "2.2.2.2", "3.3.3.3"


def _zone(gateways="", proxies="", usage="POLICY", name="Z", system=False):
    def entries(text):
        return [{"type": "RANGE", "value": f"{address}-{address}"} for address in text.split()] or None

    now = datetime(2026, 5, 4, tzinfo=UTC)
    details = {"gateways": entries(gateways), "proxies": entries(proxies)}
    return Zone(
        "nzo", "IP", name, "ACTIVE", usage, now, now, system=system, details=details, system_name=name if system else ""
    )


def _chain(text):
    return [ipaddress.ip_address(address) for address in text.split()]


@pytest.mark.parametrize(
    ("chain", "gateways", "proxies", "inside"),
    [
        (ONE, ONE, "", True),
        (ONE, ONE, TWO, True),
        (ONE, "", "", False),
        (ONE, "", ONE, False),
        (f"{ONE} {TWO}", TWO, "", True),
        (f"{ONE} {TWO}", TWO, THREE, True),
        (f"{ONE} {TWO}", ONE, TWO, True),
        (f"{ONE} {TWO}", "", "", False),
        (f"{ONE} {TWO}", "", ONE, False),
        (f"{ONE} {TWO}", "", TWO, False),
        (f"{ONE} {TWO}", TWO, ONE, True),
        (f"{ONE} {TWO}", ONE, "", False),
    ],
)
def test_a_chain_is_walked_from_the_right(chain, gateways, proxies, inside):
    assert in_zone(_chain(chain), _zone(gateways, proxies)) is inside


@pytest.mark.parametrize(("hops", "inside"), [(4, True), (5, False)])
def test_at_most_five_addresses_are_looked_at(hops, inside):
    chain = _chain(f"{ONE} " + f"{TWO} " * hops)
    assert in_zone(chain, _zone(ONE, TWO)) is inside


def test_gateway_and_proxy_must_be_in_the_same_zone():
    zones = [_zone(gateways=ONE), _zone(proxies=TWO)]
    assert not any(in_zone(_chain(f"{ONE} {TWO}"), zone) for zone in zones)


@pytest.mark.parametrize(
    ("forwarded", "chain"),
    [
        pytest.param("", TWO, id="nothing-forwarded"),
        pytest.param(ONE, f"{ONE} {TWO}", id="one"),
        pytest.param(f"{THREE}, {ONE}", f"{THREE} {ONE} {TWO}", id="two"),
        pytest.param(f"{THREE}, nonsense, {ONE}", f"{ONE} {TWO}", id="nonsense-ends-it"),
    ],
)
def test_only_a_trusted_proxy_s_forwarding_counts(forwarded, chain):
    assert list(ip_chain(TWO, forwarded, [_zone(ONE, TWO)])) == _chain(chain)
    assert list(ip_chain(TWO, forwarded, [_zone(TWO)])) == _chain(TWO)


@pytest.mark.parametrize(
    ("exempt", "blocked"),
    [
        pytest.param("", True, id="none-exempt"),
        pytest.param(ONE, True, id="one-of-two-exempt"),
        pytest.param(f"{ONE} {TWO}", False, id="both-exempt"),
    ],
)
def test_every_blocked_address_of_a_chain_must_be_exempt(exempt, blocked):
    zones = [
        _zone(f"{ONE} {TWO}", usage="BLOCKLIST"),
        _zone(exempt, name="DefaultExemptIpZone", system=True),
    ]
    assert is_blocked(_chain(f"{ONE} {TWO}"), zones) is blocked
