"""From a spot to an example flow, confirmed by the reference engine."""

from __future__ import annotations

from dtr_rules.analysis.plane import pick
from dtr_rules.analysis.seats import Seats
from dtr_rules.analysis.spots import Spot
from dtr_rules.evaluate import evaluate, in_vpn_profile
from dtr_rules.index import Index
from dtr_rules.model import Decision, Flow, RuleSet

_READ = 250  # flows that the reference engine decides in a fraction of a second where a set has 10,000 destinations


class Reference:
    """What confirms examples: `evaluate`; after the first few hundred the index, which equals it.

    `evaluate` reads a whole set for each.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._left = _READ
        self._index: Index | None = None

    def decide(self, flow: Flow) -> Decision:
        """What the rule set decides for `flow`."""
        if self._left > 0:
            self._left -= 1
            return evaluate(self._rule_set, flow)
        if self._index is None:
            self._index = Index(self._rule_set)
        return self._index.decide(flow)


class UnconfirmedError(RuntimeError):
    """The reference engine decides otherwise than the analysis found: a defect of the analysis, never of a file."""


def flow_at(spot: Spot, seats: Seats, *rule_sets: RuleSet) -> Flow:
    """A flow at `spot` that reaches the rules of all `rule_sets`.

    Where a set's `profile_apps` would keep the app from them, the flow itself says that the app carries the profile.
    """
    port, among = pick(spot.plane)
    platform, app = seats.first(among)
    flow = Flow(platform=platform, host=spot.host, port=port, app=app, address=spot.address)
    if any(in_vpn_profile(rule_set, flow) is False for rule_set in rule_sets):
        return Flow(platform=platform, host=spot.host, port=port, app=app, address=spot.address, in_vpn_profile=True)
    return flow


def confirmed(rule_set: RuleSet, flow: Flow, rule_index: int) -> Decision:
    """What `evaluate` decides for `flow`. Raises UnconfirmedError unless that is by the rule `rule_index`."""
    decision = evaluate(rule_set, flow)
    if decision.rule_index != rule_index:
        raise UnconfirmedError(f"{flow} should be decided by rule {rule_index}, and is by {decision}")
    return decision
