"""`GET` and `POST /egress`: the addresses that the gateway leaves from, by pool, and their states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunnel_gateway.admin.asked import Asked, NotDoneError, Question
from tunnel_gateway.admin.running import Running
from tunnel_gateway.egress import AddressState, LastActiveError, UnknownAddressError
from tunnel_gateway.reasons import Reason
from tunnel_gateway.state import StateError


class Switch(Question):
    """An address of a pool, and the state that it is to have."""

    pool: str
    address: str
    state: AddressState


async def show(running: Running, _asked: Asked) -> Mapping[str, Any]:
    return {"gateway": running.assembled.file.name, "pools": pools(running)}


async def switch(running: Running, asked: Asked) -> Mapping[str, Any]:
    """Set an address's state, kept across restarts; a disabled one has no tunnels, so those that it has are cut."""
    wanted = asked.body_as(Switch)
    try:
        running.gateway.egress.switch(wanted.pool, wanted.address, wanted.state)
    except UnknownAddressError as error:
        raise NotDoneError(404, str(error)) from error
    except LastActiveError as error:
        raise NotDoneError(409, str(error)) from error
    except StateError as error:
        raise NotDoneError(503, str(error)) from error
    if wanted.state is AddressState.DISABLED:
        for session in running.gateway.tunnels:
            if session.trail.egress == wanted.address:
                session.cut_for(Reason.CUT_BY_ADMIN, f"the egress address {wanted.address} was disabled")
    return await show(running, asked)


def pools(running: Running) -> list[dict[str, Any]]:
    """Every pool, with the state of each address and the tunnels that leave from it now."""
    tunnels = Counter(session.trail.egress for session in running.gateway.tunnels if session.trail.egress)
    return running.gateway.egress.report(tunnels)
