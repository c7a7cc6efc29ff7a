"""Why a flow was decided as it was: the whole trace as values, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dtr_rules.model import Action, Decision, Flow, RuleSet


class Check(StrEnum):
    """What comes before the rules, in this order."""

    LOOPBACK = "loopback"
    TRUSTED_NETWORK = "trusted-network"
    VPN_PROFILE = "vpn-profile"


class Verdict(StrEnum):
    """What a rule made of a flow: that it matched, or the first thing that stood in the way."""

    MATCHED = "matched"
    OTHER_PLATFORM = "other-platform"
    OTHER_APP = "other-app"
    APP_UNKNOWN = "app-unknown"
    """The rule names apps and the app is not known, so it does not match."""
    OTHER_DESTINATION = "other-destination"
    OTHER_PORT = "other-port"
    APEX_NOT_COVERED = "apex-not-covered"
    """`*.example.com` and `example.com`, with `wildcard-matches-apex` off."""
    ADDRESS_UNKNOWN = "address-unknown"
    """The rule could not be judged: it names addresses and the host's is not known, so it does not match."""


@dataclass(frozen=True, slots=True)
class CheckTrace:
    """One check before the rules. `decides` where it ended the matter, so that nothing after it was looked
    at."""

    check: Check
    decides: bool
    text: str


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule held against the flow. `index` counts from 0, `number` from 1 as people do."""

    index: int
    name: str
    action: Action
    verdict: Verdict
    """The first of `verdicts`."""
    verdicts: tuple[Verdict, ...]
    """Everything that stands in the way of a match, or `matched` alone."""
    text: str
    """The verdicts in words."""
    looked_at: bool
    """False for rules behind the decision: what they would have said."""
    pattern: str | None = None
    """The destination that matched or came nearest, as the file writes it."""
    near_miss: str | None = None
    """What alone was missing for a match, such as `would match on port 443`."""

    @property
    def number(self) -> int:
        return self.index + 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with everything that led to it."""

    rule_set: RuleSet
    flow: Flow
    decision: Decision
    checks: tuple[CheckTrace, ...]
    rules: tuple[RuleTrace, ...]
    doubts: tuple[str, ...]
    """What is not known and could change the decision."""
    otherwise: Decision | None
    """What would decide if the deciding rule were not there; None where no rule decided."""
    without_check: Decision | None
    """What would decide if the check that ended the matter had not: on another network, or in the VPN profile. None
    where the rules were asked, and for loopback."""
    handed_over: bool | None
    """Whether the app's traffic is handed to the Tunnel client at all; None where nobody knows."""
    next_step: str
    """What the device does next."""

    @property
    def differs_otherwise(self) -> bool:
        """Whether the deciding rule makes a difference: without it, something else would be done."""
        return self.otherwise is not None and self._differs(self.otherwise.action, self.otherwise.proxy)

    @property
    def later(self) -> tuple[tuple[RuleTrace, bool], ...]:
        """The rules behind the deciding one that match, too, each with whether it would decide otherwise."""
        if self.decision.rule_index is None:
            return ()
        behind = [each for each in self.rules[self.decision.rule_index + 1 :] if each.verdict is Verdict.MATCHED]
        return tuple((each, self._differs(each.action, self.rule_set.rules[each.index].proxy)) for each in behind)

    def _differs(self, action: Action, proxy: str | None) -> bool:
        return (action, proxy) != (self.decision.action, self.decision.proxy)

    def as_json(self) -> dict[str, object]:
        """The explanation as plain data for JSON; version 1. Indexes count from 0."""
        return {
            "v": 1,
            "rule_set": {
                "name": self.rule_set.name,
                "mode": self.rule_set.mode,
                "digest": self.rule_set.digest,
            },
            "flow": flow_as_json(self.flow),
            "decision": decision_as_json(self.decision),
            "checks": [{"check": each.check, "decides": each.decides, "text": each.text} for each in self.checks],
            "rules": [_rule_as_json(each) for each in self.rules],
            "doubts": list(self.doubts),
            "otherwise": None
            if self.otherwise is None
            else {"decision": decision_as_json(self.otherwise), "differs": self.differs_otherwise},
            "later": [
                {"index": each.index, "rule": each.name, "action": each.action, "differs": differs}
                for each, differs in self.later
            ],
            "without_check": None if self.without_check is None else decision_as_json(self.without_check),
            "handed_over": self.handed_over,
            "next_step": self.next_step,
        }


def flow_as_json(flow: Flow) -> dict[str, object]:
    """A flow as plain data, in the words of the rule file's tests."""
    return {
        "platform": flow.platform,
        "app": flow.app,
        "host": str(flow.host),
        "port": flow.port,
        "address": None if flow.address is None else str(flow.address),
        "in_vpn_profile": flow.in_vpn_profile,
        "network": "trusted" if flow.on_trusted_network else "other",
    }


def decision_as_json(decision: Decision) -> dict[str, object]:
    """A decision as plain data."""
    return {
        "action": decision.action,
        "reason": decision.reason,
        "rule": decision.rule,
        "rule_index": decision.rule_index,
        "destination": decision.destination,
        "proxy": decision.proxy,
    }


def _rule_as_json(trace: RuleTrace) -> dict[str, object]:
    return {
        "index": trace.index,
        "rule": trace.name,
        "action": trace.action,
        "looked_at": trace.looked_at,
        "verdict": trace.verdict,
        "verdicts": list(trace.verdicts),
        "text": trace.text,
        "destination": trace.pattern,
        "near_miss": trace.near_miss,
    }
