"""A socket with TLS inside, to an HTTPS proxy. asyncio's own TLS knows no half close; here close_notify is one."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from mitmproxy.connection import Connection

from tunnel_gateway.mitm.conversation import Onward
from tunnel_gateway.mitm.dialling import DialError
from tunnel_gateway.mitm.tls import RECORD
from tunnel_gateway.mitm.wire import ARRIVED, OVERFLOW, Owner, Wire


class TlsWire(Wire):
    """What is sent and received is the inside. Nothing is sent before `handshake` has ended well."""

    __slots__ = ("_incoming", "_outgoing", "_over", "_shaken", "_tls", "onward")

    def __init__(self, owner: Owner, connection: Connection, onward: Onward) -> None:
        super().__init__(owner, connection)
        self.onward = onward
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = onward.tls.wrap_bio(self._incoming, self._outgoing, server_hostname=onward.name)
        self._shaken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over = False

    async def handshake(self) -> None:
        """Raises DialError where the peer does not speak TLS, or is not who it must be; the caller bounds the time."""
        self._shake()
        await self._shaken

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError as error:
            self._flush()  # the alert that says why
            self._fail(_words(error))
        else:
            self._flush()
            self._shaken.set_result(None)
            self._decrypt()

    def _fail(self, words: str) -> None:
        if not self._shaken.done():
            self._shaken.set_exception(DialError(f"TLS with the proxy failed: {words}"))
            self._shaken.exception()  # the time may be up, and nobody waiting

    def _flush(self) -> None:
        if self.transport is not None and not self.transport.is_closing() and self._outgoing.pending:
            self.transport.write(self._outgoing.read())

    # --- turns of the event loop ---

    def buffer_updated(self, nbytes: int) -> None:
        if self._over:  # after the peer's last word nothing counts
            return
        self._incoming.write(ARRIVED[:nbytes])
        if self._shaken.done():
            self._decrypt()
        else:
            self._shake()

    def eof_received(self) -> bool:
        """Without close_notify it is no half close (RFC 8446, 6.1): the peer is gone."""
        self._may_read = False
        return self._over and not self._given_up

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("it closed")
        super().connection_lost(exc)

    def _decrypt(self) -> None:
        """Everything that has come, record by record: nothing may be left where `half_close` is called."""
        parts: list[bytes] = []
        try:
            while part := self._tls.read(RECORD):
                parts.append(part)
            self._over = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._over = True
        except ssl.SSLError:
            self._break_off()
            return
        self._flush()  # what TLS answers by itself
        if parts and self.owner is not None and not self._given_up:
            self.owner.received(self, b"".join(parts))
        if self._over and self.owner is not None and not self._given_up:
            self.owner.ended(self)

    def _break_off(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # --- what its owner does with it ---

    def send(self, data: bytes) -> bool:
        with suppress(ssl.SSLError):  # our last word was said
            self._tls.write(data)
        self._flush()
        assert self.transport is not None
        return not self.full or self.transport.get_write_buffer_size() < OVERFLOW

    def half_close(self) -> None:
        self._say_last()
        super().half_close()

    def close(self) -> None:
        if not self._given_up:
            self._say_last()
        super().close()

    def _say_last(self) -> None:
        """close_notify. The ssl module then also waits for the peer's, which is left to the reading that goes on."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()


def _words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or "it does not speak TLS"
