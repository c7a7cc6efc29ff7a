"""The addresses of a name: from the hosts file, from what name servers said within its time to live, or from them.

`getaddrinfo` tells no time to live and takes a thread for each look-up; so name servers are asked directly, those of
the system's resolv.conf unless others are configured. A name is always taken as it stands: search domains would make
another name of it than the one that was decided on.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver

from dtr_rules.hosts import Address
from tunnel_gateway.hosts_file import HostsFile
from tunnel_gateway.reasons import Reason, RefusalError

LONGEST: Final = 3600.0
"""Seconds for which an answer is kept at the most, whatever its time to live."""
NEGATIVE: Final = 10.0
"""Seconds for which it is remembered that a name has no address (RFC 2308 allows more)."""
FAILURE: Final = 2.0
"""Seconds for which it is remembered that nobody could be asked (RFC 9520 asks for at least 1)."""
MAX_NAMES: Final = 10_000
AT_ONCE: Final = 256
"""Look-ups on their way; whoever comes then waits, for as long as the time limit allows."""

_TYPES: Final = {4: dns.rdatatype.A, 6: dns.rdatatype.AAAA}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a name until `expires`: its addresses, or why it has none. Times are of a monotonic clock."""

    addresses: tuple[Address, ...]
    failure: str | None
    expires: float


class Resolver:
    """Name servers with a memory. `timeout` is in seconds, for one name; `versions` are the IP versions asked for."""

    def __init__(
        self,
        timeout: float,
        versions: frozenset[int] = frozenset({4, 6}),
        servers: Sequence[tuple[str, int]] = (),
        hosts: HostsFile | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        self._versions = sorted(versions)
        self._servers = servers
        self._hosts = hosts or HostsFile()
        self._monotonic = monotonic
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._asked: dict[str, asyncio.Task[Known]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def addresses(self, name: str) -> tuple[Address, ...]:
        """The name's addresses. Raises RefusalError with `resolution-failed`."""
        listed = self._hosts.addresses(name)
        if listed:
            return tuple(address for address in listed if address.ip.version in self._versions)
        known = self._known.get(name)
        if known is None or known.expires <= self._monotonic():
            known = await self._ask_once(name)
        if known.failure is not None:
            raise RefusalError(Reason.RESOLUTION_FAILED, known.failure)
        return known.addresses

    async def _ask_once(self, name: str) -> Known:
        """One question for all who ask for the same name at the same time."""
        task = self._asked.get(name)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._ask(name))
            self._asked[name] = task
            task.add_done_callback(lambda _: self._asked.pop(name, None))
        return await asyncio.shield(task)

    async def _ask(self, name: str) -> Known:
        try:
            async with asyncio.timeout(self._timeout), self._room:
                known = await self._look_up(name)
        except TimeoutError:
            known = self._none("the name server did not answer in time", FAILURE)
        self._remember(name, known)
        return known

    async def _look_up(self, name: str) -> Known:
        try:
            resolver = self._system_resolver()
        except dns.exception.DNSException as error:
            return self._none(f"no name server is configured ({error})", FAILURE)
        answers = await asyncio.gather(
            *(resolver.resolve(f"{name}.", _TYPES[version], search=False) for version in self._versions),
            return_exceptions=True,
        )
        found = [answer for answer in answers if isinstance(answer, dns.resolver.Answer)]
        if found:
            records = [str(record.address) for answer in found for record in answer]
            for_seconds = min(answer.chaining_result.minimum_ttl for answer in found)
            addresses = tuple(dict.fromkeys(Address(ip_address(record)) for record in records))
            return Known(addresses, None, self._monotonic() + min(for_seconds, LONGEST))
        return self._failure(answers)

    def _failure(self, answers: Sequence[object]) -> Known:
        """Where one family's servers failed and the other's say there is nothing, nothing is certain."""
        if any(isinstance(answer, dns.resolver.NXDOMAIN) for answer in answers):
            return self._none("the name does not exist", NEGATIVE)
        if all(isinstance(answer, dns.resolver.NoAnswer) for answer in answers):
            return self._none("the name has no address", NEGATIVE)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, dns.exception.DNSException | OSError):
                raise answer
        if any(isinstance(answer, dns.exception.Timeout) for answer in answers):
            return self._none("the name server did not answer in time", FAILURE)
        return self._none("the name server gives no answer", FAILURE)

    def _none(self, words: str, for_seconds: float) -> Known:
        return Known((), words, self._monotonic() + for_seconds)

    def _remember(self, name: str, known: Known) -> None:
        self._known[name] = known
        self._known.move_to_end(name)
        while len(self._known) > MAX_NAMES:
            self._known.popitem(last=False)

    def _system_resolver(self) -> dns.asyncresolver.Resolver:
        """The system's file is read anew where it could not be read before."""
        if self._resolver is None:
            resolver = dns.asyncresolver.Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in self._servers]
            resolver.lifetime = self._timeout
            self._resolver = resolver
        return self._resolver
