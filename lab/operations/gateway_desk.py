"""What the gateway's administrators do, at its admin endpoint."""

from __future__ import annotations

from typing import Any, Literal

from lab.world import World


class GatewayDesk:
    """The gateway. Every method raises httpx.HTTPError where it says no."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def switch_egress(self, address: str, state: Literal["active", "draining", "disabled"]) -> None:
        """Let new connections leave from an address, or not any more."""
        await self._post("/egress", {"pool": "default", "address": address, "state": state})

    async def block(self, device: str, reason: str) -> None:
        """Block a device at the gateway, by its name in the plan."""
        await self._post("/blocks", {"device": self._world.devices[device].udid, "reason": reason})

    async def allow(self, device: str) -> None:
        """Take such a block back."""
        await self._post("/blocks/allow", {"device": self._world.devices[device].udid})

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        access = self._world.access
        headers = {"Authorization": f"Bearer {access.gateway_admin_token}"}
        answer = await self._world.http.post(f"{access.gateway_admin_url}{path}", json=body, headers=headers)
        answer.raise_for_status()
