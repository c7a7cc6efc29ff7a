"""Explain a decision: every check and every rule in order, what each made of the flow, and what was nearly
so.

`explain` adds words to `evaluate`; it never decides on its own. That both agree is a property that the tests
hold.
"""

from __future__ import annotations

import dataclasses

from dtr_rules.evaluate import evaluate, in_vpn_profile
from dtr_rules.explain_rules import trace_rule
from dtr_rules.explanation import Check, CheckTrace, Explanation, RuleTrace, Verdict
from dtr_rules.hosts import is_loopback
from dtr_rules.model import Decision, Flow, Mode, RuleSet
from dtr_rules.next_step import next_step
from dtr_rules.reasons import DecisionReason


def explain(rule_set: RuleSet, flow: Flow) -> Explanation:
    """The decision of `evaluate` with its whole trace."""
    decision = evaluate(rule_set, flow)
    checks = _checks(rule_set, flow, decision)
    rules = _rules(rule_set, flow, decision)
    return Explanation(
        rule_set=rule_set,
        flow=flow,
        decision=decision,
        checks=checks,
        rules=rules,
        doubts=_doubts(rule_set, flow, decision, rules),
        otherwise=_otherwise(rule_set, flow, decision),
        without_check=_without_check(rule_set, flow, decision),
        handed_over=_handed_over(rule_set, flow, decision),
        next_step=next_step(decision, flow),
    )


# --- before the rules ----------------------------------------------------------------------------------------


def _checks(rule_set: RuleSet, flow: Flow, decision: Decision) -> tuple[CheckTrace, ...]:
    loopback, trusted = is_loopback(flow.host), flow.on_trusted_network
    outside = decision.reason is DecisionReason.NOT_IN_VPN_PROFILE
    traces = (
        CheckTrace(Check.LOOPBACK, loopback, f"{flow.host} is {_not(loopback)}the device itself"),
        CheckTrace(Check.TRUSTED_NETWORK, trusted, f"the device is {_not(trusted)}on a trusted network"),
        CheckTrace(Check.VPN_PROFILE, outside, _profile_text(rule_set, flow)),
    )
    last = next((index for index, each in enumerate(traces) if each.decides), len(traces) - 1)
    return traces[: last + 1]


def _not(holds: bool) -> str:
    return "" if holds else "not "


def _profile_text(rule_set: RuleSet, flow: Flow) -> str:
    app = flow.app or "the app"
    if rule_set.mode is Mode.FULL_DEVICE:
        return "full-device mode: the VPN profile covers every app"
    if flow.in_vpn_profile is not None:
        return f"{app} {'carries' if flow.in_vpn_profile else 'does not carry'} the VPN profile"
    match in_vpn_profile(rule_set, flow):
        case True:
            return f"{app} is one of the set's profile-apps"
        case False:
            return f"{app} is not one of the set's profile-apps, so it does not carry the VPN profile"
        case None:
            return f"nobody says whether {app} carries the VPN profile; the rules are asked as if it did"


# --- the rules -----------------------------------------------------------------------------------------------


def _rules(rule_set: RuleSet, flow: Flow, decision: Decision) -> tuple[RuleTrace, ...]:
    last = _last_looked_at(rule_set, decision)
    return tuple(trace_rule(rule_set, flow, index, looked_at=index <= last) for index in range(len(rule_set.rules)))


def _last_looked_at(rule_set: RuleSet, decision: Decision) -> int:
    if decision.rule_index is not None:
        return decision.rule_index
    return len(rule_set.rules) - 1 if _came_to_rules(decision) else -1


def _came_to_rules(decision: Decision) -> bool:
    return decision.reason in (
        DecisionReason.RULE,
        DecisionReason.DEFAULT_ACTION,
        DecisionReason.SAFARI_HAS_NO_DEFAULT,
    )


# --- around the decision -------------------------------------------------------------------------------------


def _doubts(rule_set: RuleSet, flow: Flow, decision: Decision, rules: tuple[RuleTrace, ...]) -> tuple[str, ...]:
    if not _came_to_rules(decision):
        return ()
    doubts = [
        f"rule {each.number} '{each.name}' ({each.action}) comes before the decision and {each.near_miss}"
        for each in rules
        if each.near_miss and each.verdict in (Verdict.ADDRESS_UNKNOWN, Verdict.APP_UNKNOWN)
    ]
    if in_vpn_profile(rule_set, flow) is None:
        doubts.append("without the VPN profile the app's traffic would go directly, whatever the rules say")
    return tuple(doubts)


def _otherwise(rule_set: RuleSet, flow: Flow, decision: Decision) -> Decision | None:
    index = decision.rule_index
    if index is None:
        return None
    remaining = (*rule_set.rules[:index], *rule_set.rules[index + 1 :])
    other = evaluate(dataclasses.replace(rule_set, rules=remaining), flow)
    if other.rule_index is None:
        return other
    return dataclasses.replace(other, rule_index=other.rule_index + 1)  # only a rule behind the one left out


def _without_check(rule_set: RuleSet, flow: Flow, decision: Decision) -> Decision | None:
    match decision.reason:
        case DecisionReason.GO_DIRECT:
            return evaluate(rule_set, dataclasses.replace(flow, on_trusted_network=False))
        case DecisionReason.NOT_IN_VPN_PROFILE:
            return evaluate(rule_set, dataclasses.replace(flow, in_vpn_profile=True))
        case _:
            return None


def _handed_over(rule_set: RuleSet, flow: Flow, decision: Decision) -> bool | None:
    return in_vpn_profile(rule_set, flow) if _came_to_rules(decision) else False
