"""What the gateway does when it is sent a signal: SIGHUP reloads, SIGTERM drains, SIGINT and a second signal end it."""

from __future__ import annotations

import asyncio
import signal

from tunnel_gateway.reload import Reloader


class Signals:
    """From now on signals are heard here. `graceful` is whether open tunnels get their time to end."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stop = asyncio.Event()
        self.at_once = asyncio.Event()
        self.graceful = False
        self._wanted = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, self._end, True)
        loop.add_signal_handler(signal.SIGINT, self._end, False)
        loop.add_signal_handler(signal.SIGHUP, self._wanted.set)

    def _end(self, graceful: bool) -> None:
        if self.stop.is_set():
            self.at_once.set()
        else:
            self.graceful = graceful
            self.stop.set()

    async def reload(self, reloader: Reloader) -> None:
        """Reload at every SIGHUP, for ever; several that come while one is on its way become one more."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await reloader.reload()
