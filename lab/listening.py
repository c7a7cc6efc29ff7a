"""A device that listens, in a world of its own: enrolled, compliant or not, its proxy open until somebody ends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lab.authority import utc_now
from lab.device import App, Attempt
from lab.device.proxy import DeviceProxy
from lab.operations import Operations
from lab.plan import ANNA, DevicePlan, WorldPlan
from lab.world import running_world


@dataclass(frozen=True, slots=True)
class Listening:
    """Where programs find the proxy, and what they and their users need. Secrets are in files of their owner's."""

    device: str
    app: App
    address: str
    proxy: str
    pac: str
    authority: Path
    user: str
    password_file: Path
    code_file: Path
    """Where the second factor stands that the user's simulated authenticator shows."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to listen: `app` is who the programs behind the proxy are, `rules` the text of a rule file.

    `compliant` is whether the device keeps the compliance policy.
    """

    device: DevicePlan
    app: App
    rules: str
    compliant: bool


class Teller(Protocol):
    """Who tells a person, or a program, what goes on."""

    def step(self, words: str) -> contextlib.AbstractContextManager[None]:
        """Something that takes a moment and is done at the end of the block."""

    def listening(self, found: Listening) -> None:
        """Programs can come."""

    def connection(self, attempt: Attempt, time: datetime) -> None:
        """One came, and this is what became of it."""


async def listen(wish: Wish, listener: socket.socket, teller: Teller) -> None:
    """Start a world with this one device, and tell of its connections until this task is cancelled.

    Raises as `running_world` does.
    """
    plan = WorldPlan(rules=wish.rules, devices=(wish.device,), egress_admitted=True)
    name, attempts = wish.device.name, asyncio.Queue[Attempt]()
    async with contextlib.AsyncExitStack() as stack:
        with teller.step("start Okta, Entra and the UEM; start tunnel-gateway"):
            world = await stack.enter_async_context(running_world(plan))
        device = world.devices[name]
        with teller.step(f"{name} enrols: inventory, device certificate, VPN profile"):
            fleet = Operations(world).fleet
            await fleet.enrol(name)
            if not wish.compliant:
                await fleet.set_passcode(name, present=False)
        person = world.people[ANNA]
        password = world.directory.secret("anna.password", person.password)
        code = world.directory.secret("anna.code", person.code)
        proxy = await stack.enter_async_context(DeviceProxy(device, wish.app, listener))
        device.observers.append(attempts.put_nowait)
        found = Listening(
            device=name,
            app=wish.app,
            address=device.address,
            proxy=proxy.url,
            pac=proxy.pac_url,
            authority=world.directory.authority,
            user=person.user,
            password_file=world.directory.path / password,
            code_file=world.directory.path / code,
        )
        with contextlib.suppress(asyncio.CancelledError):  # this is how it ends
            teller.listening(found)
            while True:
                teller.connection(await attempts.get(), utc_now())
