"""The operations by whose they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from lab.operations.entra_console import EntraConsole
from lab.operations.fleet import Fleet
from lab.operations.gateway_desk import GatewayDesk
from lab.operations.logins import Logins
from lab.operations.okta_console import OktaConsole
from lab.operations.uem_console import UemConsole
from lab.operations.zone_control import ZoneControl
from lab.world import World


class Operations:
    """What people, administrators and thieves do in one world."""

    def __init__(self, world: World) -> None:
        self.world: Final = world
        self.uem: Final = UemConsole(world)
        self.fleet: Final = Fleet(world, self.uem)
        """Devices and their management."""
        self.logins: Final = Logins(world)
        """Apps and the people who use them."""
        self.zones: Final = ZoneControl(world)
        """The zone controller, which brings the egress addresses to the providers."""
        self.gateway: Final = GatewayDesk(world)
        self.okta: Final = OktaConsole(world)
        self.entra: Final = EntraConsole(world)

    async def advance(self, by: timedelta) -> None:
        """Skip some time for the emulated services; what comes due is done, and the gateway knows of it."""
        await self.uem.pass_time(by)
        await self.fleet.wait_for_gateway()
