"""A network zone of Okta, as `GET /api/v1/zones` shows it or `POST` takes it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from okta_zones.addresses import NOTHING, AddressError, AddressSet, parse_addresses, parse_gateway, union

_API: Final = "Okta Management API, Network Zones"
_ZONES: Final = "Okta help, About IP zones"
MOST: Final = 150
NEVER_SEEN: Final = union(
    parse_addresses(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")
)
"""What no server on the Internet ever sees as a source address (RFC 1918, 6598, 1122, 3927)."""


def is_zone(value: Any) -> bool:
    """Whether `value` is a network zone."""
    return isinstance(value, dict) and ("gateways" in value or value.get("type") in ("IP", "DYNAMIC", "DYNAMIC_V2"))


def check_zone(content: Content, path: KeyPath, zone: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    """One zone that is to hold the gateway's egress addresses."""
    if zone.get("type") != "IP":
        words = f"the zone's type is {zone.get('type')!r}; egress addresses stand in a zone of type IP"
        yield content.value((*path, "type"), words, "write IP", source=_API)
        return
    if zone.get("usage", "POLICY") != "POLICY":
        words = "a blocklist: nobody who comes through the tunnel can reach Okta at all"
        yield content.value((*path, "usage"), words, "write POLICY", source=_API)
    if zone.get("status", "ACTIVE") != "ACTIVE":
        words = "the zone is not active: rules that name it match nobody"
        yield content.value((*path, "status"), words, "activate the zone", source=_API)
    gateways = zone.get("gateways")
    if not isinstance(gateways, list) or not gateways:
        yield content.value((*path, "gateways"), "the zone has no gateway", "add the egress addresses", source=_API)
        return
    if len(gateways) > MOST:
        words = f"{len(gateways)} gateways; a zone takes {MOST}"
        yield content.value((*path, "gateways"), words, "write ranges instead of single addresses", source=_API)
    found: list[AddressSet] = []
    for number, entry in enumerate(gateways):
        here = (*path, "gateways", number)
        try:
            addresses = parse_gateway(entry if isinstance(entry, dict) else {})
        except AddressError as error:
            yield content.value(here, str(error), 'write {"type": "RANGE", "value": "203.0.113.10"}', source=_API)
            continue
        found.append(addresses)
        yield from judge_addresses(content, here, addresses)
        if addresses.of_version(6):
            words = "IPv6 counts in preview orgs alone: a production org never finds it in a zone"
            yield content.value(
                here, words, "leave by IPv4, and remove it", severity=Severity.WARNING, source="Okta, IPv6 guide"
            )
    yield from _proxies(content, path, zone, union(found), expected)
    yield from against_egress(content, (*path, "gateways"), union(found), expected)


def judge_addresses(content: Content, path: KeyPath, addresses: AddressSet) -> Iterator[Finding]:
    """Addresses that no far end sees, and ranges that hold half the world."""
    if addresses & NEVER_SEEN:
        words = f"{addresses}: an address of a private network; no far end ever sees it"
        yield content.value(path, words, "write the public address that the gateway leaves from")
    if addresses.of_version(4).size > 2**16:
        words = f"{addresses}: more than 65,536 addresses; whoever leaves from any of them is admitted"
        yield content.value(path, words, "write the gateway's own addresses", severity=Severity.WARNING)


def against_egress(content: Content, path: KeyPath, found: AddressSet, expected: Expected) -> Iterator[Finding]:
    """The addresses that the configuration names, and no others."""
    if expected.addresses is None:
        return
    missing = expected.addresses - found
    if missing:
        words = f"egress addresses are missing: {missing}; who leaves from there is denied"
        yield content.value(path, words, f"add {missing}")
    others = found - expected.addresses
    if others:
        words = f"addresses that are not the gateway's: {others}; they are admitted, too"
        yield content.value(path, words, "ask whose they are", severity=Severity.NOTE)


def _proxies(
    content: Content, path: KeyPath, zone: Mapping[str, Any], gateways: AddressSet, expected: Expected
) -> Iterator[Finding]:
    proxies = zone.get("proxies")
    for number, entry in enumerate(proxies if isinstance(proxies, list) else ()):
        try:
            addresses = parse_gateway(entry if isinstance(entry, dict) else {})
        except AddressError:
            continue
        if addresses & (gateways | (expected.addresses or NOTHING)):
            words = f"{addresses}: an egress address as a trusted proxy; Okta looks past it, at what anybody can claim"
            yield content.value((*path, "proxies", number), words, "move it to the gateways", source=_ZONES)


def is_address(text: str) -> bool:
    """Whether `text` is one address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
