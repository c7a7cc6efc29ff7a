"""The operations by whose they are."""

from __future__ import annotations

from typing import Final

from lab.operations.fleet import Fleet
from lab.operations.logins import Logins
from lab.operations.zone_control import ZoneControl
from lab.world import World


class Operations:
    """What people, administrators and thieves do in one world."""

    def __init__(self, world: World) -> None:
        self.world: Final = world
        self.fleet: Final = Fleet(world)
        """Devices and their management."""
        self.logins: Final = Logins(world)
        """Apps and the people who use them."""
        self.zones: Final = ZoneControl(world)
        """The egress addresses at the providers."""
