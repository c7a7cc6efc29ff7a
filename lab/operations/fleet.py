"""Devices and their management: enrolment, check-in, compliance, and what a thief makes of a profile."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from lab.administrator import now
from lab.authority import Credential
from lab.device.management import ManagementAgent
from lab.device.profile import PinnedGateway
from lab.device.self_signed import self_signed
from lab.operations.errors import NotPossibleError
from lab.operations.uem_console import UemConsole
from lab.uem.tenant import PROFILE_ID
from lab.world import World


class Place(StrEnum):
    """Where a device is."""

    HOME = "home"
    OFFICE = "office"


class Fleet:
    """The devices of a world, by the names that its plan gives them. Raises NotPossibleError for what they lack."""

    def __init__(self, world: World, uem: UemConsole) -> None:
        self._world = world
        self._uem = uem
        self._users: Final = {device.name: device.user for device in world.plan.devices}
        self._agents: Final[dict[str, ManagementAgent]] = {}
        self._without_passcode: Final[set[str]] = set()
        self._compromised: Final[set[str]] = set()

    async def enrol(self, name: str) -> None:
        """Bring a device under management, with inventory, certificate and VPN profile; the gateway knows it then."""
        device, user = self._world.devices[name], self._users[name]
        token = await self._world.administrator.enrol(
            device.udid,
            device.platform,
            friendly_name=f"{user.capitalize()}'s {name}",
            user_name=user,
            user_email=self._world.people[user].user,
        )
        self._agents[name] = ManagementAgent(device, token)
        await self.check_in(name)

    async def check_in(self, name: str) -> None:
        """The device reports and does what it is told; the gateway has read the inventory since."""
        await self._agent(name).check_in(
            passcode_present=name not in self._without_passcode, compromised=name in self._compromised
        )
        await self._uem.settle()
        await self.wait_for_gateway()

    def _agent(self, name: str) -> ManagementAgent:
        if name not in self._agents:
            raise NotPossibleError(f"{name} is not enrolled")
        return self._agents[name]

    async def set_passcode(self, name: str, *, present: bool) -> None:
        """The user sets or removes the passcode, which is what the compliance policy wants; the device reports it."""
        if present:
            self._without_passcode.discard(name)
        else:
            self._without_passcode.add(name)
        await self.check_in(name)

    async def compromise(self, name: str) -> None:
        """The device is jailbroken or rooted, and reports it."""
        self._compromised.add(name)
        await self.check_in(name)

    async def set_profile(self, name: str, *, present: bool) -> None:
        """The UEM's administrator has the VPN profile installed or removed, and the device does it."""
        await self._uem.set_profile(name, present=present)
        await self.check_in(name)

    async def escalate(self, name: str) -> None:
        """The compliance policy's second action comes due, and the device hears of it."""
        await self._world.administrator.escalate(self._world.devices[name].udid)
        await self.check_in(name)

    # --- what users do ----------------------------------------------------------------------------

    def move(self, name: str, place: Place) -> None:
        """The device joins another network. The Tunnel app knows the office's as trusted."""
        device = self._world.devices[name]
        addresses = self._world.network.addresses
        number = addresses.number_of(device.address)
        address = addresses.in_office(number) if place is Place.OFFICE else addresses.at_home(number)
        device.move(address, trusted=place is Place.OFFICE)

    def remove_app(self, name: str, app: str) -> None:
        """The user removes an app from the device."""
        self._world.devices[name].remove_app(app)

    def install_app(self, name: str, app: str) -> None:
        """The user puts an app back."""
        self._world.devices[name].install_app(app)

    # --- what thieves do ----------------------------------------------------------------------------

    def steal_certificate(self, thief: str, victim: str) -> None:
        """`thief` has got hold of the profile of `victim`, and of the certificate with its private key."""
        if self._world.devices[victim].profile is None:
            raise NotPossibleError(f"{victim} has no VPN profile, and so no certificate")
        storage = self._world.devices[victim].storage
        stolen = Credential((storage / "client.pem").read_bytes(), (storage / "client.key").read_bytes())
        self._install_copy(thief, stolen)

    def forge_certificate(self, thief: str, victim: str) -> None:
        """`thief` copies the profile of `victim` and signs a certificate itself that names the victim."""
        stolen = self._world.devices[victim]
        user = self._world.people[self._users[victim]].user
        self._install_copy(thief, self_signed(user, san_uri=f"urn:uem:device:{stolen.udid}"))

    def discard_profile(self, thief: str) -> None:
        """`thief` throws away the profile that it has got hold of."""
        self._world.devices[thief].remove_profile()

    def _install_copy(self, thief: str, client: Credential) -> None:
        gateway = self._world.gateway
        self._world.devices[thief].install_profile(
            PROFILE_ID,
            1,
            rules=self._world.plan.rules,
            gateway=PinnedGateway(gateway.address, gateway.port, self._world.gateway_certificate),
            client=client,
        )

    async def wait_for_gateway(self) -> None:
        """Until the gateway has read the whole inventory once more; not where the UEM is away."""
        if self._uem.is_there:
            await self._world.administrator.wait_for_posture(now())
