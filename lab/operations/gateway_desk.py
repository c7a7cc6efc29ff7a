"""What the gateway's administrators do, at its admin endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import yaml

from lab.authority import write_private
from lab.configuration import laid_over
from lab.operations.errors import NotPossibleError
from lab.world import World

ALLOW_LIST: Final = "thumbprints.txt"


class GatewayDesk:
    """The gateway. Every method raises httpx.HTTPError where it says no."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def egress(self) -> dict[str, str]:
        """The addresses that it may leave from, each with its state."""
        pools = (await self._get("/egress"))["pools"]
        return {each["address"]: each["state"] for pool in pools for each in pool["addresses"]}

    async def switch_egress(self, address: str, state: Literal["active", "draining", "disabled"]) -> None:
        """Let new connections leave from an address, or not any more."""
        await self._post("/egress", {"pool": "default", "address": address, "state": state})

    async def blocks(self) -> dict[str, str]:
        """Why devices are blocked at the gateway, by their UDIDs in small letters."""
        found = (await self._get("/blocks"))["blocks"]
        return {each["name"].lower(): each["reason"] for each in found if each["kind"] == "device"}

    async def block(self, device: str, reason: str) -> None:
        """Block a device at the gateway, by its name in the plan."""
        await self._post("/blocks", {"device": self._world.devices[device].udid, "reason": reason})

    async def allow(self, device: str) -> None:
        """Take such a block back."""
        await self._post("/blocks/allow", {"device": self._world.devices[device].udid})

    async def load_rules(self, text: str) -> None:
        """Put other rules in the place of the gateway's own."""
        write_private(self._world.directory.rules, text.encode())
        await self._post("/reload", {})

    async def allow_certificates_of(self, devices: Iterable[str]) -> None:
        """Write an allow-list of the certificates that the UEM has for these devices now, and load it.

        Raises NotPossibleError for a device without one.
        """
        directory = self._world.directory
        newest = [self._thumbprint(name) for name in devices]
        write_private(directory.path / ALLOW_LIST, "".join(f"{each}\n" for each in newest).encode())
        content = yaml.safe_load(directory.gateway.read_text(encoding="utf-8"))
        directory.document(directory.gateway, laid_over(content, {"device-certificates": {"allow-list": ALLOW_LIST}}))
        await self._post("/reload", {})

    def _thumbprint(self, name: str) -> str:
        device = self._world.servers.uem.devices.get(self._world.devices[name].udid)
        if device is None or not device.thumbprints:
            raise NotPossibleError(f"{name} has no certificate of the UEM")
        return device.thumbprints[-1]

    async def _get(self, path: str) -> dict[str, Any]:
        access = self._world.access
        headers = {"Authorization": f"Bearer {access.gateway_admin_token}"}
        answer = await self._world.http.get(f"{access.gateway_admin_url}{path}", headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        access = self._world.access
        headers = {"Authorization": f"Bearer {access.gateway_admin_token}"}
        answer = await self._world.http.post(f"{access.gateway_admin_url}{path}", json=body, headers=headers)
        answer.raise_for_status()
