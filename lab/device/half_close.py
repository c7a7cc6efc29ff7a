"""TLS that closes its sending half by a close_notify and goes on reading: allowed by RFC 8446 (6.1), not done by anyio.

Tunnels need it: what a program inside one closes in one direction has to reach its server that way.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import Final

import anyio
from anyio.streams.tls import TLSStream

_CHUNK: Final = 65536


class HalfClosableTls(TLSStream):
    """anyio's TLS stream with a `send_eof`."""

    _early = b""
    """What had come, unread, when the sending half was closed: OpenSSL does not close it before that is taken out."""

    async def send_eof(self) -> None:
        tls = self._ssl_object
        with contextlib.suppress(ssl.SSLWantReadError):
            while part := tls.read(_CHUNK):
                self._early += part
        with contextlib.suppress(ssl.SSLWantReadError):  # wants the other side's close_notify, which may come later
            tls.unwrap()
        if self._write_bio.pending:
            await self.transport_stream.send(self._write_bio.read())

    async def receive(self, max_bytes: int = _CHUNK) -> bytes:
        if self._early:
            part, self._early = self._early[:max_bytes], self._early[max_bytes:]
            return part
        try:
            return await super().receive(max_bytes)
        except ssl.SSLZeroReturnError as error:  # what the ssl module says where both halves are closed
            raise anyio.EndOfStream from error
