"""How long okta-zones waits for a far end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds."""

    connect: float = 10
    silence: float = 60
    """Between two pieces of an answer; Graph needs long for lists of a hundred ranges."""
    answer: float = 120
    """For one answer as a whole."""
    longest_wait: float = 90
    """The longest wait that a far end can ask for before the next attempt; Okta's windows are one minute long."""
    attempts: int = 5
    """At one request, the first among them."""

    @property
    def patience(self) -> float:
        """For all attempts at one request together."""
        return 2 * self.longest_wait
