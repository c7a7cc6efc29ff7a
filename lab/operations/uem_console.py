"""What the UEM's administrators do in its console, and what becomes of its service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from lab.operations.errors import NotPossibleError
from lab.uem.compliance.policy import TUNNEL
from lab.uem.inventory import ManagedDevice
from lab.uem.knobs import Outage
from lab.world import World


class UemConsole:
    """The tenant. Every method raises httpx.HTTPError where it says no, and NotPossibleError for what devices lack."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tenant: Final = world.servers.uem

    def device(self, name: str) -> ManagedDevice | None:
        """What the tenant knows of a device, by its name in the plan; None where it does not know it."""
        return self._tenant.devices.get(self._world.devices[name].udid)

    def profiles(self, name: str) -> tuple[str, ...]:
        """The names of the profiles that a device has confirmed to have."""
        device = self.device(name)
        numbers = sorted(device.installed) if device is not None else []
        return tuple(self._tenant.delivery.profiles[number].name for number in numbers)

    # --- device traffic rules -----------------------------------------------------------------------

    async def save_rules(self, text: str) -> None:
        """Save: devices keep the rules that they have; who installs the profile afterwards gets these."""
        await self._post(f"/lab/rule-sets/{TUNNEL}/save", {"text": text})

    async def publish_rules(self, text: str) -> None:
        """Save and Publish: the profile is queued for every device, with a new certificate."""
        await self._post(f"/lab/rule-sets/{TUNNEL}/publish", {"text": text})

    # --- devices ------------------------------------------------------------------------------------

    async def unenrol(self, name: str) -> None:
        """The device has left management. What is installed on it the UEM can no longer take away."""
        await self._post(f"/lab/devices/{self._udid(name)}/unenrol", {})

    async def set_profile(self, name: str, *, present: bool) -> None:
        """Order the Tunnel profile to be installed or removed; the device hears of it at its check-in."""
        device = self.device(name)
        if device is None:
            raise NotPossibleError(f"{name} is not enrolled")
        profile = self._tenant.delivery.named(TUNNEL, device.platform)
        assert profile is not None
        order = "install" if present else "remove"
        await self._call(f"/API/mdm/profiles/{profile.id}/{order}", {"Udid": device.udid})

    async def wipe(self, name: str) -> None:
        """What is the company's is to be wiped at the next check-in."""
        await self._post(f"/lab/devices/{self._udid(name)}/wipe", {"kind": "enterprise"})

    async def block(self, name: str, reason: str) -> None:
        """Block the device in the tunnel service."""
        await self._act(name, {"action": "BLOCK_DEVICE", "reason": reason})

    async def allow(self, name: str) -> None:
        """Lift the block."""
        await self._act(name, {"action": "ALLOW_DEVICE"})

    # --- the service --------------------------------------------------------------------------------

    def break_down(self, outage: Outage) -> None:
        """From now on the service is away."""
        self._tenant.turn(outage=outage)

    def mend(self) -> None:
        """The service is back."""
        self._tenant.turn(outage=None)

    @property
    def is_there(self) -> bool:
        """Whether the service answers."""
        return self._tenant.knobs.outage is None

    async def pass_time(self, by: timedelta) -> None:
        """Time has passed: what is due by the tenant's clock is carried out. Raises NotPossibleError."""
        try:
            self._world.clock.advance(by)
        except ValueError as error:
            raise NotPossibleError(str(error)) from None
        await self._tenant.run_due()

    async def settle(self) -> None:
        """Carry out and tell whatever has come up by now."""
        await self._tenant.run_due()

    def _udid(self, name: str) -> str:
        return self._world.devices[name].udid

    async def _act(self, name: str, action: dict[str, str]) -> None:
        device = self.device(name)
        if device is None:
            raise NotPossibleError(f"{name} is not enrolled")
        await self._call(f"/API/mdm/tunnel/devices/{device.uuid}/action", {"actions": [action]})

    async def _call(self, path: str, body: dict[str, Any]) -> None:
        """Call the REST API, as a program of the administrators' would."""
        secrets = self._tenant.secrets
        headers = {"Authorization": f"Bearer {self._tenant.issue_token()}", "aw-tenant-code": secrets.tenant_code}
        answer = await self._world.http.post(self._world.access.uem_url + path, json=body, headers=headers)
        answer.raise_for_status()

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._world.access.uem_operator}"}
        answer = await self._world.http.post(self._world.access.uem_url + path, json=body, headers=headers)
        answer.raise_for_status()
