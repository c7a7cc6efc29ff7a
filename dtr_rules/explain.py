"""Explain a decision: every check and every rule in order, what each made of the flow, and what was nearly
so.

`explain` adds words to `evaluate`; it never decides on its own. That both agree is a property that the tests
hold.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from dtr_rules.destinations import Destination, Fit
from dtr_rules.evaluate import covers_app, evaluate, in_vpn_profile
from dtr_rules.explanation import Check, CheckTrace, Explanation, RuleTrace, Verdict
from dtr_rules.hosts import is_loopback
from dtr_rules.model import Decision, Flow, Mode, Platform, Rule, RuleSet
from dtr_rules.nearest import nearest
from dtr_rules.next_step import next_step
from dtr_rules.reasons import DecisionReason

_SHOWN = 3  # names of apps and patterns in one sentence


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


@dataclass(frozen=True, slots=True)
class _Nearness:
    """The destination of a rule that comes nearest to a flow, and how near."""

    fit: Fit
    destinations: tuple[Destination, ...]
    """All that come equally near; the first is the one to show. Empty where none is near."""
    lookalike: Destination | None = None
    """Where nothing matches for certain: what looks most like the host, in case of a typo."""

    @property
    def pattern(self) -> str | None:
        shown = self.destinations[0] if self.destinations else self.lookalike
        return None if shown is None else _pattern(shown)

    @property
    def hint(self) -> str:
        return "" if self.lookalike is None else f"; nearest is '{_pattern(self.lookalike)}'"


def _rules(rule_set: RuleSet, flow: Flow, decision: Decision) -> tuple[RuleTrace, ...]:
    last = _last_looked_at(rule_set, decision)
    return tuple(_rule(rule_set, flow, index, looked_at=index <= last) for index in range(len(rule_set.rules)))


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


def _rule(rule_set: RuleSet, flow: Flow, index: int, *, looked_at: bool) -> RuleTrace:
    rule = rule_set.rules[index]
    near = _nearest(rule_set, rule, flow)
    verdicts = _verdicts(rule, flow, near)
    verdict = verdicts[0] if verdicts else Verdict.MATCHED
    return RuleTrace(
        index=index,
        name=rule.name,
        action=rule.action,
        verdict=verdict,
        text=_text(verdict, rule, flow, near),
        looked_at=looked_at,
        pattern=near.pattern,
        near_miss=_near_miss(verdict, rule, near) if looked_at and len(verdicts) == 1 else None,
    )


def _verdicts(rule: Rule, flow: Flow, near: _Nearness) -> list[Verdict]:
    """Everything that stands in the way of a match."""
    found = []
    if flow.platform not in rule.platforms:
        found.append(Verdict.OTHER_PLATFORM)
    if not covers_app(rule, flow):
        found.append(Verdict.APP_UNKNOWN if flow.app is None else Verdict.OTHER_APP)
    match near.fit:
        case Fit.NO:
            found.append(Verdict.OTHER_DESTINATION)
        case Fit.OTHER_PORT:
            found.append(Verdict.OTHER_PORT)
        case Fit.APEX:
            found.append(Verdict.APEX_NOT_COVERED)
        case Fit.ADDRESS_UNKNOWN:
            found.append(Verdict.ADDRESS_UNKNOWN)
        case Fit.YES:
            pass
    return found


def _nearest(rule_set: RuleSet, rule: Rule, flow: Flow) -> _Nearness:
    apex = rule_set.wildcard_matches_apex
    fits = [
        (each, each.fit(flow.host, flow.port, flow.address, wildcard_matches_apex=apex)) for each in rule.destinations
    ]
    lookalike = nearest(rule.destinations, flow.host, flow.address)
    for fit in (Fit.YES, Fit.ADDRESS_UNKNOWN, Fit.OTHER_PORT, Fit.APEX):
        found = tuple(each for each, its in fits if its is fit)
        if found:
            return _Nearness(fit, found, lookalike)
    return _Nearness(Fit.NO, (), lookalike)


def _text(verdict: Verdict, rule: Rule, flow: Flow, near: _Nearness) -> str:
    match verdict:
        case Verdict.MATCHED:
            return f"'{near.pattern}' matches"
        case Verdict.OTHER_PLATFORM:
            return f"for {_platforms(rule)}, and the device is {flow.platform}"
        case Verdict.OTHER_APP:
            return f"for {_apps(rule)}, and the app is {flow.app}"
        case Verdict.APP_UNKNOWN:
            return f"for {_apps(rule)}, and the app is not known"
        case Verdict.OTHER_PORT:
            return f"'{near.pattern}' matches the host but not port {flow.port}"
        case Verdict.APEX_NOT_COVERED:
            return f"'{near.pattern}' does not match {flow.host} itself: wildcard-matches-apex is off"
        case Verdict.ADDRESS_UNKNOWN:
            return f"could not be judged: '{near.pattern}' needs the host's address, which is not known{near.hint}"
        case Verdict.OTHER_DESTINATION:
            return f"no destination matches {flow.host}{near.hint}"


def _near_miss(verdict: Verdict, rule: Rule, near: _Nearness) -> str | None:
    match verdict:
        case Verdict.OTHER_PLATFORM:
            return f"would match on {_platforms(rule)}"
        case Verdict.OTHER_APP:
            return f"would match for {_apps(rule)}"
        case Verdict.APP_UNKNOWN:
            return f"would match if the app were {_apps(rule)}"
        case Verdict.OTHER_PORT:
            ports = list(dict.fromkeys(str(each.ports) for each in near.destinations))
            return f"would match on port {_any_of(ports)}"
        case Verdict.APEX_NOT_COVERED:
            return "would match with wildcard-matches-apex: true"
        case Verdict.ADDRESS_UNKNOWN:
            targets = [str(each.target) for each in near.destinations]
            return f"would match if the address were in {_any_of(targets)}"
        case Verdict.MATCHED | Verdict.OTHER_DESTINATION:
            return None


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


def _pattern(destination: Destination) -> str:
    return destination.written or str(destination)


def _platforms(rule: Rule) -> str:
    return _any_of([platform.value for platform in Platform if platform in rule.platforms])


def _apps(rule: Rule) -> str:
    return _any_of(sorted(rule.apps or ()))


def _any_of(names: list[str]) -> str:
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} or {len(names) - _SHOWN} more"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
