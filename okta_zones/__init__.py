"""Keep Okta's network zone and Entra's named location equal to a tunnel gateway's egress addresses.

The public face: `load` a configuration, `ask` its `sources_of`, then `plan_all` and `apply_all` on the targets that
`opened` gives, with a `Journal` that says what is ours. Entries that are not ours stay as they are; nothing is written
that is already right; what was written is read back. What stands in the way is a RefusedError (with a `Refusal`) or a
FarEndError.

A name is imported when it is asked for: a program that only prints its help waits for no network library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okta_zones.apply import Pace
    from okta_zones.config import Settings, load
    from okta_zones.controller import Outcome, Run, TargetResult, apply_all, order_of, plan_all
    from okta_zones.errors import FarEndError, Refusal, RefusedError
    from okta_zones.journal import Journal, leased
    from okta_zones.opening import opened, sources_of
    from okta_zones.plan import Action, Order, Plan
    from okta_zones.sources.survey import Survey, ask

_HOMES = {
    "okta_zones.apply": "Pace",
    "okta_zones.config": "Settings load",
    "okta_zones.controller": "Outcome Run TargetResult apply_all order_of plan_all",
    "okta_zones.errors": "FarEndError Refusal RefusedError",
    "okta_zones.journal": "Journal leased",
    "okta_zones.opening": "opened sources_of",
    "okta_zones.plan": "Action Order Plan",
    "okta_zones.sources.survey": "Survey ask",
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names.split():
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Action",
    "FarEndError",
    "Journal",
    "Order",
    "Outcome",
    "Pace",
    "Plan",
    "Refusal",
    "RefusedError",
    "Run",
    "Settings",
    "Survey",
    "TargetResult",
    "apply_all",
    "ask",
    "leased",
    "load",
    "opened",
    "order_of",
    "plan_all",
    "sources_of",
]
