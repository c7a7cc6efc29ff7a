"""Apps and the people who use them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from dtr_rules.source import Model
from lab.record import At, Login
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import DeviceName


class _App(Model):
    """An app on a device. `app` is a key of the catalogue, or an identifier."""

    device: DeviceName
    app: str

    @property
    def _who(self) -> str:
        return f"{self.app} on {self.device}"


class _AppAtProvider(_App):
    at: At

    @property
    def _where(self) -> str:
        return self.at.words


class SignIn(_AppAtProvider):
    """A fresh start of an app, which signs its user in."""

    def words(self) -> str:
        return f"{self._who} starts anew and signs its user in at {self._where}"

    async def do(self, stage: Stage) -> Done:
        return Done((await stage.operations.logins.sign_in(self.device, self.app, self.at),))

    async def until(self, event: asyncio.Future[Any], stage: Stage) -> list[Login]:
        """The same again and again, until something else is done."""
        logins = []
        while not event.done():
            logins.append(await stage.operations.logins.sign_in(self.device, self.app, self.at))
        return logins


class Open(_AppAtProvider):
    """The app is opened again, with the session that its pages still have."""

    def words(self) -> str:
        return f"{self._who} is opened again and wants its user signed in at {self._where}"

    async def do(self, stage: Stage) -> Done:
        return Done((await stage.operations.logins.open(self.device, self.app, self.at),))


class Refresh(_AppAtProvider):
    """The app asks for new tokens by its refresh token."""

    def words(self) -> str:
        return f"{self._who} renews its tokens at {self._where}"

    async def do(self, stage: Stage) -> Done:
        return Done((await stage.operations.logins.refresh(self.device, self.app, self.at),))


class Call(_App):
    """The app calls the sample API, which evaluates access continuously."""

    def words(self) -> str:
        return f"{self._who} calls the sample API"

    async def do(self, stage: Stage) -> Done:
        return Done((await stage.operations.logins.call(self.device, self.app),))


class Visit(_App):
    """The app opens a URL, without signing anybody in."""

    url: str

    def words(self) -> str:
        return f"{self._who} opens {self.url}"

    async def do(self, stage: Stage) -> Done:
        return Done((await stage.operations.logins.visit(self.device, self.app, self.url),))


class GuessPasswords(_AppAtProvider):
    """Somebody tries wrong passwords for an account, each time in an app that starts anew."""

    user: str
    times: Annotated[int, Field(ge=1, le=100)]

    def words(self) -> str:
        return f"somebody at {self._who} tries {self.times} passwords for {self.user} at {self._where}"

    async def do(self, stage: Stage) -> Done:
        logins = stage.operations.logins
        guesses = [await logins.guess_password(self.device, self.app, self.at, self.user) for _ in range(self.times)]
        return Done(tuple(guesses))
