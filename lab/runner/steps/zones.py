"""The lists that admit the egress addresses, and those who write them."""

from __future__ import annotations

import shlex
from typing import Literal

from pydantic import RootModel

from dtr_rules.source import Model
from lab.runner.stage import Done, Stage


class OktaZones(RootModel[str]):
    """The real program, with what a person would type after its name."""

    def words(self) -> str:
        return f"okta-zones {self.root}"

    async def do(self, stage: Stage) -> Done:
        verb, *arguments = shlex.split(self.root)
        result = await stage.operations.zones.run(verb, *arguments)
        lines = [line for line in f"{result.out}{result.err}".splitlines() if line.strip()]
        return Done(command=result, said=(*lines, f"exit code {result.code}"))


class AnotherWriter(Model):
    """Another tool, which owns an API token of its own, writes the tunnel's zone at Okta."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def words(self) -> str:
        changes = [f"+{each}" for each in self.add] + [f"-{each}" for each in self.remove]
        return f"another tool writes the zone: {', '.join(changes)}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.okta.write_as_another_tool(add=self.add, remove=self.remove)
        return Done()


class SwitchEgress(Model):
    """The gateway's administrator lets connections leave from an address, or not any more."""

    address: str
    to: Literal["active", "draining", "disabled"]

    def words(self) -> str:
        return f"the gateway's administrator switches {self.address} to {self.to}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.gateway.switch_egress(self.address, self.to)
        return Done()
