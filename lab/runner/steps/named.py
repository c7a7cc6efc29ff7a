"""Names in steps that the scenario's world must know, marked so that a reader can check them all."""

from __future__ import annotations

from typing import Annotated, Final

DEVICE: Final = "device"
PERSON: Final = "person"
RULES: Final = "rules"

DeviceName = Annotated[str, DEVICE]
"""A device of the scenario's world."""
PersonName = Annotated[str, PERSON]
"""Somebody of the lab."""
RulesFile = Annotated[str, RULES]
"""A rule file, named from the scenario's folder."""
