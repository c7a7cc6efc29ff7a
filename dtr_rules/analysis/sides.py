"""One side of a comparison: boxes and defaults, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dtr_rules.analysis.answers import Effect
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.regions import Regions, regions_of
from dtr_rules.analysis.seats import Seats
from dtr_rules.analysis.spots import Earlier
from dtr_rules.model import Action, Decision, Rule, RuleSet
from dtr_rules.reasons import DecisionReason


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A rule set as flows meet it that reach its rules."""

    regions: Regions
    effects: tuple[Effect, ...]
    """For each rule what its decision comes to."""
    rules: Mapping[Effect, frozenset[int]]
    """The indexes of the rules that come to each effect."""
    defaults: tuple[tuple[int, Effect], ...]
    """What becomes of flows that no box matches: parts of the seats, each with its effect."""
    only_action: bool

    def effect(self, box: Box) -> Effect:
        """What a decision by `box` comes to."""
        return self.effects[box.rule_index]

    def before(self, box: Box | None) -> Earlier:
        """The boxes before `box`, or all of them where nothing but the default is left."""
        return Earlier(self.regions, len(self.regions.boxes) if box is None else box.order)


def rules_side(rule_set: RuleSet, seats: Seats, *, only_action: bool) -> Side:
    """`rule_set` for flows that reach its rules."""
    reason = None if only_action else DecisionReason.DEFAULT_ACTION
    default = Effect(rule_set.default, rule_set.default_proxy, reason)
    safari = Effect(Action.BYPASS, None, reason)
    defaults: tuple[tuple[int, Effect], ...] = ((seats.all & ~seats.safari, default), (seats.safari, safari))
    if default == safari:
        defaults = ((seats.all, default),)
    effects = tuple(_effect(rule, only_action=only_action) for rule in rule_set.rules)
    rules: dict[Effect, set[int]] = {}
    for index, effect in enumerate(effects):
        rules.setdefault(effect, set()).add(index)
    by_effect = {effect: frozenset(indexes) for effect, indexes in rules.items()}
    return Side(regions_of(rule_set, seats), effects, by_effect, defaults, only_action)


def _effect(rule: Rule, *, only_action: bool) -> Effect:
    if only_action:
        return Effect(rule.action, rule.proxy)
    return Effect(rule.action, rule.proxy, DecisionReason.RULE, rule.name)


def effect_of(decision: Decision, *, only_action: bool) -> Effect:
    """What a decision of the reference engine comes to."""
    if only_action:
        return Effect(decision.action, decision.proxy)
    reason = decision.reason
    if reason is DecisionReason.SAFARI_HAS_NO_DEFAULT:
        reason = DecisionReason.DEFAULT_ACTION
    return Effect(decision.action, decision.proxy, reason, decision.rule)
