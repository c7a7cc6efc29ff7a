"""Automations of Workspace ONE Intelligence: a managed app that its user has removed is pushed again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lab.uem.apps import TUNNEL_APP, ManagedApp
from lab.uem.delivery import Delivery
from lab.uem.inventory import ManagedDevice


@dataclass(frozen=True, slots=True)
class Reinstall:
    """Push `app` again `after` some time since a check-in without it. How long it takes in practice is not known."""

    app: ManagedApp = TUNNEL_APP
    after: timedelta = timedelta(0)


@dataclass(slots=True)
class Automations:
    """What is set up, and what it has noticed: per device and app when to push."""

    delivery: Delivery
    active: list[Reinstall] = field(default_factory=list)
    _noticed: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def notice(self, device: ManagedDevice, now: datetime) -> None:
        """A device has reported its apps."""
        for automation in self.active:
            identifier = automation.app.identifiers.get(device.platform)
            if identifier is None:
                continue
            key = (device.udid, identifier)
            if identifier in device.apps or device.awaits_app(identifier):
                self._noticed.pop(key, None)
            else:
                self._noticed.setdefault(key, now + automation.after)

    def run_due(self, device: ManagedDevice, now: datetime) -> None:
        """Push to a device what is due."""
        due = [key for key, moment in self._noticed.items() if key[0] == device.udid and moment <= now]
        for key in due:
            del self._noticed[key]
            self.delivery.queue_app(device, key[1])
