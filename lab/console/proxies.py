"""The local proxies of the devices of one world: whatever goes through one is that app of that device."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from lab.device.apps import App
from lab.device.proxy import DeviceProxy, loopback_socket
from lab.world import World

MOST: Final = 40
"""Proxies that can be open at once."""


class TooManyProxiesError(Exception):
    """No more can be opened."""


@dataclass(frozen=True, slots=True)
class OpenProxy:
    """Where programs find a proxy. `app` is the app's key, `name` what people call it."""

    device: str
    platform: str
    app: str
    name: str
    proxy: str
    pac: str


class Proxies:
    """They stay open as long as `stack` does."""

    def __init__(self, world: World, stack: contextlib.AsyncExitStack) -> None:
        self._world = world
        self._stack = stack
        self._open: Final[dict[tuple[str, str], OpenProxy]] = {}

    @property
    def all(self) -> tuple[OpenProxy, ...]:
        """In the order in which they were opened."""
        return tuple(self._open.values())

    async def browser_of(self, device: str) -> OpenProxy:
        """The proxy of the device's own browser."""
        return await self.open(device, self._world.devices[device].browser.key)

    async def open(self, device: str, app: str) -> OpenProxy:
        """The proxy of an app, which is opened where it is not yet.

        Raises AppUnknownError, TooManyProxiesError, OSError.
        """
        found = self._world.devices[device].app(app)
        if (device, found.key) not in self._open:
            if len(self._open) >= MOST:
                raise TooManyProxiesError(f"{MOST} proxies are open; no more can be opened")
            self._open[device, found.key] = await self._start(device, found)
        return self._open[device, found.key]

    async def _start(self, device: str, app: App) -> OpenProxy:
        proxy = await self._stack.enter_async_context(DeviceProxy(self._world.devices[device], app, loopback_socket()))
        return OpenProxy(device, app.platform.value, app.key, app.name, proxy.url, proxy.pac_url)
