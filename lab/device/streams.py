"""A byte stream for httpcore over anyio whose TLS can go around any other stream: TCP, or TLS again."""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import anyio
import httpcore
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSAttribute

from lab.device.half_close import HalfClosableTls


class DeviceStream(httpcore.AsyncNetworkStream):
    """httpcore's interface to one connection, and an end of its sending half."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream: Final = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 (httpcore's)
        with translated(httpcore.ReadError, httpcore.ReadTimeout), anyio.fail_after(timeout):
            try:
                return await self.stream.receive(max_bytes)
            except anyio.EndOfStream:
                return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 (httpcore's)
        if not buffer:
            return
        with translated(httpcore.WriteError, httpcore.WriteTimeout), anyio.fail_after(timeout):
            await self.stream.send(buffer)

    async def send_eof(self) -> None:
        """Say that nothing more will be sent; what the other side still sends can be read."""
        with translated(httpcore.WriteError, httpcore.WriteTimeout):
            await self.stream.send_eof()

    async def aclose(self) -> None:
        await anyio.aclose_forcefully(self.stream)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's)
    ) -> DeviceStream:
        try:
            with translated(httpcore.ConnectError, httpcore.ConnectTimeout), anyio.fail_after(timeout):
                wrapped = await HalfClosableTls.wrap(
                    self.stream,
                    server_side=False,
                    hostname=server_hostname,
                    ssl_context=ssl_context,
                    standard_compatible=False,
                )
        except BaseException:
            await self.aclose()
            raise
        return DeviceStream(wrapped)

    def get_extra_info(self, info: str) -> Any:
        look_up = self.stream.extra
        if info == "ssl_object":
            return look_up(TLSAttribute.ssl_object, None)
        if info == "is_readable":  # an idle connection that has something to read has been closed by its server
            poll = select.poll()
            poll.register(look_up(SocketAttribute.raw_socket), select.POLLIN)
            return bool(poll.poll(0))
        return None


@contextmanager
def translated(failed: type[Exception], late: type[Exception]) -> Iterator[None]:
    """Errors of anyio, sockets and TLS as the two that httpcore knows for this step."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error) or "time-out") from error
    except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream) as error:
        raise failed(str(error) or type(error).__name__) from error
