"""Slowing down before a far end says that it was too much."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol


class Throttle(Protocol):
    """What is known of a far end's rate limits."""

    @property
    def why(self) -> str:
        """For people: why a request has to wait."""

    def wait(self, path: str, now: float) -> float:
        """Seconds to wait before a request to `path`; 0 for none. `now` is monotonic, in seconds."""

    def learn(self, path: str, headers: Mapping[str, str], now: float) -> None:
        """Take in what the headers of an answer say of what is left."""


class Spacing:
    """A far end that takes one request in so many seconds, from all that share this object."""

    why = "it takes so many requests a second and no more"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: float | None = None

    def wait(self, path: str, now: float) -> float:  # noqa: ARG002
        return 0 if self._last is None else max(self._last + self._seconds - now, 0)

    def learn(self, path: str, headers: Mapping[str, str], now: float) -> None:  # noqa: ARG002
        self._last = now


Hold = Callable[[float, str], None]
"""Waits so many seconds; the text says why."""


_on_hold: list[Callable[[float, str], None]] = []


def set_on_hold_hooks(hooks: Iterable[Callable[[float, str], None]]) -> None:
    """Who is told before a wait: seconds, and why. For the process, as stamina's hooks on retries are."""
    _on_hold[:] = hooks


def hold(seconds: float, why: str) -> None:
    """Wait, and tell who wants to know."""
    for told in _on_hold:
        told(seconds, why)
    time.sleep(seconds)
