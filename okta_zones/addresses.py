"""Sets of IP addresses, and the two ways in which Okta and Microsoft Graph write them.

Entries are never compared as text: `1.2.3.4`, `1.2.3.4-1.2.3.4` and `1.2.3.4/32` are one address, Okta and Graph
keep host bits (`12.34.221.11/22`), and Graph's IPv6 is not in canonical form. Sets are compared instead.

What okta-zones writes itself is canonical on each side:

- Okta: one RANGE per unbroken run of addresses, `a-a` for a single one. That is the form in which Okta keeps
  a single address, and it needs the fewest of a zone's 150 entries.
- Graph: the fewest CIDR blocks, `/32` and `/128` for single addresses. A bare address is refused there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import netaddr  # type: ignore[import-untyped]

Entry = Mapping[str, object]
"""One entry of a gateway list or of `ipRanges`, as the JSON holds it."""

_CIDR: Final = re.compile(r"(?P<address>[0-9A-Fa-f.:]+)/(?P<length>[0-9]{1,3})")
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f.:]+")


class AddressError(ValueError):
    """A text or an entry that does not say which addresses it means."""


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An immutable set of IPv4 and IPv6 addresses. Equal sets are equal values, however they were written."""

    _blocks: tuple[Any, ...] = ()

    def __or__(self, other: AddressSet) -> AddressSet:
        return _freeze(self._thaw() | other._thaw())

    def __and__(self, other: AddressSet) -> AddressSet:
        return _freeze(self._thaw() & other._thaw())

    def __sub__(self, other: AddressSet) -> AddressSet:
        return _freeze(self._thaw() - other._thaw())

    def __le__(self, other: AddressSet) -> bool:
        return not self - other

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def __str__(self) -> str:
        return ", ".join(self.texts()) or "none"

    @property
    def size(self) -> int:
        """How many addresses the set holds."""
        return sum(int(block.size) for block in self._blocks)

    def of_version(self, version: int) -> AddressSet:
        """The part of the set in IPv4 (4) or in IPv6 (6)."""
        return AddressSet(tuple(block for block in self._blocks if block.version == version))

    def runs(self) -> list[tuple[str, str]]:
        """First and last address of every unbroken run, in order."""
        return [
            (str(netaddr.IPAddress(run.first, run.version)), str(netaddr.IPAddress(run.last, run.version)))
            for run in self._thaw().iter_ipranges()
        ]

    def blocks(self) -> list[tuple[str, int, int]]:
        """The fewest CIDR blocks that make the set: text, prefix length, IP version."""
        return [(str(block), int(block.prefixlen), int(block.version)) for block in self._blocks]

    def texts(self) -> list[str]:
        """The set for people: an address, or `first-last`, per run."""
        return [first if first == last else f"{first}-{last}" for first, last in self.runs()]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._blocks)

    def _thaw(self) -> Any:
        return netaddr.IPSet(self._blocks)


def _freeze(addresses: Any) -> AddressSet:
    return AddressSet(tuple(addresses.iter_cidrs()))


def union(sets: Iterable[AddressSet]) -> AddressSet:
    """All addresses of all sets."""
    return _freeze(netaddr.IPSet([block for each in sets for block in each]))


def parse_addresses(text: str) -> AddressSet:
    """The addresses of `203.0.113.10`, `203.0.113.0/24` or `203.0.113.10-203.0.113.20` (IPv6 alike).

    Host bits in a CIDR block are allowed. Raises AddressError.
    """
    first, dash, last = text.partition("-")
    if dash:
        return _range(first.strip(), last.strip())
    return _block(text) if "/" in text else _range(text, text)


def parse_gateway(entry: Entry) -> AddressSet:
    """The addresses of one gateway or proxy of an Okta zone: `{"type": "CIDR" | "RANGE", "value": …}`.

    A RANGE may be a single address, and Okta then keeps it as `a-a` (recorded traffic). Raises AddressError.
    """
    kind, value = entry.get("type"), entry.get("value")
    if kind not in ("CIDR", "RANGE") or not isinstance(value, str):
        raise AddressError(f"not an entry of a network zone: {dict(entry)!r}")
    return _block(value) if kind == "CIDR" else parse_addresses(value)


def render_gateways(addresses: AddressSet) -> list[Entry]:
    """The canonical gateways of an Okta zone: one RANGE per unbroken run, in order."""
    return [{"type": "RANGE", "value": f"{first}-{last}"} for first, last in addresses.runs()]


def parse_ip_range(entry: Entry) -> AddressSet:
    """The addresses of one item of Graph's `ipRanges`: iPv4CidrRange, iPv6CidrRange, iPv4Range or iPv6Range.

    Raises AddressError, also for a kind that Graph may add one day.
    """
    kind = str(entry.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    if kind in ("iPv4CidrRange", "iPv6CidrRange"):
        found = _block(_text(entry, "cidrAddress"))
    elif kind in ("iPv4Range", "iPv6Range"):
        found = _range(_text(entry, "lowerAddress"), _text(entry, "upperAddress"))
    else:
        raise AddressError(f"not a known kind of IP range: {dict(entry)!r}")
    if found.of_version(int(kind[3])) != found:
        raise AddressError(f"an address of the other IP version: {dict(entry)!r}")
    return found


def render_ip_ranges(addresses: AddressSet) -> list[Entry]:
    """The canonical `ipRanges` of a named location: the fewest CIDR blocks, in order."""
    return [
        {"@odata.type": f"#microsoft.graph.iPv{version}CidrRange", "cidrAddress": text}
        for text, _, version in addresses.blocks()
    ]


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        raise AddressError(f"'{key}' is missing: {dict(entry)!r}")
    return value


def _block(text: str) -> AddressSet:
    found = _CIDR.fullmatch(text.strip())
    if found is None:
        raise AddressError(f"{text!r} is not a CIDR block")
    try:
        return AddressSet((netaddr.IPNetwork(text.strip()).cidr,))  # a set of one block would keep its host bits
    except (netaddr.AddrFormatError, ValueError):
        raise AddressError(f"{text!r} is not a CIDR block") from None


def _range(first: str, last: str) -> AddressSet:
    if not (_ADDRESS.fullmatch(first) and _ADDRESS.fullmatch(last)):
        raise AddressError(f"{first if first == last else f'{first}-{last}'!r} is not an IP address or range")
    try:
        low, high = netaddr.IPAddress(first), netaddr.IPAddress(last)
    except (netaddr.AddrFormatError, ValueError):
        raise AddressError(f"{first if first == last else f'{first}-{last}'!r} is not an IP address or range") from None
    if low.version != high.version or low > high:
        raise AddressError(f"'{first}-{last}' does not run upwards within one IP version")
    return _freeze(netaddr.IPSet(netaddr.IPRange(low, high)))
