"""Is what goes into a tunnel TLS for the host that was asked for?

The name in a CONNECT is what the rules decide on; the name inside is what the far end serves. A device that asks for
one and speaks to another behind the same address (domain fronting) has not been decided about. The first bytes of the
device are read as a ClientHello and held against the host, without touching them.

Encrypted Client Hello: browsers send the extension empty-handed (GREASE), so it proves nothing. Where it is real, the
name outside is the provider's public one, which is another name unless it is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dtr_rules.client_hello import ClientHello, ClientHelloError, ClientHelloReader
from dtr_rules.hosts import Address, Host, HostError, parse_host

MAX_BYTES: Final = 16 * 1024
"""Bytes within which the ClientHello must be whole."""
WITHIN: Final = 10.0
"""Seconds within which it must be whole."""


class SniMode(StrEnum):
    """`enforce` sends nothing on before the name is right, `report` sends at once and notes, `off` does not look."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class SniPolicy:
    """Where names are held against hosts. `also` lists other names that are right for a host (an ECH public name)."""

    mode: SniMode = SniMode.OFF
    exempt_ports: frozenset[int] = frozenset()
    also: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, host: Host, port: int) -> SniCheck | None:
        """What reads the device's first bytes of a tunnel to `host`; None where nobody looks."""
        if self.mode is SniMode.OFF or port in self.exempt_ports:
            return None
        return SniCheck(host, self.also.get(str(host), frozenset()), enforced=self.mode is SniMode.ENFORCE)


class SniMismatchError(Exception):
    """The bytes are not TLS for the host. The message says what they are."""


class SniCheck:
    """The device's first bytes of one tunnel."""

    def __init__(self, host: Host, also: frozenset[str], *, enforced: bool) -> None:
        self.enforced = enforced
        self._host = host
        self._also = also
        self._reader = ClientHelloReader()
        self._room = MAX_BYTES

    def feed(self, data: bytes) -> bool:
        """Whether the ClientHello is whole, and right. Raises SniMismatchError."""
        try:
            hello = self._reader.feed(data[: self._room])
        except ClientHelloError as error:
            raise SniMismatchError(f"the device does not speak TLS: {error}") from error
        self._room -= len(data)
        if hello is not None:
            self._judge(hello)
            return True
        if self._room <= 0:
            raise SniMismatchError(f"no whole ClientHello in {MAX_BYTES} bytes")
        return False

    def _judge(self, hello: ClientHello) -> None:
        name = hello.server_name
        if name is None:
            if isinstance(self._host, Address):  # RFC 6066, 3: literal addresses are not sent
                return
            raise SniMismatchError("the device names no server inside TLS")
        try:
            said = str(parse_host(name))
        except HostError as error:
            raise SniMismatchError(f"the server name inside TLS {error}") from error
        if said != str(self._host) and said not in self._also:
            also = ", behind which Encrypted Client Hello may hide another" if hello.encrypted_client_hello else ""
            raise SniMismatchError(f"the server name inside TLS is {said}{also}")
