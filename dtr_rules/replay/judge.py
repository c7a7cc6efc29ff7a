"""What rule sets make of a visit, and whether they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from dtr_rules.index import Index
from dtr_rules.model import Action, Decision, Flow, Platform, RuleSet
from dtr_rules.replay.visit import Recorded, Transport, Visit

_REMEMBERED: Final = 8_192
_QUIC_PORT: Final = 443
_TUNNELS: Final = (Action.TUNNEL, Action.TUNNEL_PROXY)


class Change(StrEnum):
    """How two decisions differ."""

    ACTION = "action"
    """Something else is done: another action, or another proxy."""
    RULE = "rule"
    """The same is done for another reason."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided of a visit, and what was decided before. A decision is None where it depends on the platform and
    that is not known; the others are None where there is nothing to compare with."""

    decision: Decision | None
    against: Decision | None = None
    recorded: Recorded | None = None

    @property
    def change(self) -> Change | None:
        """How the decision differs from the other set's, and where there is none, from the recorded one."""
        new, old = self.decision, self.against
        if new is None:
            return None
        if old is not None:
            if (new.action, new.proxy) != (old.action, old.proxy):
                return Change.ACTION
            return Change.RULE if (new.rule, new.reason) != (old.rule, old.reason) else None
        if self.recorded is None:
            return None
        if new.action is not self.recorded.action:
            return Change.ACTION
        return Change.RULE if new.rule != self.recorded.rule else None


class Judge:
    """Rule sets that are asked about visits. `against` is the set to compare with."""

    def __init__(self, rule_set: RuleSet, against: RuleSet | None = None) -> None:
        self.rule_set = rule_set
        self.against = against
        self._decide = _remembering(rule_set)
        self._decide_against = None if against is None else _remembering(against)

    def ruling(self, visit: Visit) -> Ruling:
        if self._decide_against is None:
            return Ruling(_decision(self._decide, visit), recorded=visit.recorded)
        return Ruling(_decision(self._decide, visit), _decision(self._decide_against, visit))


def is_quic_to_tunnelled(transport: Transport, port: int | None, ruling: Ruling) -> bool:
    """Whether this is UDP 443 to a host that is to be reached through the tunnel."""
    decision = ruling.decision
    return transport is Transport.UDP and port == _QUIC_PORT and decision is not None and decision.action in _TUNNELS


_Decide = Callable[[Flow], Decision]


def _remembering(rule_set: RuleSet) -> _Decide:
    return lru_cache(_REMEMBERED)(Index(rule_set).decide)


def _decision(decide: _Decide, visit: Visit) -> Decision | None:
    if visit.platform is not None:
        return decide(_flow(visit, visit.platform))
    decisions = {decide(_flow(visit, platform)) for platform in Platform}
    return decisions.pop() if len(decisions) == 1 else None


def _flow(visit: Visit, platform: Platform) -> Flow:
    return Flow(platform, visit.host, visit.port, app=visit.app, address=visit.address)
