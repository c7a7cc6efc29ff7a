"""What a scenario may lay over the lab's configuration of the gateway and of okta-zones.

A scenario is a file that people hand on, and playing it must not be able to do more than to play. So it sets what
these programs decide by, and nothing that names a file, a command, a host or a place to listen: those would reach
the machine and the tenants of whoever plays it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dtr_rules.source import KeyPath
from lab.netns.addressing import DOCUMENTATION
from lab.network import LOOPBACK

GATEWAY: Final[frozenset[KeyPath]] = frozenset(
    {
        ("device-certificates", "newest-only"),
        ("egress",),
        ("limits",),
        ("pools",),
        ("posture", "block-access"),
        ("posture", "compliance"),
        ("posture", "compromised-unknown"),
        ("posture", "live-on-stale"),
        ("posture", "longest-maintenance"),
        ("posture", "max-age"),
        ("posture", "sync-every"),
        ("refusal",),
        ("sni",),
    }
)
OKTA_ZONES: Final[frozenset[KeyPath]] = frozenset(
    {("owned-prefixes",), ("propagation",), ("requests",), ("safety",), ("sources", "addresses")}
)

LEAVING: Final[frozenset[KeyPath]] = frozenset({("egress",), ("pools",)})
"""Where addresses stand that the gateway leaves from: with one of the machine's own it would reach the real network."""
_BLOCKS: Final = tuple(ipaddress.ip_network(each.egress_block) for each in (LOOPBACK, DOCUMENTATION))


def addresses_elsewhere(changes: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Addresses to leave from that are not the lab's gateway's to have."""
    for (name,) in LEAVING & {(key,) for key in changes}:
        yield from _elsewhere((name,), changes[str(name)])


def out_of_bounds(changes: Mapping[str, Any], allowed: frozenset[KeyPath]) -> Iterator[KeyPath]:
    """The keys of `changes` that are not among those `allowed`, nor below one of them."""
    yield from _below((), changes, allowed)


def words(allowed: frozenset[KeyPath]) -> str:
    """Those that are, as a person would name them."""
    return ", ".join(sorted(".".join(map(str, path)) for path in allowed))


def _below(path: KeyPath, value: Any, allowed: frozenset[KeyPath]) -> Iterator[KeyPath]:
    if path in allowed:
        return
    if isinstance(value, Mapping) and any(each[: len(path)] == path for each in allowed):
        for key, inner in value.items():
            yield from _below((*path, key), inner, allowed)
        return
    yield path


def _elsewhere(path: KeyPath, value: Any) -> Iterator[KeyPath]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _elsewhere((*path, key), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _elsewhere((*path, number), inner)
    elif _is_elsewhere(value):
        yield path


def _is_elsewhere(value: Any) -> bool:
    try:
        address = ipaddress.ip_address(value) if isinstance(value, str) else None
    except ValueError:
        return False  # no address: the gateway's own reader says what it makes of it
    return address is not None and not any(address in block for block in _BLOCKS)
