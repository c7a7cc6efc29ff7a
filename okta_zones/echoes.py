"""What-is-my-IP services, asked from each egress address: they confirm an address or show NAT; they introduce none.

A request leaves from the address itself (its socket is bound to it), so only addresses of this machine can be asked
about. Two services must agree before anything is believed.
"""

from __future__ import annotations

import errno
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import httpx

from okta_zones.addresses import AddressSet
from okta_zones.exchange import user_agent

TIMEOUT: Final = httpx.Timeout(5)  # seconds
MOST_BYTES: Final = 1024
MOST_ADDRESSES: Final = 64
AGREE: Final = 2


class Echo(StrEnum):
    """What the services say of an address."""

    CONFIRMED = "confirmed"
    NAT = "behind NAT"
    """They see another address: that one belongs into the zone, once a source reports it."""
    DISAGREE = "not agreed on"
    """Fewer than two services say the same."""
    ELSEWHERE = "not of this machine"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One egress address, and what came of asking. `seen` is what two services saw."""

    address: str
    echo: Echo
    seen: str | None = None

    def __str__(self) -> str:
        seen = f": the internet sees {self.seen}" if self.echo is Echo.NAT else ""
        return f"{self.address} is {self.echo}{seen}"


Ask = Callable[[str, str], str | None]
"""Asks a service (URL) from an address, and gives the address that it sees; None for no usable answer.

Raises OSError with EADDRNOTAVAIL where the address is none of this machine.
"""


def confirm(addresses: AddressSet, services: Sequence[str], ask: Ask) -> Iterator[Confirmation]:
    """Ask about every single address of `addresses`, up to 64."""
    singles = [address for first, last in addresses.runs() for address in _each(first, last)]
    for address in singles[:MOST_ADDRESSES]:
        yield _confirm(address, services, ask)


def ask_service(url: str, address: str) -> str | None:
    """One request from `address`, without a proxy of the environment: that would be the proxy's address."""
    transport = httpx.HTTPTransport(local_address=address)
    headers = {"User-Agent": user_agent(), "Accept": "text/plain"}
    try:
        with (
            httpx.Client(transport=transport, timeout=TIMEOUT, trust_env=False, headers=headers) as client,
            client.stream("GET", url) as response,
        ):
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    return None
    except httpx.HTTPError as error:
        if _errno(error) == errno.EADDRNOTAVAIL:
            raise OSError(errno.EADDRNOTAVAIL, "not an address of this machine") from None
        return None
    return _address(body) if response.is_success else None


def _each(first: str, last: str) -> Iterator[str]:
    low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
    for number in range(min(int(high) - int(low) + 1, MOST_ADDRESSES)):
        yield str(low + number)


def _confirm(address: str, services: Sequence[str], ask: Ask) -> Confirmation:
    seen: Counter[str] = Counter()
    for service in services:
        try:
            answer = ask(service, address)
        except OSError:
            return Confirmation(address, Echo.ELSEWHERE)
        if answer is not None:
            seen[answer] += 1
    found, votes = seen.most_common(1)[0] if seen else ("", 0)
    if votes < AGREE or len(seen) > 1:
        return Confirmation(address, Echo.DISAGREE)
    return Confirmation(address, Echo.CONFIRMED if found == address else Echo.NAT, found)


def _errno(error: BaseException | None) -> int | None:
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        error = error.__cause__ or error.__context__
    return None


def _address(body: bytes) -> str | None:
    try:
        return str(ipaddress.ip_address(body.decode("ascii").strip()))
    except (ValueError, UnicodeDecodeError):
        return None
