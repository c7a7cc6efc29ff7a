"""How many examples a property is tried with."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

USUAL: Final = 100
AT_LEAST: Final = 5


def tried(times: int, *allowed: HealthCheck) -> settings:
    """As a decorator: so many examples, or the share of them that EXAMPLES in the environment asks for."""
    here = settings.default
    examples = max(AT_LEAST, round(times * here.max_examples / USUAL))
    return settings(max_examples=examples, suppress_health_check=[*here.suppress_health_check, *allowed])
