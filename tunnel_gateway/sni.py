"""Is what goes into a tunnel TLS for the host that was asked for?

The name in a CONNECT is what the rules decide on; the name inside is what the far end serves. A device that asks for
one and speaks to another behind the same address (domain fronting) has not been decided about. The first bytes of the
device are read as a ClientHello and held against the host, without touching them. A server that wants another key
share asks for a second ClientHello (HelloRetryRequest, RFC 8446, 4.1.4) and may go by that one's name, so that one is
held against the host as well.

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

_HANDSHAKE: Final = 22
_PASSING: Final = frozenset({20, 21, 23})
"""Types of records that may stand between two ClientHellos: change cipher spec, alert, application data."""
_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446, 4.1.3)."""
_RANDOM: Final = slice(11, 43)
_RETRY_WITHIN: Final = 43


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
    """The device's side of one tunnel, up to where no other ClientHello can come in the clear.

    A device need not wait until a second one is asked for, and records that the server will skip (0-RTT data that it
    does not take) may stand before it. So every record is looked at until the server has gone on with its handshake.
    """

    def __init__(self, host: Host, also: frozenset[str], *, enforced: bool) -> None:
        self.enforced = enforced
        self.is_over = False
        """Whether nothing is to be looked at any more."""
        self._host = host
        self._also = also
        self._reader: ClientHelloReader | None = ClientHelloReader()
        self._room = MAX_BYTES
        self._held = bytearray()
        self._named = False
        self._header = bytearray()
        self._left = 0
        self._answer = bytearray()
        self._retried = False

    @property
    def waits(self) -> bool:
        """Whether the first ClientHello is not whole yet."""
        return not self._named

    def feed(self, data: bytes) -> bytes:
        """What may go on of the device's bytes: a ClientHello only once it is whole, and right.

        Raises SniMismatchError.
        """
        passed = bytearray()
        while data and not self.is_over:
            data = self._pass_by(data, passed) if self._reader is None else self._read(self._reader, data, passed)
        if self.is_over:
            passed += self._held + data
            self._held.clear()
        return bytes(passed)

    def answered(self, data: bytes) -> None:
        """The server's bytes: where they do not ask for a second ClientHello, nobody looks any more."""
        if self.waits or self._retried or self.is_over:
            return
        self._answer += data[: _RETRY_WITHIN - len(self._answer)]
        if not self._answer or (self._answer[0] == _HANDSHAKE and len(self._answer) < _RETRY_WITHIN):
            return
        self._retried = self._answer[0] == _HANDSHAKE and self._answer[_RANDOM] == _RETRY
        self.is_over = not self._retried

    def _read(self, reader: ClientHelloReader, data: bytes, passed: bytearray) -> bytes:
        """Read on in a ClientHello; what stands behind it is given back."""
        before = reader.taken
        try:
            hello = reader.feed(data[: self._room])
        except ClientHelloError as error:
            raise SniMismatchError(f"the device does not speak TLS: {error}") from error
        taken = reader.taken - before
        self._held += data[:taken]
        self._room -= taken
        if hello is None:
            if self._room <= 0:
                raise SniMismatchError(f"no whole ClientHello in {MAX_BYTES} bytes")
            return b""
        self._judge(hello)
        passed += self._held
        self._held.clear()
        self._reader, self.is_over = None, self._named
        self._named = True
        return data[taken:]

    def _pass_by(self, data: bytes, passed: bytearray) -> bytes:
        """Let a record pass that is no handshake's; give back what stands behind it, or a handshake's."""
        if self._left:
            passed += data[: self._left]
            rest = data[self._left :]
            self._left -= len(data) - len(rest)
            return rest
        if not self._header and data[0] == _HANDSHAKE:
            self._reader, self._room = ClientHelloReader(), MAX_BYTES
            return data
        if not self._header and data[0] not in _PASSING:
            raise SniMismatchError(f"the device does not speak TLS: a record of type {data[0]} behind its ClientHello")
        wanted = 5 - len(self._header)
        self._header += data[:wanted]
        passed += data[:wanted]
        if len(self._header) == 5:
            self._left = int.from_bytes(self._header[3:], "big")
            self._header.clear()
        return data[wanted:]

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
