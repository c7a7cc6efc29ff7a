"""The inventory as it was some time ago: what a REST client sees of a tenant whose reports lag."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lab.uem.inventory import ManagedDevice


class LaggingInventory:
    """Remembers every device's states, beginning with those that it is made with."""

    def __init__(self, devices: Iterable[ManagedDevice], began: datetime) -> None:
        self._began = began
        self._states: dict[str, list[tuple[datetime, ManagedDevice | None]]] = {
            device.udid: [(began, device.snapshot())] for device in devices
        }

    def note(self, udid: str, device: ManagedDevice | None, now: datetime) -> None:
        """The state of a device has changed; None: it is gone."""
        states = self._states.setdefault(udid, [(self._began, None)])
        states.append((now, None if device is None else device.snapshot()))

    def as_of(self, moment: datetime) -> list[ManagedDevice]:
        """The devices as they were then; before the beginning, as they were at the beginning."""
        found = [_state(states, moment) for states in self._states.values()]
        return [device for device in found if device is not None]


def _state(states: list[tuple[datetime, ManagedDevice | None]], moment: datetime) -> ManagedDevice | None:
    while len(states) > 1 and states[1][0] <= moment:
        del states[0]
    return states[0][1]
