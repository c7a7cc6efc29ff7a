"""Destination patterns: what a rule may write under `to`, and what each of them matches.

| form                                  | matches                                                        |
| ------------------------------------- | -------------------------------------------------------------- |
| `host.example.com`                    | this name                                                      |
| `*.example.com`                       | every name that ends so; `example.com` itself only by a switch |
| `*example.com`                        | every name that ends so, look-alikes (`badexample.com`) too    |
| `*okta*`, `*.okta.*`, `login*`        | names that contain, contain, start with the text               |
| `*`                                   | every host, names and addresses                                |
| `192.0.2.1`, `2001:db8::1`            | this address                                                   |
| `192.0.2.0/24`, `192.0.2.1-192.0.2.9` | the addresses of a network, of a range (both ends included)    |

each with an optional `:port` or `:from-to`; an IPv6 form then stands in brackets: `[2001:db8::/32]:443`.

`*` is zero or more characters, dots included; it stands at the start, at the end or at both. Letters compare
without case, on A-labels. Name patterns match the name of the host, address patterns its address: the host
itself where that is a literal, else what it resolved to where that is known. A name pattern other than `*`
never matches an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias

from dtr_rules.hosts import (
    MAX_NAME,
    Address,
    Host,
    HostError,
    Name,
    check_label,
    is_number,
    parse_address,
    parse_host,
    refuse_bidi_controls,
    to_ascii,
)

MAX_PORT: Final = 65535
_MAX_INPUT: Final = 1200  # longer than any destination in any form
_BLANK: Final = re.compile(r"\s")


class Fit(Enum):
    """How a destination stands to a host and port."""

    YES = "yes"
    NO = "no"
    OTHER_PORT = "other-port"
    """The host fits; the port alone does not."""
    APEX = "apex"
    """`*.example.com` and `example.com`: all that is missing is the set's `wildcard-matches-apex`."""
    ADDRESS_UNKNOWN = "address-unknown"
    """An address pattern, the port fits, and nobody knows what the name resolves to. It does not match."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports from `first` to `last`, both included, 1 to 65535."""

    first: int
    last: int

    def __contains__(self, port: int) -> bool:
        return self.first <= port <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """`literal` in A-label form, with `*` before it (`open_start`), behind it (`open_end`), both or neither.

    `*` alone is the empty literal with an open start.
    """

    literal: str
    open_start: bool = False
    open_end: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether this is `*`, which matches every host."""
        return not self.literal

    def matches(self, name: str) -> bool:
        """Whether the name (A-labels, lower-case) fits, the apex rule left aside."""
        if self.open_start and self.open_end:
            return self.literal in name
        if self.open_start:
            return name.endswith(self.literal)
        if self.open_end:
            return name.startswith(self.literal)
        return name == self.literal

    def matches_as_apex(self, name: str) -> bool:
        """Whether the name fits once a leading `*.` may also stand for nothing at all."""
        if not (self.open_start and self.literal.startswith(".")):
            return False
        rest = self.literal[1:]
        return name.startswith(rest) if self.open_end else name == rest

    def __str__(self) -> str:
        return f"{'*' if self.open_start else ''}{self.literal}{'*' if self.open_end else ''}"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """The addresses of one IP version from `first` to `last`, both included."""

    first: IPv4Address | IPv6Address
    last: IPv4Address | IPv6Address

    def __contains__(self, address: Address) -> bool:
        same_version = address.ip.version == self.first.version
        return same_version and int(self.first) <= int(address.ip) <= int(self.last)

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        size = int(self.last) - int(self.first) + 1
        if size & (size - 1) == 0 and int(self.first) % size == 0:
            return f"{self.first}/{self.first.max_prefixlen - size.bit_length() + 1}"
        return f"{self.first}-{self.last}"


Target: TypeAlias = NamePattern | AddressRange


@dataclass(frozen=True, slots=True)
class Destination:
    """One destination of a rule. Two that mean the same are equal and print the same, however written."""

    target: Target
    ports: Ports | None = None
    """None for all ports."""
    written: str = field(default="", compare=False)
    """The text that the file holds; for messages."""

    def matches(
        self, host: Host, port: int, address: Address | None = None, *, wildcard_matches_apex: bool = False
    ) -> bool:
        """Whether traffic to `host`:`port` is meant. `address` is what the host resolved to, where known."""
        target = self.target
        if self.ports is not None and port not in self.ports:
            return False
        if isinstance(target, AddressRange):
            known = host if isinstance(host, Address) else address
            return known is not None and known in target
        if isinstance(host, Address):
            return target.is_everything
        return target.matches(host.text) or (wildcard_matches_apex and target.matches_as_apex(host.text))

    def fit(self, host: Host, port: int, address: Address | None = None, *, wildcard_matches_apex: bool = False) -> Fit:
        """How near this destination comes to `host`:`port`; `matches` is true for Fit.YES alone."""
        port_fits = self.ports is None or port in self.ports
        fit = self._host_fit(host, address)
        if fit is Fit.APEX and wildcard_matches_apex:
            fit = Fit.YES
        if port_fits:
            return fit
        return Fit.OTHER_PORT if fit is Fit.YES else Fit.NO

    def _host_fit(self, host: Host, address: Address | None) -> Fit:
        if isinstance(self.target, NamePattern):
            return _name_fit(self.target, host)
        known = host if isinstance(host, Address) else address
        if known is None:
            return Fit.ADDRESS_UNKNOWN
        return Fit.YES if known in self.target else Fit.NO

    def __str__(self) -> str:
        if self.ports is None:
            return str(self.target)
        if isinstance(self.target, AddressRange) and self.target.first.version == 6:
            return f"[{self.target}]:{self.ports}"
        return f"{self.target}:{self.ports}"


def _name_fit(pattern: NamePattern, host: Host) -> Fit:
    if pattern.is_everything:
        return Fit.YES
    if isinstance(host, Address):
        return Fit.NO
    if pattern.matches(host.text):
        return Fit.YES
    return Fit.APEX if pattern.matches_as_apex(host.text) else Fit.NO


# --- reading ----------------------------------------------------------------------------------------------


def parse_destination(text: str) -> Destination:
    """Read one destination. Raises ValueError, whose message says what is wrong and how to mend it."""
    _refuse_what_is_no_destination(text)
    target, ports = _split(text)
    return Destination(_target(target), None if ports is None else _ports(ports), text)


def _refuse_what_is_no_destination(text: str) -> None:
    if not text:
        raise ValueError("is empty; write a host, an address or '*'")
    if len(text) > _MAX_INPUT:
        raise ValueError(f"is longer than {_MAX_INPUT} characters")
    if _BLANK.search(text):
        raise ValueError("contains a space; remove it")
    refuse_bidi_controls(text)
    if "://" in text:
        host = re.split(r"[/?#]", text.partition("://")[2])[0]
        raise ValueError(f"a destination has no scheme; write '{host or 'host:port'}'")
    if "," in text or ";" in text:
        raise ValueError("several destinations in one; make each an item of its own")
    if "%" in text:
        if text.count(":") > 1:
            raise ValueError("has a zone id (after '%'), which means something on one machine only; remove it")
        raise ValueError("contains '%': percent-encoding is not read in a host; write the character itself")


def _split(text: str) -> tuple[str, str | None]:
    """The target and what stands behind the port's colon."""
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise ValueError("the bracket is not closed; write '[address]' or '[address]:port'")
        if rest and not rest.startswith(":"):
            raise ValueError("only ':port' may follow the bracket; a prefix length or range stands inside it")
        if ":" not in inner:
            raise ValueError("only an IPv6 address stands in brackets; remove them")
        return inner, rest[1:] if rest else None
    if text.count(":") > 1:
        return text, None
    target, colon, ports = text.partition(":")
    return target, ports if colon else None


def _ports(text: str) -> Ports:
    if not text:
        raise ValueError("a port is missing after ':'; without the colon, all ports are meant")
    if text == "*":
        raise ValueError("for all ports leave ':*' away")
    first, dash, last = text.partition("-")
    ports = Ports(_port(first), _port(last if dash else first))
    if ports.first > ports.last:
        raise ValueError(f"the ports are in the wrong order; write '{ports.last}-{ports.first}'")
    return ports


def _port(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,4}", text) and int(text) <= MAX_PORT:
        return int(text)
    raise ValueError(f"'{text}' is not a port; write a number from 1 to {MAX_PORT}, or a range: 8000-8100")


def _target(text: str) -> Target:
    if not text:
        raise ValueError("there is no host before the port; write '*' for every host")
    if "*" in text:
        return _wildcard(text)
    if "/" in text:
        return _network(text)
    first, dash, last = text.partition("-")
    if dash and (_is_address(first) or _is_address(last)):
        if _is_address(first) and _is_address(last):
            return _range(_address(first), _address(last))
        if re.fullmatch(r"[0-9a-f:.]*", last.lower()) and _is_address(first):
            raise ValueError(f"'{last}' is not an address; write both ends of the range in full")
    return _exact(text)


def _exact(text: str) -> Target:
    if text.startswith("."):
        raise ValueError(f"starts with a dot; write '*{text}' for all names below '{text[1:]}'")
    try:
        host = parse_host(text)
    except HostError as error:
        if text.count(":") > 1:
            raise ValueError("is not an IPv6 address; if a port follows, write '[address]:port'") from error
        raise ValueError(str(error)) from error
    if isinstance(host, Name):
        return NamePattern(host.text)
    address = _address(text)
    return AddressRange(address.ip, address.ip)


def _address(text: str) -> Address:
    """An address of a pattern. Hosts are unwrapped, so an IPv4-mapped pattern would only mislead."""
    address = parse_address(text)
    if ":" in text and address.ip.version == 4:
        raise ValueError(f"is an IPv4-mapped address, which counts as IPv4; write '{address}'")
    return address


def _is_address(text: str) -> bool:
    try:
        return isinstance(parse_host(text), Address)
    except HostError:
        return False


def _network(text: str) -> AddressRange:
    base_text, _, length = text.partition("/")
    if not _is_address(base_text):
        if ":" in base_text or is_number(base_text.rpartition(".")[2].lower()):
            raise ValueError(f"'{base_text}' before the '/' is not an address in its plain form")
        raise ValueError("a destination has no path; write the host alone, or a network as address/length")
    if ":" in length:
        network, _, port = text.rpartition(":")
        raise ValueError(f"an IPv6 network with a port stands in brackets; write '[{network}]:{port}'")
    base = _address(base_text).ip
    bits = base.max_prefixlen
    if not re.fullmatch(r"0|[1-9][0-9]{0,2}", length) or int(length) > bits:
        raise ValueError(f"'{length}' is not a prefix length; it is a number from 0 to {bits}")
    size = 1 << (bits - int(length))
    start = type(base)(int(base) // size * size)
    if start != base:
        raise ValueError(f"has bits set behind the prefix; write '{start}/{length}', or '{base}' alone")
    return AddressRange(start, type(base)(int(start) + size - 1))


def _range(first: Address, last: Address) -> AddressRange:
    if first.ip.version != last.ip.version:
        raise ValueError("the two ends of a range must both be IPv4 or both be IPv6")
    if int(first.ip) > int(last.ip):
        raise ValueError(f"the ends of the range are in the wrong order; write '{last}-{first}'")
    return AddressRange(first.ip, last.ip)


def _wildcard(text: str) -> NamePattern:
    if text == "*":
        return NamePattern("", open_start=True)
    open_start, open_end = text.startswith("*"), text.endswith("*")
    literal = text[1 if open_start else 0 : -1 if open_end else None]
    if not open_end:
        literal = literal.removesuffix(".")
    if "*" in literal or not literal:
        raise ValueError("'*' stands at the start, at the end or at both, once each, and covers dots too")
    if open_end and not open_start and re.fullmatch(r"([0-9]{1,3}\.){1,3}", literal):
        raise ValueError(f"no name pattern matches an address; write the network '{_as_network(literal)}'")
    try:
        literal = _literal_to_ascii(literal, open_start=open_start, open_end=open_end)
        _check_literal(literal, open_start=open_start, open_end=open_end)
    except HostError as error:
        raise ValueError(str(error)) from error
    return NamePattern(literal, open_start, open_end)


def _literal_to_ascii(literal: str, *, open_start: bool, open_end: bool) -> str:
    """A-labels for the labels that stand whole in the pattern; half a label has no A-label form."""
    if literal.isascii():
        return literal.lower()
    labels = re.split("[.\u3002\uff0e\uff61]", literal)  # the dots of UTS 46
    halves = {*([0] if open_start else []), *([len(labels) - 1] if open_end else [])}
    if any(not labels[index].isascii() for index in halves):
        raise HostError("'*' touches a label that is not ASCII; write that label in its A-label form (xn--…)")
    return to_ascii(literal)


def _as_network(octets: str) -> str:
    """`10.1.` as `10.1.0.0/16`."""
    given = octets.rstrip(".").split(".")
    return f"{'.'.join([*given, *['0'] * (4 - len(given))])}/{8 * len(given)}"


def _check_literal(literal: str, *, open_start: bool, open_end: bool) -> None:
    """Refuse a pattern that no host can fit."""
    labels = literal.split(".")
    last = len(labels) - 1
    for index, label in enumerate(labels):
        starts_open, ends_open = open_start and index == 0, open_end and index == last
        half = label.lstrip("-") if starts_open else label  # a letter may stand where the wildcard is
        half = half.rstrip("-") if ends_open else half
        if half or not (starts_open or ends_open):
            check_label(half)
    if len(literal) > MAX_NAME:
        raise HostError(f"is longer than {MAX_NAME} characters")
    if not open_end and is_number(labels[-1]) and not (open_start and last == 0):
        raise HostError("ends in a number, as no name does; addresses are written as a network: '192.0.2.0/24'")
