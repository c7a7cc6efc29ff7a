"""The far end of every tunnel, a process of its own: an answer to the first bytes, a flood, or a sink.

    python far_end.py ADDRESS

It speaks no TLS: what the device sends looks like a ClientHello, since a gateway may insist on one, and nobody between
the two ends can tell the rest. The first line on stdout names the ports; it ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PART = bytes(256 * 1024)
LAST = b"\x01"
"""What ends an upload, which is zeros otherwise."""


class Answering(asyncio.Protocol):
    """An answer to whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER)


class Flooding(Answering):
    """Bytes without end, from the first that come."""

    flows = True
    begun = False

    def data_received(self, data: bytes) -> None:
        if not self.begun:
            self.begun = True
            self.send()

    def send(self) -> None:
        while self.flows and not self.transport.is_closing():
            self.transport.write(PART)

    def pause_writing(self) -> None:
        self.flows = False

    def resume_writing(self) -> None:
        """Not at once: asyncio, which calls this from the middle of a write, would report a reset twice."""
        self.flows = True
        asyncio.get_running_loop().call_soon(self.send)


class Swallowing(Answering):
    """Takes everything; answers the first bytes, as a handshake does, and once the last byte of LAST has come."""

    taken = 0

    def data_received(self, data: bytes) -> None:
        if not self.taken:
            self.transport.write(ANSWER)
        self.taken += len(data)
        if self.taken > len(PART) and data.endswith(LAST):
            self.transport.write(ANSWER)


async def main(address: str) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(kind, address, 0, backlog=4096) for kind in (Answering, Flooding, Swallowing)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(dict(zip(("answer", "download", "upload"), ports, strict=True))), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
