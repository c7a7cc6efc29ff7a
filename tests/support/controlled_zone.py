"""A controller of the lab's zone, its clock in the test's hands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from egress_gateway import EgressGateway
from zone_worlds import THERE, ZoneWorld

from okta_zones import config as configuration
from okta_zones.apply import Pace
from okta_zones.journal import Journal
from okta_zones.needs import Verb
from okta_zones.opening import opened, sources_of
from okta_zones.watching.cycle import Controller, Cycle
from okta_zones.watching.event import Event, Kind
from okta_zones.watching.loop import Watch, watch
from okta_zones.watching.state import State

HOUR = timedelta(hours=1)


class StoppedError(Exception):
    """The loop is told to end."""


@dataclass
class Time:
    """A clock that a test turns."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def monotonic(self) -> float:
        return self.now.timestamp()

    def pass_by(self, span: timedelta) -> None:
        self.now += span


@dataclass
class Controlled:
    """A controller of the lab's zone, its clock in the test's hands."""

    world: ZoneWorld
    gateway: EgressGateway
    config: Path
    time: Time = field(default_factory=Time)
    events: list[Event] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    def turn(self) -> Cycle | None:
        """One turn of a fresh process."""
        with self.site(once=True) as site:
            return watch(site)

    def look_for(self, span: timedelta, every: timedelta = HOUR) -> None:
        """The loop of one process that keeps looking for so long."""
        end = self.time.now + span
        with self.site(once=False, until=end, step=every) as site, pytest.raises(StoppedError):
            watch(site)

    def site(self, *, once: bool, until: datetime | None = None, step: timedelta = HOUR) -> Any:
        def wait(_: float) -> None:
            self.time.pass_by(step)
            if until is not None and self.time.now > until:
                raise StoppedError

        return self._site(wait, once=once)

    @contextlib.contextmanager
    def _site(self, wait: Any, *, once: bool) -> Iterator[Watch]:
        settings = configuration.load(self.config, {})
        now = lambda: self.time.now  # noqa: E731
        with Journal.opened(settings.journal, now) as journal, opened(settings, Verb.WATCH) as targets:
            state = State({each.name: each.kind for each in targets}, settings.watch.every)
            self.states.append(state)
            pace = Pace(sleep=lambda _: None, clock=self.time.monotonic)
            on = Controller(settings, journal, targets, pace, lambda _: None)
            told = self.events.append
            sources = sources_of(settings)
            yield Watch(on, sources, state, wait, self.time.monotonic, now, told, once=once)

    def told(self, kind: Kind) -> list[str]:
        return [event.words for event in self.events if event.kind is kind]

    def ours(self) -> list[str]:
        return [value for value in self.world.gateways() if value not in THERE]
