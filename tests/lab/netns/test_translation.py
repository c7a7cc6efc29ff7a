"""Loopback addresses of scenario files as the addresses that parties have in namespaces."""

from __future__ import annotations

import pytest

from lab.netns.addressing import DOCUMENTATION
from lab.netns.translation import translated
from lab.network import LOOPBACK


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("left-from: 127.42.0.10", "left-from: 203.0.113.10"),
        ("holds: [127.42.0.10-127.42.0.11]", "holds: [203.0.113.10-203.0.113.11]"),
        ("addresses: [127.43.0.0/24]", "addresses: [192.0.2.0/24]"),
        ("remove: [127.44.0.0/24]", "remove: [203.0.113.128/25]"),
        ("from: 127.44.0.11", "from: 203.0.113.139"),
        ("add: [127.42.0.0/24]", "add: [203.0.113.0/25]"),
        (LOOPBACK.gateway, DOCUMENTATION.gateway),
        ("198.51.100.0/28, 127.0.0.1, 1127.42.0.10", "198.51.100.0/28, 127.0.0.1, 1127.42.0.10"),
    ],
)
def test_translated(ours: str, theirs: str) -> None:
    assert translated(ours) == theirs


def test_every_party_keeps_its_own() -> None:
    for name in ("okta", "entra", "uem", "sample", "gateway", "standby", "former"):
        assert translated(getattr(LOOPBACK, name)) == getattr(DOCUMENTATION, name)
    assert tuple(map(translated, LOOPBACK.egress)) == DOCUMENTATION.egress
    assert translated(LOOPBACK.at_home(11)) == DOCUMENTATION.at_home(11)
    assert translated(LOOPBACK.in_office(11)) == DOCUMENTATION.in_office(11)
