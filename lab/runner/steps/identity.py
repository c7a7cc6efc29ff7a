"""What administrators of Okta and Entra do."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, RootModel

from dtr_rules.source import Model
from lab.record import At
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import PersonName


class CatchAll(RootModel[Literal["ALLOW", "DENY"]]):
    """What the app's sign-in policy at Okta does with whatever no other rule matches."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"Okta's administrator sets the catch-all rule to {self.root}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.okta.set_catch_all(self.root)
        return Done()


class ClientNetwork(RootModel[Literal["zone", "anywhere"]]):
    """From where the app's OAuth client may ask Okta for tokens."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        where = "the tunnel's zone" if self.root == "zone" else "anywhere"
        return f"Okta's administrator lets the app's OAuth client ask for tokens from {where}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.okta.bind_client(to_zone=self.root == "zone")
        return Done()


class Blocklist(Model):
    """Addresses on the org's blocklist, as Okta writes them: `A-B` or CIDR."""

    add: tuple[str, ...]

    def words(self) -> str:
        return f"the security team puts {', '.join(self.add)} on Okta's blocklist"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.okta.blocklist(self.add)
        return Done()


class StrictLocation(RootModel[bool]):
    """Whether resources enforce the location of Entra's policy themselves."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"Entra's administrator switches strict location enforcement {'on' if self.root else 'off'}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.entra.set_strict_location(strict=self.root)
        return Done()


class RevokeSessions(Model):
    """A person's sessions end; at Okta `tokens` says whether what apps hold ends, too."""

    user: PersonName
    at: Literal[At.OKTA, At.ENTRA]
    tokens: bool = True

    def words(self) -> str:
        what = "sessions and tokens" if self.tokens else "sessions"
        return f"an administrator revokes {self.user}'s {what} at {self.at.capitalize()}"

    async def do(self, stage: Stage) -> Done:
        login = stage.operations.world.people[self.user].user
        if self.at is At.OKTA:
            await stage.operations.okta.revoke_sessions(login, tokens=self.tokens)
        else:
            await stage.operations.entra.revoke_sessions(login)
        return Done()
