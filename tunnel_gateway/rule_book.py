"""Which rules apply to which device: a set for each group, one for restricted devices, and what is only reported.

A book is a value: a reload makes a new one and puts it in the place of the old one, whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dtr_rules import Decision, Flow, Index, Platform, RuleSet
from tunnel_gateway.admission import Admission
from tunnel_gateway.posture.model import Ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The devices that a rule set is for: those that every given condition fits; None is no condition.

    `organization_groups` holds names and UUIDs in lower case, `udids` UDIDs in lower case: all as the UEM reports them.
    """

    platforms: frozenset[Platform] | None = None
    organization_groups: frozenset[str] | None = None
    ownerships: frozenset[Ownership] | None = None
    udids: frozenset[str] | None = None

    def holds(self, device: Admission) -> bool:
        groups = self.organization_groups
        return (
            (self.platforms is None or device.platform in self.platforms)
            and (self.ownerships is None or device.ownership in self.ownerships)
            and (self.udids is None or device.udid in self.udids)
            and (groups is None or device.group.lower() in groups or device.group_uuid in groups)
        )


@dataclass(frozen=True, slots=True)
class DeviceRules:
    """What decides for a device, and the sets whose decisions are only reported."""

    active: Index
    reported: tuple[Index, ...] = ()

    def would(self, flow: Flow, decision: Decision) -> tuple[str, ...]:
        """What the reported sets would have done otherwise than `decision`, in words for the decision log."""
        others = ((index.rule_set, index.decide(flow)) for index in self.reported)
        return tuple(_words(rule_set, other) for rule_set, other in others if other.action is not decision.action)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules by group, the first that holds a device; `default` for all others; `compliance` for restricted devices.

    `compliance` is None where no device is ever restricted.
    """

    default: DeviceRules
    groups: tuple[tuple[Group, DeviceRules], ...] = ()
    compliance: DeviceRules | None = None

    def rules_for(self, device: Admission) -> DeviceRules | None:
        """The rules of an admitted device; None for a restricted one where there is no compliance rule set."""
        if device.restricted:
            return self.compliance
        return next((rules for group, rules in self.groups if group.holds(device)), self.default)

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """Every set that decides somewhere, the default one first."""
        others = [rules for _, rules in self.groups] + ([self.compliance] if self.compliance else [])
        return tuple(rules.active.rule_set for rules in (self.default, *others))


def device_rules(rule_set: RuleSet, reported_rules: Iterable[str] = (), beside: Iterable[RuleSet] = ()) -> DeviceRules:
    """Rules from a set in which those that are named in `reported_rules` only report, with the sets `beside` it."""
    names = frozenset(reported_rules) & {rule.name for rule in rule_set.rules}
    if not names:
        return DeviceRules(Index(rule_set), tuple(map(Index, beside)))
    active = replace(rule_set, rules=tuple(rule for rule in rule_set.rules if rule.name not in names))
    return DeviceRules(Index(active), tuple(map(Index, (rule_set, *beside))))


def _words(rule_set: RuleSet, decision: Decision) -> str:
    by = str(decision.reason) if decision.rule is None else f"rule '{decision.rule}'"
    return f"{decision.action} by {by} of {rule_set.name} ({rule_set.digest[:12]})"
