"""The lists that admit the egress addresses, and those who write them."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from dtr_rules.source import Model
from lab.runner.stage import Done, Stage
from lab.runner.steps.apps import SignIn

VERBS: Final = ("plan", "apply", "rotate", "retire", "show", "doctor")
OPTIONS: Final = (
    "--abandon",
    "--accept",
    "--drain-within",
    "--from",
    "--history",
    "--json",
    "--last",
    "--remove",
    "--skip-propagation-wait",
    "--switched",
    "--target",
    "--to",
    "--yes",
)
"""None of them names a file: with another configuration it would be the tenant of whoever plays the scenario."""


class OktaZones(Model):
    """The real program: `okta-zones: plan`, what a person would type after its name.

    `addresses` are handed to it in a file, as a source of addresses would; `meanwhile` an app signs in again and again.
    """

    run: str
    addresses: tuple[str, ...] = ()
    meanwhile: SignIn | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"run": value} if isinstance(value, str) else value

    @field_validator("run")
    @classmethod
    def _has_a_verb(cls, value: str) -> str:
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise ValueError(f"not a command line: {error}") from None
        if not words:
            raise ValueError("what okta-zones is to do is missing")
        if words[0] not in VERBS:
            raise ValueError(f"'{words[0]}' is not for scenarios; there are {', '.join(VERBS)}")
        for word in words[1:]:
            if word.startswith("-") and word.partition("=")[0] not in OPTIONS:
                raise ValueError(f"'{word}' is not for scenarios; there are {', '.join(OPTIONS)}")
        return value

    def words(self) -> str:
        source = f", and a source says {', '.join(self.addresses)}" if self.addresses else ""
        meanwhile = f"; meanwhile, again and again, {self.meanwhile.words()}" if self.meanwhile else ""
        return f"okta-zones {self.run}{source}{meanwhile}"

    async def do(self, stage: Stage) -> Done:
        verb, *arguments = shlex.split(self.run)
        program = asyncio.ensure_future(stage.operations.zones.run(verb, *arguments, addresses=self.addresses))
        try:
            logins = [] if self.meanwhile is None else await self.meanwhile.until(program, stage)
            result = await program
        finally:
            program.cancel()
        lines = [line for line in f"{result.out}{result.err}".splitlines() if line.strip()]
        return Done(tuple(logins), command=result, said=(*lines, f"exit code {result.code}"))


class AnotherWriter(Model):
    """Another tool writes the tunnel's zone at Okta, with an API token of its own; `fill` adds that many addresses."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    fill: Annotated[int, Field(ge=0, le=200)] = 0

    def words(self) -> str:
        changes = [f"+{each}" for each in self.add] + [f"-{each}" for each in self.remove]
        changes += [f"+{self.fill} addresses"] if self.fill else []
        return f"another tool writes the zone: {', '.join(changes)}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.okta.write_as_another_tool(add=(*self.add, *_singles(self.fill)), remove=self.remove)
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


def _singles(count: int) -> Iterator[str]:
    """Single addresses, no two of them beside each other (RFC 2544's range for tests)."""
    for number in range(count):
        address = f"198.18.{number // 100}.{2 * (number % 100) + 1}"
        yield f"{address}-{address}"
