"""`GET /egress`: the addresses that the gateway leaves from, by pool, for the zone controller and for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunnel_gateway.admin.asked import Asked
from tunnel_gateway.admin.running import Running


async def show(running: Running, _asked: Asked) -> Mapping[str, Any]:
    return {"gateway": running.assembled.file.name, "pools": pools(running)}


async def show_addresses(running: Running, _asked: Asked) -> Mapping[str, Any]:
    """The form that knows no pools."""
    return {"gateway": running.assembled.file.name, "egress": [str(each) for each in running.assembled.file.egress]}


def pools(running: Running) -> list[dict[str, Any]]:
    """Every pool, with the state of each address and the tunnels that leave from it now."""
    tunnels = Counter(session.trail.egress for session in running.gateway.tunnels)
    addresses = [
        {"address": str(address), "state": "active", "tunnels": tunnels[str(address)]}
        for address in running.assembled.file.egress
    ]
    return [{"name": "default", "in-zone": True, "addresses": addresses}]
