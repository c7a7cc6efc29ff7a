"""What the gateway's administrator does."""

from __future__ import annotations

from pydantic import ConfigDict, RootModel

from dtr_rules.source import Model
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import DeviceName, RulesFile
from lab.world import read_rules


class BlockAtGateway(Model):
    """The gateway's administrator blocks a device."""

    device: DeviceName
    reason: str

    def words(self) -> str:
        return f"the gateway's administrator blocks {self.device}: {self.reason}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.gateway.block(self.device, self.reason)
        return Done()


class AllowAtGateway(RootModel[DeviceName]):
    """The gateway's administrator takes the block back."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"the gateway's administrator takes the block on {self.root} back"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.gateway.allow(self.root)
        return Done()


class AllowList(RootModel[tuple[DeviceName, ...]]):
    """The gateway admits the certificates that these devices have now, and no others."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"the gateway's allow-list is made from the certificates of {', '.join(self.root)}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.gateway.allow_certificates_of(self.root)
        return Done()


class GatewayRules(RootModel[RulesFile]):
    """The gateway judges by other rules from now on."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"the gateway's administrator loads {self.root}"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.gateway.load_rules(read_rules(stage.folder / self.root))
        return Done()
