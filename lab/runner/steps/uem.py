"""What the UEM's administrators do, and what becomes of its service."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, RootModel

from dtr_rules.source import Model
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import DeviceName, RulesFile
from lab.uem.knobs import Outage
from lab.world import read_rules


class _Rules(RootModel[RulesFile]):
    """A rule file, named from the scenario's folder."""

    model_config = ConfigDict(frozen=True)


class SaveRules(_Rules):
    """Save: devices keep the rules that they have."""

    def words(self) -> str:
        return f"the UEM's administrator changes the device traffic rules to {self.root}, and clicks Save"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.uem.save_rules(read_rules(stage.folder / self.root))
        return Done()


class PublishRules(_Rules):
    """Save and Publish: the profile is queued for every device, with a new certificate."""

    def words(self) -> str:
        return f"the UEM's administrator changes the device traffic rules to {self.root}, and clicks Save and Publish"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.uem.publish_rules(read_rules(stage.folder / self.root))
        return Done()


class _OneDevice(RootModel[DeviceName]):
    model_config = ConfigDict(frozen=True)


class Unenrol(_OneDevice):
    """The device leaves management; the gateway has read the inventory since."""

    def words(self) -> str:
        return f"{self.root} is unenrolled in the UEM"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.uem.unenrol(self.root)
        await stage.operations.uem.settle()
        await stage.operations.fleet.wait_for_gateway()
        return Done()


class Block(Model):
    """An administrator blocks the device in the tunnel service."""

    device: DeviceName
    reason: str

    def words(self) -> str:
        return f"the UEM's administrator blocks {self.device} in the tunnel service: {self.reason}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.uem.block(self.device, self.reason)
        return Done()


class Profile(Model):
    """An administrator has the VPN profile installed or removed, and the device does it at once."""

    device: DeviceName
    present: bool

    def words(self) -> str:
        done = "installs the VPN profile on" if self.present else "removes the VPN profile from"
        return f"the UEM's administrator {done} {self.device}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.fleet.set_profile(self.device, present=self.present)
        return Done()


class BreakUem(RootModel[Outage]):
    """The UEM's service is away, in one of three ways."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"the UEM is away: {self.root.value}"

    async def do(self, stage: Stage) -> Done:
        stage.operations.uem.break_down(self.root)
        return Done()


class MendUem(RootModel[Literal[True]]):
    """The UEM's service is back, and the gateway has read the inventory since."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return "the UEM is back"

    async def do(self, stage: Stage) -> Done:
        stage.operations.uem.mend()
        await stage.operations.fleet.wait_for_gateway()
        return Done()
