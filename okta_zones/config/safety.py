"""`safety`: the dangers that somebody has accepted, by their names.

safety: {accept: [not-public]}
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, PlainValidator

from dtr_rules import source
from okta_zones.errors import Refusal
from okta_zones.safety import ACCEPTABLE

NAMES: Final = sorted(danger.value for danger in ACCEPTABLE)


def read_danger(value: object) -> Refusal:
    """A danger by its name. Raises ValueError."""
    if not isinstance(value, str) or value not in NAMES:
        near = source.suggestion(value, NAMES) if isinstance(value, str) else ""
        raise ValueError(f"no danger that can be accepted{near}; allowed: {', '.join(NAMES)}")
    return Refusal(value)


class SafetyEntry(source.Model):
    """`safety`."""

    accept: list[Annotated[Refusal, PlainValidator(read_danger)]] = Field(default_factory=list)
