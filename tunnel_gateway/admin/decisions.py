"""`GET /decisions`: the last records of the decision log, from memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pydantic

from tunnel_gateway.admin.asked import Asked, Question
from tunnel_gateway.admin.running import Running
from tunnel_gateway.decision_filter import DecisionFilter


class Which(Question):
    """Records behind number `after` that fit everything that is given."""

    after: int = pydantic.Field(default=0, ge=0)
    device: str | None = None
    host: str | None = None
    reason: str | None = None
    admitted: bool | None = None

    @property
    def filter(self) -> DecisionFilter:
        return DecisionFilter(self.device, self.host, self.reason, self.admitted)


async def show(running: Running, asked: Asked) -> Mapping[str, Any]:
    """The records, and in `last` the number to ask `after` the next time."""
    which = asked.query_as(Which)
    numbered = running.log.recent(which.after)
    fitting = [asdict(record) for _, record in numbered if which.filter.fits(record)]
    return {"last": numbered[-1][0] if numbered else running.log.written, "decisions": fitting}
