"""How much work an analysis may do. Counted in steps, so that the answer does not depend on the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_STEPS = 20_000_000


class OutOfBudgetError(Exception):
    """The budget is spent. Inside the analysis only: callers get NotDecided."""


@dataclass(slots=True)
class Budget:
    """Steps left. One step is roughly one comparison of a host, a box or a state, about a microsecond.

    `expired` may look at a clock; it is asked now and then, and True ends the work, too.
    """

    steps: int = DEFAULT_STEPS
    expired: Callable[[], bool] | None = None

    def spend(self, steps: int = 1) -> None:
        """Take `steps` away. Raises OutOfBudgetError where none are left."""
        before = self.steps
        self.steps = before - steps
        if self.steps < 0:
            raise OutOfBudgetError
        if self.expired is not None and before >> 10 != self.steps >> 10 and self.expired():
            self.steps = 0
            raise OutOfBudgetError
