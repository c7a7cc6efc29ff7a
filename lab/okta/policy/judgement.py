"""What a policy says of an access: rules by priority, first match wins, the catch-all last.

A rule whose conditions cannot all be judged never lets anybody in: an ALLOW rule does not match, a DENY rule does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lab.okta.policy.conditions import Outcome, check_all, together
from lab.okta.policy.context import AccessContext
from lab.okta.policy.policy import Policy
from lab.okta.policy.rule import Rule


class Verdict(StrEnum):
    """The outcomes of `policy.evaluate_sign_on`."""

    ALLOW = "ALLOW"
    CHALLENGE = "CHALLENGE"
    DENY = "DENY"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of one access, and by which rule."""

    verdict: Verdict
    rule: Rule
    too_old: bool = False
    """Whether a CHALLENGE is for a new sign-in; else it is for another factor."""


def judge(
    rules: Sequence[Rule], context: AccessContext, *, session_age: timedelta, factors: Collection[str] = ("knowledge",)
) -> Judgement:
    """Judge an access by the rules, in their order.

    CHALLENGE means that the rule lets in, but wants more than this session has shown. Raises LookupError where no
    rule matches, which a policy with its catch-all never does.
    """
    for rule in rules:
        if rule.status == "ACTIVE" and _matches(rule, context):
            return _judged(rule, session_age, factors)
    raise LookupError("a policy without its catch-all rule")


def applying(policies: Iterable[Policy], context: AccessContext) -> list[Policy]:
    """The active policies whose own conditions hold, in their order."""
    active = [policy for policy in policies if policy.status == "ACTIVE"]
    ordered = sorted(active, key=lambda policy: (policy.system, policy.priority))
    return [policy for policy in ordered if together(check_all(policy.conditions, context)) is Outcome.MATCH]


def _judged(rule: Rule, session_age: timedelta, factors: Collection[str]) -> Judgement:
    if rule.access != "ALLOW":
        return Judgement(Verdict.DENY, rule)
    oldest = rule.reauthenticate_in
    if oldest is not None and session_age > oldest:
        return Judgement(Verdict.CHALLENGE, rule, too_old=True)
    if rule.factor_mode != "1FA" and len(set(factors)) < 2:
        return Judgement(Verdict.CHALLENGE, rule)
    return Judgement(Verdict.ALLOW, rule)


def _matches(rule: Rule, context: AccessContext) -> bool:
    found = together(check_all(rule.conditions, context))
    return found is Outcome.MATCH or (found is Outcome.UNDEFINED and rule.access != "ALLOW")
