"""How findings speak of rules, decisions, apps and destinations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dtr_rules.destinations import Destination
from dtr_rules.model import Decision, Platform, Rule, RuleSet
from dtr_rules.reasons import DecisionReason

_SHOWN = 4

_REASONS = {
    DecisionReason.DEFAULT_ACTION: "by the default action",
    DecisionReason.NOT_IN_VPN_PROFILE: "since the app does not carry the VPN profile",
    DecisionReason.SAFARI_HAS_NO_DEFAULT: "since the default action does not apply to Safari",
    DecisionReason.LOOPBACK: "since it is the device itself",
    DecisionReason.GO_DIRECT: "on a trusted network",
}


def rule_words(rule_set: RuleSet, index: int) -> str:
    """`rule 2 'legacy-mail'`."""
    return f"rule {index + 1} '{rule_set.rules[index].name}'"


def rules_words(rule_set: RuleSet, indexes: Sequence[int]) -> str:
    """`rule 2 'a'`, or `rules 2 'a' and 3 'b'`."""
    if len(indexes) == 1:
        return rule_words(rule_set, indexes[0])
    return "rules " + listed(f"{index + 1} '{rule_set.rules[index].name}'" for index in indexes)


def decision_words(decision: Decision) -> str:
    """`bypass by rule 2 'legacy-mail'`, `bypass by the default action`."""
    if decision.rule_index is None:
        return f"{decision.action} {_REASONS[decision.reason]}"
    return f"{decision.action} by rule {decision.rule_index + 1} '{decision.rule}'"


def one_or(one: str, many: str, counted: Sequence[object]) -> str:
    """The word for one or for many."""
    return one if len(counted) == 1 else many


def written(destination: Destination) -> str:
    """The destination as the file writes it."""
    return destination.written or str(destination)


def action_words(rule: Rule) -> str:
    """`tunnel`, or `proxy proxy.example:8080`."""
    return rule.action if rule.proxy is None else f"{rule.action} {rule.proxy}"


def app_words(app: str | None) -> str:
    """The app, or what None stands for."""
    return "any other app" if app is None else app


def listed(names: Iterable[str], *, joined: str = "and") -> str:
    """`a, b and c`; a long list is cut, with the number of what was left away."""
    given = list(names)
    if len(given) > _SHOWN:
        return f"{', '.join(given[:_SHOWN])} {joined} {len(given) - _SHOWN} more"
    return f" {joined} ".join([", ".join(given[:-1]), given[-1]] if len(given) > 1 else given)


def platforms_words(platforms: Iterable[Platform]) -> str:
    """`ios and android`."""
    given = set(platforms)
    return listed(each.value for each in Platform if each in given)
