"""`GET /tunnels` and `POST /tunnels/cut`: the open tunnels, and the end of those that an operator names."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any

import pydantic

from tunnel_gateway.admin.asked import Asked, NotDoneError, Question
from tunnel_gateway.admin.running import Running
from tunnel_gateway.reasons import Reason
from tunnel_gateway.session import Session


class Which(Question):
    """Tunnels that fit everything that is given: a device's UDID, a host, a decision id."""

    device: str | None = pydantic.Field(default=None, min_length=1)
    host: str | None = pydantic.Field(default=None, min_length=1)
    id: str | None = pydantic.Field(default=None, min_length=1)

    @property
    def is_all(self) -> bool:
        return self.device is None and self.host is None and self.id is None

    def fits(self, session: Session) -> bool:
        trail = session.trail
        return (
            (self.device is None or (trail.udid or "").lower() == self.device.lower())
            and (self.host is None or trail.host == self.host.lower().rstrip("."))
            and (self.id is None or trail.decision_id == self.id)
        )


async def show(running: Running, asked: Asked) -> Mapping[str, Any]:
    now, which = monotonic(), asked.query_as(Which)
    return {"tunnels": [_shown(session, now) for session in running.gateway.tunnels.open if which.fits(session)]}


async def cut(running: Running, asked: Asked) -> Mapping[str, Any]:
    """Cut those that the body names, both sides, at once; one that is to cut every tunnel must name none by mistake."""
    which = asked.body_as(Which)
    if which.is_all:
        raise NotDoneError(400, "name a device, a host or an id; nothing named would cut every tunnel")
    sessions = [session for session in running.gateway.tunnels if which.fits(session)]
    for session in sessions:
        session.cut_for(Reason.CUT_BY_ADMIN, "cut by the tunnels verb")
    return {"cut": len(sessions)}


def _shown(session: Session, now: float) -> dict[str, Any]:
    trail = session.trail
    return {
        "id": trail.decision_id,
        "device": trail.udid,
        "platform": trail.platform,
        "claimed_app": trail.claimed_app,
        "source": trail.source,
        "host": trail.host,
        "port": trail.port,
        "address": trail.address,
        "egress": trail.egress,
        "rule": trail.rule,
        "seconds": round(session.lasted(now), 3),
        "bytes_up": trail.bytes_up,
        "bytes_down": trail.bytes_down,
    }
