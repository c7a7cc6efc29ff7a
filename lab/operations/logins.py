"""Apps and the people who use them; what every party wrote down of it is the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import httpx

from lab.device.apps import App
from lab.device.openid import OFFLINE, Client
from lab.device.outcome import FAILURES, Outcome
from lab.device.person import Person
from lab.device.running_app import RunningApp, Use
from lab.device.sign_in import SignIn
from lab.entra.resources import SAMPLE
from lab.logbooks import mark, pages_since
from lab.network import CUSTOM_HOST, OKTA_HOST, SAMPLE_HOST
from lab.operations.observation import Errand, login_of
from lab.plan import BEN
from lab.record import At, Login, LoginKind
from lab.world import World


class Logins:
    """The logins of a world, numbered from 1. `step` is the number that new ones are recorded with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0
        self._running: Final[dict[tuple[str, str], RunningApp]] = {}
        self._users: Final = {device.name: device.user for device in world.plan.devices}
        self.step = 0

    def app(self, device: str, app: str | App) -> RunningApp:
        """An app on a device, as it runs since it was first used. Raises AppUnknownError."""
        found = app if isinstance(app, App) else self._world.devices[device].app(app)
        return self._running.setdefault((device, found.key), RunningApp(self._world.devices[device], found))

    def person(self, device: str, at: At) -> Person:
        """Who signs in there: the device's user, and at federated Office 365 whoever has an account there."""
        return self._world.people[BEN if at is At.OFFICE365 else self._users[device]]

    def client(self, at: At) -> Client:
        """The app as the provider knows it; it asks for offline access."""
        known = self._world.okta if at in (At.OKTA, At.CUSTOM_DOMAIN) else self._world.entra
        if at is At.CUSTOM_DOMAIN:
            known = replace(known, discovery=known.discovery.replace(OKTA_HOST, CUSTOM_HOST))
        if at is At.SAMPLE:
            return replace(known, scope=f"openid profile {OFFLINE} {SAMPLE.uri}/Read", capabilities=("cp1",))
        return replace(known, scope=f"{known.scope} {OFFLINE}")

    def next_number(self) -> int:
        """The number of a login that is to be recorded."""
        self._count += 1
        return self._count

    # --- what people and apps do --------------------------------------------------------------------

    async def sign_in(self, device: str, app: str | App, at: At) -> Login:
        """A fresh start of an app, without a token and a cookie, which signs its user in."""
        running = self.app(device, app)
        running.start_anew()
        return await self.open(device, app, at, kind=LoginKind.SIGN_IN)

    async def open(self, device: str, app: str | App, at: At, *, kind: LoginKind = LoginKind.ACCESS) -> Login:
        """The app is opened and wants its user signed in; a session that is still good asks for nothing."""
        running, client, person = self.app(device, app), self.client(at), self.person(device, at)
        return await self._observed(running, at, kind, lambda: running.sign_in(client, person))

    async def refresh(self, device: str, app: str | App, at: At) -> Login:
        """The app asks for new tokens by its refresh token. Raises NotSignedInError where it holds none."""
        running, client = self.app(device, app), self.client(at)
        return await self._observed(running, at, LoginKind.REFRESH, lambda: running.renew(client))

    async def call(self, device: str, app: str | App) -> Login:
        """The app calls the sample API with its access token. Raises NotSignedInError where it holds none."""
        running, client = self.app(device, app), self.client(At.SAMPLE)
        url = f"https://{SAMPLE_HOST}/v1/me"
        return await self._observed(running, At.SAMPLE, LoginKind.RESOURCE, lambda: running.use(client, url))

    async def visit(self, device: str, app: str | App, url: str) -> Login:
        """The app opens a page; whoever answers, with whatever, was reached."""
        running, host = self.app(device, app), httpx.URL(url).host

        async def fetch() -> SignIn:
            try:
                async with running.device.pages_of(running.app) as http:
                    await http.get(url)
            except FAILURES as error:
                return SignIn.failed(error)
            return SignIn(Outcome.ALLOWED)

        return await self._observed(running, host, LoginKind.VISIT, fetch)

    async def guess_password(self, device: str, app: str | App, at: At, user: str) -> Login:
        """Somebody tries a wrong password for `user`, in an app that starts anew each time."""
        running, client = self.app(device, app), self.client(at)
        running.start_anew()
        wrong = Person(user, "Spring2026!")
        return await self._observed(running, at, LoginKind.SIGN_IN, lambda: running.sign_in(client, wrong))

    async def _observed(
        self, running: RunningApp, at: At | str, kind: LoginKind, errand: Callable[[], Awaitable[SignIn | Use]]
    ) -> Login:
        world, begin, time = self._world, mark(self._world), self._world.clock.now()
        done = await errand()
        return login_of(
            Errand(
                number=self.next_number(),
                step=self.step,
                kind=kind,
                running=running,
                at=str(at),
                user=self.person(running.device.name, at).user if isinstance(at, At) else "",
                time=time,
            ),
            done,
            await pages_since(world, begin),
        )
