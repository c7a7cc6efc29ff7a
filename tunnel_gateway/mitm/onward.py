"""Go on through an HTTPS proxy: TLS to it, verified, and a CONNECT of our own (RFC 9110, section 9.3.6)."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from tunnel_gateway.mitm.dialling import DialError
from tunnel_gateway.mitm.tls_wire import TlsWire
from tunnel_gateway.mitm.wire import Wire

MAX_ANSWER: Final = 8 * 1024
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r\n")


async def go_on(wire: TlsWire) -> None:
    """Make of a connection to the proxy one to its target. Raises DialError; the caller bounds the time."""
    target, answer = wire.onward.target, _Answer()
    owner, wire.owner = wire.owner, answer
    await wire.handshake()
    wire.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii"))
    await answer.whole
    wire.owner = owner


class _Answer:
    """The socket's owner until the proxy has answered. `whole` is done then, or has failed with a DialError."""

    def __init__(self) -> None:
        self.whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._data = b""

    def received(self, wire: Wire, data: bytes) -> None:  # noqa: ARG002
        self._data += data
        if self.whole.done():
            return
        head, end, rest = self._data.partition(_END)
        if len(head) > MAX_ANSWER:
            self._fail(f"the proxy's answer is longer than {MAX_ANSWER} bytes")
        elif end:
            self._judge(head + b"\r\n", rest)

    def _judge(self, head: bytes, rest: bytes) -> None:
        status = _STATUS.match(head)
        if status is None:
            self._fail("the proxy does not answer in HTTP/1.1")
        elif not status[1].startswith(b"2"):
            self._fail(f"the proxy refuses with {status[1].decode('ascii')}")
        elif rest:  # the far end cannot have been sent anything yet
            self._fail("the proxy sent more than its answer")
        else:
            self.whole.set_result(None)

    def ended(self, wire: Wire) -> None:  # noqa: ARG002
        self._fail("the proxy closed before it answered")

    lost = ended

    def pressed(self) -> None:
        """Nothing else waits for this socket yet."""

    def _fail(self, words: str) -> None:
        if not self.whole.done():
            self.whole.set_exception(DialError(words))
            self.whole.exception()  # the time may be up, and nobody waiting
