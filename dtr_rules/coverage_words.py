"""Coverage in words: why an item decided no test, and how to reach it."""

from __future__ import annotations

from dtr_rules.analysis import Covered, NotCovered, NotDecided
from dtr_rules.coverage import Item, Standing, Winner
from dtr_rules.flow_words import in_words
from dtr_rules.model import RuleSet

_NAMED = 3  # rules in one sentence


def why(item: Item, rule_set: RuleSet) -> str:
    """Why `item` decided no test; nothing where it did."""
    if item.standing is Standing.DECIDED:
        return ""
    parts = []
    if isinstance(item.can_decide, Covered):
        parts.append(_covered(item, item.can_decide, rule_set))
    elif item.standing is Standing.NEVER_REACHED:
        parts.append("never reached")
    if item.winner is not None:
        parts.append(f"'{item.winner.test}' reached it, but {_won(item, item.winner)}")
    if isinstance(item.can_decide, NotCovered):
        parts.append(f"example flow: {in_words(item.can_decide.example)}")
    if isinstance(item.can_decide, NotDecided):
        parts.append(f"whether earlier rules cover it is not decided: {item.can_decide.why}")
    return "; ".join(parts)


def briefly(item: Item) -> str:
    """Why a rule decided no test, where its destinations have the details."""
    if item.standing is Standing.NEVER_REACHED:
        return "never reached"
    return "" if item.winner is None else f"reached, but {_won(item, item.winner)}"


def _won(item: Item, winner: Winner) -> str:
    decision = winner.decision
    if decision.rule_index is None:
        return f"{decision.reason} comes before the rules"
    if decision.rule_index == item.rule_index:
        return f"'{decision.destination}', earlier in this rule, won"
    return f"rule {decision.rule_index + 1} '{decision.rule}' ({decision.action}) won"


def _covered(item: Item, covered: Covered, rule_set: RuleSet) -> str:
    if not covered.by:
        return "no flow can match it"
    names = [_rule(index, item, rule_set) for index in covered.rules]
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    different = covered.different
    effect = "the same action" if different is None else f"another action, as for {in_words(different)}"
    return f"covered by {shown}, with {effect}"


def _rule(index: int, item: Item, rule_set: RuleSet) -> str:
    if index == item.rule_index:
        return "earlier destinations of this rule"
    rule = rule_set.rules[index]
    return f"rule {index + 1} '{rule.name}' ({rule.action})"
