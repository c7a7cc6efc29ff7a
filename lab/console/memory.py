"""What has happened since the world was started, as a record that `tunnel-lab report` can draw."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from lab.parties import parties_of
from lab.record import Login, Run, Step, ZoneMoment
from lab.world import World

KEPT: Final = 300
"""Logins, steps and moments of lists that are kept of each; older ones are forgotten."""


@dataclass(slots=True)
class Memory:
    """The newest of everything, oldest first."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    steps: deque[Step] = field(default_factory=lambda: deque(maxlen=KEPT))
    logins: deque[Login] = field(default_factory=lambda: deque(maxlen=KEPT))
    zones: deque[ZoneMoment] = field(default_factory=lambda: deque(maxlen=KEPT))
    _clock: float = field(default_factory=time.monotonic)

    def run(self, world: World) -> Run:
        """All of it as one record."""
        delay = world.plan.okta.zone_delay.total_seconds()
        return Run(
            scenario="console",
            title="What was done in the console",
            file="tunnel-lab up",
            learn=(),
            unconfirmed=(),
            scaled=() if delay else ("Okta's zones count at once; in reality it takes about 60 seconds",),
            started=self.started,
            seconds=round(time.monotonic() - self._clock, 3),
            parties=parties_of(world),
            steps=tuple(self.steps),
            logins=tuple(self.logins),
            zones=tuple(self.zones),
            checks=(),
        )
