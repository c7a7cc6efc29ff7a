"""Which addresses a gateway dials: the forms that hide an inner address, and the networks that are not the internet."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from tunnel_gateway.addresses import unwrap, why_not


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("8.8.8.8", None),
        ("2606:4700::1111", None),
        ("20.190.128.1", None),
        ("127.0.0.1", "loopback"),
        ("0.0.0.0", "this network"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", None),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "shared address space"),
        ("169.254.169.254", "cloud metadata"),
        ("169.254.1.1", "link-local"),
        ("168.63.129.16", "cloud metadata"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fe80::1", "link-local"),
        ("fd00:ec2::254", "cloud metadata"),
        ("fd00:ec2::1", "unique local"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        pytest.param("::ffff:10.0.0.1", "private", id="mapped"),
        pytest.param("::ffff:8.8.8.8", None, id="mapped-public"),
        pytest.param("::127.0.0.1", "loopback", id="compatible"),
        pytest.param("64:ff9b::a00:1", "private", id="nat64"),
        pytest.param("::ffff:0:7f00:1", "loopback", id="translated"),
        pytest.param("64:ff9b:1::a00:1", "local translation", id="local-nat64"),
        pytest.param("2002:7f00:1::", "loopback", id="6to4"),
        pytest.param("2001:0:0:0:0:0:f5ff:fffe", "private", id="teredo"),
    ],
)
def test_address_is_judged_by_what_it_reaches(address: str, why: str | None) -> None:
    assert why_not(ip_address(address), []) == why


def test_internal_network_may_be_allowed_and_only_it() -> None:
    allowed = [ip_network("127.40.0.0/24")]
    assert why_not(ip_address("127.40.0.10"), allowed) is None
    assert why_not(ip_address("::ffff:127.40.0.10"), allowed) is None
    assert why_not(ip_address("127.40.1.10"), allowed) == "loopback"


def test_metadata_address_is_allowed_by_itself_alone() -> None:
    metadata = ip_address("::ffff:169.254.169.254")
    assert why_not(metadata, [ip_network("169.254.0.0/16")]) == "cloud metadata"
    assert why_not(metadata, [ip_network("169.254.169.254/32")]) is None


def test_unwrapping_keeps_what_carries_nothing() -> None:
    assert unwrap(ip_address("2606:4700::1111")) == ip_address("2606:4700::1111")
