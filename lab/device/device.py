"""The device: what it is, what is installed on it, and the HTTP clients of its apps."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path as FilePath
from typing import Final

import httpx

from dtr_rules import Mode, Platform
from lab.authority import Credential, utc_now
from lab.device import user_agents
from lab.device.apps import App, Role, apps_on, find_app, system_browser
from lab.device.knobs import Knobs
from lab.device.okta_verify import Enrolled
from lab.device.profile import InstalledProfile, PinnedGateway, install
from lab.device.routing import Path, Route, Situation, route
from lab.device.transport import Attempt, DeviceNetwork, DeviceTransport, Exchange
from lab.network import OKTA_HOST, Network

SYSTEM: Final = "system"
"""What the device itself is called in the journal, where an app's identifier would stand."""
OKTA_VERIFY: Final = "okta-verify"
TIMEOUT: Final = 5.0
"""Seconds that an app waits for any one step of a connection."""


@dataclass(slots=True)
class Device:
    """A device on the lab's network. `storage` is a directory of its own, readable to nobody else.

    `journal` holds every connection that any of its apps asked for, `exchanges` every request that was answered over
    one, in order.
    """

    name: str
    platform: Platform
    udid: str
    address: str
    network: Network
    trust: ssl.SSLContext = field(repr=False)
    """The server certificates that the device believes."""
    storage: FilePath
    on_trusted_network: bool = False
    profile: InstalledProfile | None = None
    journal: list[Attempt] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    knobs: Knobs = field(default_factory=Knobs)
    serial_number: str = ""
    missing: set[str] = field(default_factory=set)
    """Keys of the catalogue's apps that are not on the device; all others of its platform are."""
    okta_verify: Enrolled | None = field(default=None, repr=False)
    extension_hosts: frozenset[str] = frozenset({OKTA_HOST})
    """The hosts that the installed SSO extension profile names."""
    now: Callable[[], datetime] = utc_now
    """What its apps take the time to be."""
    observers: list[Callable[[Attempt], None]] = field(default_factory=list, repr=False)
    """Who hears of each connection as it is made or fails."""
    cutters: list[Callable[[Collection[Path]], None]] = field(default_factory=list, repr=False)
    """Who ends its open connections of these ways, when they have lost their ground."""
    _cookies: dict[str, CookieJar] = field(default_factory=dict, repr=False)

    # --- what it has ------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode | None:
        """Per Application or Full Device, as the installed VPN profile says; None without one."""
        return self.profile.rules.rule_set.mode if self.profile is not None else None

    @property
    def apps(self) -> tuple[App, ...]:
        """The apps that are on it, in the catalogue's order."""
        return tuple(app for app in apps_on(self.platform) if app.key not in self.missing)

    @property
    def has_tunnel_app(self) -> bool:
        return any(app.role is Role.TUNNEL_CLIENT for app in self.apps)

    @property
    def usable_okta_verify(self) -> Enrolled | None:
        """Its enrolment in Okta Verify, as long as the app is there."""
        return self.okta_verify if OKTA_VERIFY not in self.missing else None

    @property
    def browser(self) -> App:
        """The browser that opens login pages which leave their app."""
        return system_browser(self.platform)

    def app(self, name: str) -> App:
        """An app of the platform by key or identifier. Raises AppUnknownError."""
        return find_app(self.platform, name)

    def remove_app(self, key: str) -> None:
        """What a user does by holding an icon. Raises AppUnknownError."""
        app = self.app(key)
        self.missing.add(app.key)
        if app.role is Role.TUNNEL_CLIENT:
            self._cut((Path.TUNNEL,))

    def install_app(self, key: str) -> None:
        """Put an app back. Raises AppUnknownError."""
        self.missing.discard(self.app(key).key)

    def move(self, address: str, *, trusted: bool) -> None:
        """Join another network, and get an address there; `trusted` networks are those that the Tunnel app knows."""
        self.address, self.on_trusted_network = address, trusted
        self._cut(tuple(Path))

    def install_profile(
        self,
        profile_id: int,
        version: int,
        *,
        rules: str,
        gateway: PinnedGateway,
        client: Credential | None,
    ) -> None:
        """Install a VPN profile in the place of the one that is there.

        Raises as `lab.device.profile.install` does.
        """
        self.profile = install(self.storage, profile_id, version, rules=rules, gateway=gateway, client=client)
        self._cut((Path.TUNNEL,))

    def remove_profile(self) -> None:
        """Remove the VPN profile, with its key."""
        self.profile = None
        for file in self.storage.iterdir():
            file.unlink()
        self._cut((Path.TUNNEL,))

    # --- how its apps reach the network -----------------------------------------------------------

    def route(self, app: str, host: str, port: int) -> Route:
        """The way that a connection of the app with this identifier would take now."""
        rules = self.profile.rules if self.profile is not None else None
        situation = Situation(self.platform, rules, self.on_trusted_network, self.has_tunnel_app, self.knobs)
        return replace(route(situation, app=app, host=host, port=port), profile=self.profile)

    def connections_of(self, app: str) -> DeviceNetwork:
        """The network as the app with this identifier has it: every connection is routed anew and written down."""
        return DeviceNetwork(self.network, self.address, app, partial(self.route, app), self._note)

    def open_app(self, app: str) -> httpx.AsyncClient:
        """A fresh start of an app: its HTTP client, without cookies. Redirects are the app's own affair."""
        return self._client(self.connections_of(app), user_agents.of_app(self.platform, app), CookieJar())

    def client_of(self, app: App) -> httpx.AsyncClient:
        """What an app uses where it shows no page: to ask for tokens, to speak to an API."""
        return self._client(self.connections_of(app.id), user_agents.of_app(self.platform, app.name), CookieJar())

    def pages_of(self, app: App) -> httpx.AsyncClient:
        """What an app shows pages with: a browser, or a web view with the cookies that the app has."""
        agent = user_agents.of_pages(self.platform, app.key)
        return self._client(self.connections_of(app.id), agent, self._cookies.setdefault(app.key, CookieJar()))

    def forget_cookies(self, key: str) -> None:
        """What the app with this key forgets when its user clears it."""
        self._cookies.pop(key, None)

    def system_client(self) -> httpx.AsyncClient:
        """The device's own HTTP client, for its management: no VPN profile applies to it."""
        network = DeviceNetwork(self.network, self.address, SYSTEM, _always_direct, self._note)
        return self._client(network, user_agents.of_app(self.platform, SYSTEM), CookieJar())

    def _note(self, attempt: Attempt) -> None:
        self.journal.append(attempt)
        for observer in self.observers:
            observer(attempt)

    def _cut(self, ways: Collection[Path]) -> None:
        for cut in self.cutters:
            cut(ways)

    def _client(self, network: DeviceNetwork, user_agent: str, cookies: CookieJar) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=DeviceTransport(network, self.trust, self.exchanges.append),
            headers={"User-Agent": user_agent},
            cookies=cookies,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )


def _always_direct(_host: str, _port: int) -> Route:
    return Route(Path.DIRECT, "the device's own management is not in the VPN profile")
