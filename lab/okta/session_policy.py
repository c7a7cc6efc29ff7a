"""The global session policy: asked when somebody who has no session gives a password.

Okta API, OKTA_SIGN_ON: the first policy whose groups fit, and in it the first rule whose conditions do; where no rule
of a policy matches, the next policy is asked.
"""

from __future__ import annotations

from datetime import timedelta

from lab.okta.org import Org
from lab.okta.policy.context import AccessContext
from lab.okta.policy.judgement import Judgement, applying, judge
from lab.okta.policy.policy import OKTA_SIGN_ON


def judge_session(org: Org, context: AccessContext, factors: frozenset[str]) -> Judgement | None:
    """What the policies say of a new session; None where none of them applies, which no org of its own accord has."""
    for policy in applying(org.policies.of_type(OKTA_SIGN_ON), context):
        try:
            return judge(policy.in_order(), context, session_age=timedelta(0), factors=factors)
        except LookupError:
            continue
    return None
