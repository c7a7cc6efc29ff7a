"""`tunnel-lab up`: a world with its devices enrolled, their browsers' proxies and its console, until it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from lab.console.app import Console
from lab.console.casting import ZONE_DELAY, console_world
from lab.console.desk import Desk
from lab.console.door import Door
from lab.console.event_log import EventLog
from lab.console.guard import KEY
from lab.console.memory import Memory
from lab.console.proxies import OpenProxy, Proxies
from lab.console.shows import Shows
from lab.https_server import HttpServer
from lab.operations import Operations
from lab.plan import ANNA
from lab.roster import ROSTER
from lab.world import World, running_world

ADDRESS: Final = "127.0.0.1"
FIRST_PORT: Final = 8080
PORTS: Final = 100
"""How many ports are tried, the first one included, where nobody names one."""


@dataclass(frozen=True, slots=True)
class Up:
    """What people need. `link` opens the console once; the password is in a file of its owner's."""

    console: str
    link: str = field(repr=False)
    browsers: tuple[OpenProxy, ...]
    authority: Path
    user: str
    password_file: Path


class Teller(Protocol):
    """Who tells a person, or a program, what goes on."""

    def step(self, words: str) -> contextlib.AbstractContextManager[None]:
        """Something that takes a moment and is done at the end of the block."""

    def up(self, found: Up) -> None:
        """Everything is there."""

    def link(self, url: str) -> None:
        """The link was used; this one takes its place."""


@dataclass(frozen=True, slots=True)
class RunningConsole:
    """A console that serves, and what it is the console of."""

    operations: Operations
    url: str
    door: Door = field(repr=False)
    desk: Desk
    log: EventLog
    shows: Shows
    proxies: Proxies

    @property
    def link(self) -> str:
        """The address that opens it, once."""
        return link_to(self.url, self.door.key)


def console_socket(port: int | None) -> socket.socket:
    """A listening socket on 127.0.0.1: at `port`, or from 8080 on at the next free one. Raises OSError."""
    if port is not None:
        return socket.create_server((ADDRESS, port))
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS - 1):
        with contextlib.suppress(OSError):
            return socket.create_server((ADDRESS, candidate))
    return socket.create_server((ADDRESS, FIRST_PORT + PORTS - 1))


def link_to(url: str, key: str) -> str:
    """The console's address with a key."""
    return f"{url}/?{KEY}={key}"


@contextlib.asynccontextmanager
async def serve_console(world: World, listener: socket.socket, teller: Teller) -> AsyncIterator[RunningConsole]:
    """The console of a running world, at `listener`."""
    port = listener.getsockname()[1]
    url = f"http://{ADDRESS}:{port}"
    operations, log, memory = Operations(world), EventLog(), Memory()
    desk, shows = Desk(operations, log, memory), Shows(log)
    door = Door(port, lambda key: teller.link(link_to(url, key)))
    async with contextlib.AsyncExitStack() as stack:
        proxies = Proxies(world, stack)
        app = Console(operations, desk=desk, log=log, memory=memory, shows=shows, proxies=proxies).app(door)
        await stack.enter_async_context(HttpServer(app, listener))
        stack.push_async_callback(shows.end)
        yield RunningConsole(operations, url, door, desk, log, shows, proxies)


async def bring_up(rules: str, listener: socket.socket, teller: Teller) -> None:
    """Start a world with `rules`, the text of a file that can be used, until this task is cancelled.

    Raises as `running_world` does.
    """
    async with contextlib.AsyncExitStack() as stack:
        with teller.step("start Okta, Entra and the UEM; start tunnel-gateway"):
            world = await stack.enter_async_context(running_world(console_world(rules)))
        console = await stack.enter_async_context(serve_console(world, listener, teller))
        for device in ROSTER:
            with teller.step(f"{device.name} enrols: inventory, device certificate, VPN profile"):
                await console.operations.fleet.enrol(device.name)
        with teller.step("okta-zones apply: write the egress addresses to Okta and Entra; skip Okta's minute"):
            await console.operations.zones.changes("apply")
            await console.operations.advance(ZONE_DELAY)
        with teller.step("read the scenarios"):
            await asyncio.to_thread(getattr, console.shows, "view")
        await console.desk.look()
        browsers = [await console.proxies.browser_of(name) for name in world.devices]
        person = world.people[ANNA]
        teller.up(
            Up(
                console=console.url,
                link=console.link,
                browsers=tuple(browsers),
                authority=world.directory.authority,
                user=person.user,
                password_file=world.directory.path / world.directory.secret("anna.password", person.password),
            )
        )
        with contextlib.suppress(asyncio.CancelledError):  # this is how it ends
            await console.desk.watch()
