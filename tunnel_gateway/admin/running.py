"""The gateway as it runs, which is what the endpoints are asked about."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tunnel_gateway.assembly import Assembled
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.gateway import Gateway
from tunnel_gateway.reload import Reloaded


@dataclass(slots=True)
class Running:
    """`listen` is where devices come in. A reload puts another `assembled` in the place of the old one."""

    assembled: Assembled
    listen: str
    reload: Callable[[], Awaitable[Reloaded]] | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.monotonic)

    def adopt(self, assembled: Assembled) -> None:
        """What a reload has put in place."""
        self.assembled = assembled

    @property
    def gateway(self) -> Gateway:
        return self.assembled.gateway

    @property
    def log(self) -> DecisionLog:
        return self.assembled.log

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def not_ready(self) -> list[str]:
        """Why no device can be admitted now, in words; nothing where one can."""
        posture, log = self.assembled.posture.status(), self.log
        reasons = []
        if posture.state != "fresh":
            reasons.append(f"posture is {posture.state}" + (f": {posture.error}" if posture.error else ""))
        if not log.admits:
            reasons.append(f"the decision log cannot be written: {log.status().error}")
        if self.gateway.is_stopping:
            reasons.append("the gateway is stopping")
        return reasons
