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
import socket
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

Entry = Mapping[str, object]
"""One entry of a gateway list or of `ipRanges`, as the JSON holds it."""

Run = tuple[int, int, int]
"""An unbroken run of addresses: IP version, first and last address as numbers."""

_CIDR: Final = re.compile(r"(?P<address>[0-9A-Fa-f.:]+)/(?P<length>[0-9]{1,3})")
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f.:]+")
_BITS: Final = {4: 32, 6: 128}
_FAMILIES: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
_BEYOND: Final = 1 << 128


class AddressError(ValueError):
    """A text or an entry that does not say which addresses it means."""


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An immutable set of IPv4 and IPv6 addresses. Equal sets are equal values, however they were written.

    Kept as unbroken runs in order, apart from each other: ten thousand addresses are combined in milliseconds, where
    a set of CIDR blocks takes seconds (tests/bench/zone_plan.py).
    """

    _runs: tuple[Run, ...] = ()

    def __or__(self, other: AddressSet) -> AddressSet:
        return _merged([*self._runs, *other._runs])

    def __and__(self, other: AddressSet) -> AddressSet:
        few, many = sorted((self._runs, other._runs), key=len)
        return AddressSet(tuple(overlap for run in few for overlap in _overlaps(run, many)))

    def __sub__(self, other: AddressSet) -> AddressSet:
        return AddressSet(tuple(_rest(self._runs, other._runs)))

    def __le__(self, other: AddressSet) -> bool:
        return all(other._holds(run) for run in self._runs)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def __str__(self) -> str:
        return ", ".join(self.texts()) or "none"

    def __iter__(self) -> Iterator[AddressSet]:
        """Each unbroken run as a set of its own."""
        return (AddressSet((run,)) for run in self._runs)

    @property
    def size(self) -> int:
        """How many addresses the set holds."""
        return sum(last - first + 1 for _, first, last in self._runs)

    def of_version(self, version: int) -> AddressSet:
        """The part of the set in IPv4 (4) or in IPv6 (6)."""
        return AddressSet(tuple(run for run in self._runs if run[0] == version))

    def numbers(self) -> tuple[Run, ...]:
        """Every unbroken run in numbers, in order."""
        return self._runs

    def runs(self) -> list[tuple[str, str]]:
        """First and last address of every unbroken run, in order."""
        return [
            (text := _text_of(version, first), text if first == last else _text_of(version, last))
            for version, first, last in self._runs
        ]

    def blocks(self) -> list[tuple[str, int, int]]:
        """The fewest CIDR blocks that make the set: text, prefix length, IP version."""
        return [block for run in self._runs for block in _blocks_of(run)]

    def cidr_parts(self) -> Iterator[AddressSet]:
        """The blocks of `blocks`, each as a set of its own."""
        return (AddressSet((run,)) for each in self._runs for run in _block_runs(each))

    def texts(self) -> list[str]:
        """The set for people: an address, or `first-last`, per run."""
        return [first if first == last else f"{first}-{last}" for first, last in self.runs()]

    def singles(self, most: int) -> Iterator[str]:
        """Every address by itself, in order, the first `most` of them."""
        every = ((version, number) for version, first, last in self._runs for number in range(first, last + 1))
        return (_text_of(version, number) for version, number in islice(every, max(most, 0)))

    def _holds(self, run: Run) -> bool:
        version, first, last = run
        place = bisect_right(self._runs, (version, first, _BEYOND)) - 1
        if place < 0:
            return False
        found_version, low, high = self._runs[place]
        return found_version == version and low <= first and last <= high


NOTHING: Final = AddressSet()
"""The empty set."""


def union(sets: Iterable[AddressSet]) -> AddressSet:
    """All addresses of all sets."""
    return _merged([run for each in sets for run in each.numbers()])


def _merged(runs: list[Run]) -> AddressSet:
    merged: list[Run] = []
    for version, first, last in sorted(runs):
        if merged and merged[-1][0] == version and first <= merged[-1][2] + 1:
            merged[-1] = (version, merged[-1][1], max(last, merged[-1][2]))
        else:
            merged.append((version, first, last))
    return AddressSet(tuple(merged))


def _rest(runs: Iterable[Run], without: tuple[Run, ...]) -> Iterator[Run]:
    """What is left of `runs`; both are in order, so one walk along both is enough."""
    place = 0
    for version, start, last in runs:
        first = start
        while place < len(without) and (without[place][0], without[place][2]) < (version, first):
            place += 1
        at = place
        while at < len(without) and (without[at][0], without[at][1]) <= (version, last):
            if first < without[at][1]:
                yield version, first, without[at][1] - 1
            first = without[at][2] + 1
            at += 1
        if first <= last:
            yield version, first, last


def _overlaps(run: Run, runs: tuple[Run, ...]) -> Iterator[Run]:
    version, first, last = run
    place = max(bisect_right(runs, (version, first, _BEYOND)) - 1, 0)
    while place < len(runs) and (runs[place][0], runs[place][1]) <= (version, last):
        if runs[place][0] == version and runs[place][2] >= first:
            yield version, max(first, runs[place][1]), min(last, runs[place][2])
        place += 1


def _text_of(version: int, number: int) -> str:
    return socket.inet_ntop(_FAMILIES[version], number.to_bytes(_BITS[version] // 8, "big"))


def _blocks_of(run: Run) -> list[tuple[str, int, int]]:
    return [_block_of(*block) for block in _block_runs(run)]


def _block_of(version: int, first: int, last: int) -> tuple[str, int, int]:
    length = _BITS[version] - (last - first).bit_length()
    return f"{_text_of(version, first)}/{length}", length, version


def _block_runs(run: Run) -> Iterator[Run]:
    """The fewest CIDR blocks of a run, as runs: from its start on, the widest that begins there and ends within it."""
    version, first, last = run
    while first <= last:
        aligned = first & -first or 1 << _BITS[version]
        size = min(aligned, 1 << ((last - first + 1).bit_length() - 1))
        yield version, first, first + size - 1
        first += size


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
    if found.numbers()[0][0] != int(kind[3]):
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
    address, length = _number(found["address"]), int(found["length"])
    if address is None or length > _BITS[address[0]]:
        raise AddressError(f"{text!r} is not a CIDR block")
    host = (1 << (_BITS[address[0]] - length)) - 1
    return AddressSet(((address[0], address[1] & ~host, address[1] | host),))


def _range(first: str, last: str) -> AddressSet:
    low = _number(first)
    high = low if first == last else _number(last)
    if low is None or high is None:
        raise AddressError(f"{first if first == last else f'{first}-{last}'!r} is not an IP address or range")
    if low[0] != high[0] or low > high:
        raise AddressError(f"'{first}-{last}' does not run upwards within one IP version")
    return AddressSet(((low[0], low[1], high[1]),))


def _number(text: str) -> tuple[int, int] | None:
    """Version and number of an address. The C library reads it: as strictly as `ipaddress`, ten times as fast."""
    if not _ADDRESS.fullmatch(text):
        return None
    version = 6 if ":" in text else 4
    try:
        return version, int.from_bytes(socket.inet_pton(_FAMILIES[version], text), "big")
    except OSError:
        return None
