"""`POST /maintenance`: an announced maintenance of the UEM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic

from tunnel_gateway.admin.asked import Asked, NotDoneError, Question
from tunnel_gateway.admin.running import Running


class Announcement(Question):
    """Until when (with its zone), and why."""

    until: pydantic.AwareDatetime
    reason: str = pydantic.Field(min_length=1, max_length=200)


async def announce(running: Running, asked: Asked) -> Mapping[str, Any]:
    """Let posture grow older than usual until then. 400 beyond the cap, 507 where it cannot be kept."""
    wanted = asked.body_as(Announcement)
    posture = running.assembled.posture
    try:
        posture.announce(wanted.until.timestamp(), wanted.reason)
    except ValueError as error:
        raise NotDoneError(400, str(error)) from None
    except OSError as error:
        raise NotDoneError(507, str(error)) from error
    status = posture.status()
    return {"until": status.maintenance_until, "reason": status.maintenance_reason}
