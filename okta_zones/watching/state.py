"""What the controller knows of itself, as its endpoint tells it. Written by the loop, read by the endpoint's thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import generate_latest

from okta_zones.controller import Outcome
from okta_zones.watching.cycle import Cycle
from okta_zones.watching.event import Event, Kind


class Role(StrEnum):
    """What an instance does."""

    STANDBY = "standby"
    ACTING = "acting"


LATE: Final = 3
"""Periods without a good turn after which an instance that acts is not ready any more."""


class State:
    """Health, readiness and metrics of one instance. Times are UTC."""

    def __init__(self, targets: Mapping[str, str], every: float) -> None:
        """`targets`: the kind of each target by its name in the file; `every`: seconds between two turns, at most."""
        self.role = Role.STANDBY
        self._every = every
        self._last_good: datetime | None = None
        self.registry = CollectorRegistry()
        self._acting = Gauge("okta_zones_acting", "1 on the instance that acts.", registry=self.registry)
        self._turns = Counter("okta_zones_turns", "Turns of the controller.", ["outcome"], registry=self.registry)
        self._events = Counter("okta_zones_events", "What the controller told.", ["kind"], registry=self.registry)
        self._good = Gauge(
            "okta_zones_last_good_turn_timestamp_seconds",
            "End of the last turn without failure.",
            registry=self.registry,
        )
        self._silent = Gauge("okta_zones_sources_silent", "Sources that give no answer.", registry=self.registry)
        self._reported = Gauge("okta_zones_addresses_reported", "Addresses in use.", registry=self.registry)
        labels = ["target", "kind"]
        self._writes = Counter("okta_zones_writes", "Writes that were read back.", labels, registry=self.registry)
        self._in_step = Gauge(
            "okta_zones_in_step", "1 where a target holds what it should.", labels, registry=self.registry
        )
        self._unreported = Gauge(
            "okta_zones_addresses_unreported",
            "Addresses of ours that no source reports.",
            labels,
            registry=self.registry,
        )
        self._lost = Gauge(
            "okta_zones_addresses_lost", "Addresses of ours that somebody else removed.", labels, registry=self.registry
        )
        self._expires = Gauge(
            "okta_zones_credential_expiry_timestamp_seconds", "When a credential ends.", labels, registry=self.registry
        )
        self._targets = targets
        for event in Kind:
            self._events.labels(event.value)
        for name, kind in targets.items():
            self._writes.labels(name, kind)

    def acts(self) -> None:
        """This instance acts from now on."""
        self.role = Role.ACTING
        self._acting.set(1)

    def heard(self, event: Event) -> None:
        """An event was told."""
        self._events.labels(event.kind.value).inc()

    def turned(self, cycle: Cycle, now: datetime) -> None:
        """A turn came to its end."""
        self.sources_silent(len(cycle.run.survey.silent))
        self._reported.set(cycle.run.survey.reported.size)
        for result in cycle.run.results:
            labels = result.name, self._targets[result.name]
            lost = cycle.lost.get(result.name)
            self._lost.labels(*labels).set(lost.size if lost else 0)
            self._in_step.labels(*labels).set(cycle.right(result))
            if result.plan is not None:
                self._unreported.labels(*labels).set(result.plan.unreported.size)
            if result.outcome is Outcome.WRITTEN:
                self._writes.labels(*labels).inc()
        good = all(result.failure is None for result in cycle.run.results)
        self._turns.labels("good" if good else "failed").inc()
        if good:
            self._last_good = now
            self._good.set(now.timestamp())

    def sources_silent(self, count: int) -> None:
        """So many sources gave no answer."""
        self._silent.set(count)

    def failed(self) -> None:
        """A turn could not be taken."""
        self._turns.labels("failed").inc()

    def expires(self, target: str, ends: datetime) -> None:
        """When a target's credential ends."""
        self._expires.labels(target, self._targets[target]).set(ends.timestamp())

    def why_not_ready(self, now: datetime) -> str | None:
        """Why this instance does not keep the targets right; None where it does."""
        if self.role is Role.STANDBY:
            return "standby: another instance acts"
        if self._last_good is None:
            return "no turn has succeeded yet"
        if (now - self._last_good).total_seconds() > LATE * self._every:
            return f"no turn has succeeded since {self._last_good:%Y-%m-%dT%H:%M:%SZ}"
        return None

    def metrics(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
