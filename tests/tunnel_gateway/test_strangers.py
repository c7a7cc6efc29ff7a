"""A stranger cannot fill the decision log, and what was left out is told."""

from __future__ import annotations

from tunnel_gateway.strangers import BURST, EVERYBODY, MAX_SOURCES, REFILL, StrangerLimit


def test_stranger_gets_a_burst_and_then_a_trickle() -> None:
    limit = StrangerLimit()
    assert [limit.admit("192.0.2.1", 0.0) for _ in range(BURST + 2)] == [0] * BURST + [None, None]
    assert limit.admit("192.0.2.2", 0.0) == 0, "another source has its own"
    assert limit.admit("192.0.2.1", 1 / REFILL) == 2, "the next line says how many were left out"
    assert limit.admit("192.0.2.1", 1 / REFILL) is None


def test_addresses_of_one_ipv6_customer_are_one_source_and_all_sources_have_a_limit_together() -> None:
    limit = StrangerLimit()
    written = [limit.admit(f"2001:db8:1:2::{number:x}", 0.0) for number in range(1000)]
    assert sum(each is not None for each in written) == BURST
    many = [limit.admit(f"192.0.{number // 256}.{number % 256}", 0.0) for number in range(5000)]
    assert sum(each is not None for each in many) == BURST * EVERYBODY - BURST


def test_endless_sources_take_no_endless_memory() -> None:
    limit = StrangerLimit()
    for number in range(MAX_SOURCES + 100):
        limit.admit(str(number), 0.0)
    assert len(limit._sources) == MAX_SOURCES
