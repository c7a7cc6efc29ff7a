"""Who is in the world of `tunnel-lab up`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from dtr_rules import Platform
from lab import okta
from lab.plan import DevicePlan, WorldPlan
from lab.roster import ROSTER

STRANGER: Final = "stranger"
"""A laptop that nobody manages; its owner may get hold of somebody else's profile."""
ZONE_DELAY: Final = timedelta(seconds=60)
"""Okta's help: "wait approximately 60 seconds for the change to propagate"; here in real time."""


def console_world(rules: str) -> WorldPlan:
    """A device of each platform, and a laptop that nobody manages; zone and location wait for the egress addresses."""
    return WorldPlan(
        rules=rules,
        devices=(*ROSTER, DevicePlan(name=STRANGER, platform=Platform.WINDOWS)),
        okta=okta.Knobs(zone_delay=ZONE_DELAY),
    )
