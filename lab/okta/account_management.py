"""The Okta account management policy: who may enrol an authenticator, and from where (help, "Okta account management").

A side door beside the app sign-in policies: its catch-all lets in with two factors, wherever somebody is. Where it asks
for a second factor, somebody who has none yet comes in with the password.
"""

from __future__ import annotations

from datetime import timedelta

from lab.okta.arrival import Arrival
from lab.okta.errors import access_denied
from lab.okta.org import Org
from lab.okta.policy.judgement import Judgement, Verdict, judge
from lab.okta.policy.policy import ACCESS_POLICY, ACCOUNT_MANAGEMENT
from lab.okta.system_log import Party
from lab.okta.user import User


def check_enrolment(org: Org, arrival: Arrival, user: User, code: str) -> None:
    """Whether `user` may enrol from there; `code` is that of a second factor. Raises OktaError (403)."""
    judgement = _judged(org, arrival, user)
    if judgement is None:
        return
    wants_code = judgement.rule.factor_mode != "1FA" and user.second_factor is not None
    shown = user.second_factor is not None and user.second_factor.matches(code)
    if judgement.verdict is Verdict.DENY or (wants_code and not shown):
        raise access_denied()


def _judged(org: Org, arrival: Arrival, user: User) -> Judgement | None:
    """The policy's judgement, written down; None for an org without the policy."""
    policies = [each for each in org.policies.of_type(ACCESS_POLICY) if each.resource_type == ACCOUNT_MANAGEMENT]
    if not policies:
        return None
    context = org.context(user.id, arrival.zone_ids, arrival.origin.agent.platform, None)
    judgement = judge(policies[0].in_order(), context, session_age=timedelta(0))
    rule = judgement.rule
    org.log.add(
        "policy.evaluate_sign_on",
        arrival.origin,
        actor=user.as_party(),
        targets=[Party(rule.id, "Rule", "unknown", rule.name, {"policyRuleFactorMode": rule.factor_mode})],
        outcome=judgement.verdict,
        reason=f"Sign-on policy evaluation resulted in {judgement.verdict}",
    )
    return judgement
