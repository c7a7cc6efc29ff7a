"""Resolve names without letting a slow name server hold up anything else.

asyncio resolves in a pool of threads that it shares with everything and waits for at the end: a few slow names would
block all others, and the end of the process. Here each look-up has a thread of its own that nothing waits for, and
there is room for a fixed number of them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from dtr_rules.hosts import Address
from tunnel_gateway.reasons import Reason, RefusalError

AT_ONCE: Final = 64
"""Look-ups on their way; whoever comes then waits, for as long as the time limit allows."""


class Resolver:
    """The system's resolver. `timeout` is in seconds, waiting for room included."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._room = asyncio.Semaphore(AT_ONCE)

    async def addresses(self, name: str, port: int) -> list[Address]:
        """The name's addresses in the resolver's order. Raises RefusalError with `resolution-failed`."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._room.acquire()
                found = await asyncio.shield(self._look_up(name, port))
        except TimeoutError:
            raise RefusalError(Reason.RESOLUTION_FAILED, "the name server did not answer in time") from None
        except OSError as error:
            raise RefusalError(Reason.RESOLUTION_FAILED, error.strerror or "the name cannot be resolved") from error
        return list(dict.fromkeys(Address(ip_address(address)) for address in found))

    def _look_up(self, name: str, port: int) -> asyncio.Future[list[str]]:
        """Its room is given back when the look-up is over, not when somebody has stopped waiting for it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()

        def settle(found: list[str] | None, error: OSError | None) -> None:
            self._room.release()
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
                future.exception()  # nobody may be waiting any more
            else:
                future.set_result(found or [])

        def work() -> None:
            found, error = None, None
            try:
                answers = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
                found = [str(answer[4][0]) for answer in answers]
            except OSError as failed:
                error = failed
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, found, error)

        threading.Thread(target=work, daemon=True, name="resolve").start()
        return future
