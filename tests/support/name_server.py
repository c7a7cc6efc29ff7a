"""A name server on a real socket that says what a test tells it to, and counts who asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """`names` leads names to addresses; a name that is not there does not exist. `silent` answers nobody."""

    names: dict[str, list[str]] = field(default_factory=dict)
    ttl: int = 300
    silent: bool = False
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    asked: Counter[str] = field(default_factory=Counter)
    address: tuple[str, int] = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name, kind = str(question.name).rstrip("."), dns.rdatatype.to_text(question.rdtype)
        self.asked[f"{name} {kind}"] += 1
        if self.silent:
            return
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        response.set_rcode(self.rcode if name in self.names else dns.rcode.NXDOMAIN)
        version = 6 if kind == "AAAA" else 4
        addresses = [each for each in self.names.get(name, []) if (":" in each) == (version == 6)]
        if addresses and self.rcode == dns.rcode.NOERROR:
            response.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind, *addresses))
        self.transport.sendto(response.to_wire(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def name_server(**names: list[str]) -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.40.0.53", 0))
    server.address = transport.get_extra_info("sockname")
    server.names = {name.replace("__", "."): addresses for name, addresses in names.items()}
    try:
        yield server
    finally:
        transport.close()
