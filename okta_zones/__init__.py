"""Keep Okta's network zone and Entra's named location equal to a tunnel gateway's egress addresses.

The public face: `load` a configuration, `ask_sources`, then `plan_all` and `apply_all` on the targets that
`opened` gives. Entries that are not ours stay as they are; nothing is written that is already right; what was
written is read back. What stands in the way is a RefusedError (with a `Refusal`) or a FarEndError.
"""

from okta_zones.apply import Pace
from okta_zones.config import Settings, load
from okta_zones.controller import Outcome, Run, TargetResult, apply_all, ask_sources, opened, plan_all
from okta_zones.errors import FarEndError, Refusal, RefusedError
from okta_zones.plan import Action, Plan

__all__ = [
    "Action",
    "FarEndError",
    "Outcome",
    "Pace",
    "Plan",
    "Refusal",
    "RefusedError",
    "Run",
    "Settings",
    "TargetResult",
    "apply_all",
    "ask_sources",
    "load",
    "opened",
    "plan_all",
]
