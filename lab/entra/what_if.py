"""What conditional access would say of a sign-in that nobody makes (Graph, "conditionalAccessRoot: evaluate").

The answer is a `whatIfAnalysisResult` for each policy: the policy itself, whether it applies, and by which condition
it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from lab.entra.conditional_access import SignInFacts, why_not
from lab.entra.errors import bad_request
from lab.entra.policy import Policy, State
from lab.entra.tenant import Tenant

USER_SIGN_IN = "#microsoft.graph.userSignIn"
APPLICATION = "#microsoft.graph.applicationContext"


def evaluate(tenant: Tenant, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The results for the sign-in in `body`; only policies that apply, where it asks for those. Raises GraphError."""
    facts = _facts(tenant, body)
    inside = [location for location in tenant.locations.in_force().values() if location.contains(facts.address)]
    found = []
    for policy in tenant.policies.all():
        reason = _reason(policy, why_not(policy, facts, inside))
        if reason is None or not body.get("appliedPoliciesOnly"):
            found.append({**policy.to_json(), "policyApplies": reason is None, "analysisReasons": reason or "notSet"})
    return found


def _reason(policy: Policy, unmet: str | None) -> str | None:
    return "policyNotEnabled" if policy.state is State.DISABLED else unmet


def _facts(tenant: Tenant, body: Mapping[str, Any]) -> SignInFacts:
    identity, context = _object(body, "signInIdentity"), _object(body, "signInContext")
    conditions = _object(body, "signInConditions")
    if identity.get("@odata.type") != USER_SIGN_IN or context.get("@odata.type") != APPLICATION:
        raise bad_request(f"The lab evaluates {USER_SIGN_IN} with {APPLICATION}.")
    user = tenant.users.get(str(identity.get("userId")))
    if user is None:
        raise bad_request("signInIdentity names no user.")
    applications = context.get("includeApplications") or [""]
    try:
        address = str(ip_address(str(conditions.get("ipAddress"))))
    except ValueError as error:
        raise bad_request("signInConditions.ipAddress must be an address.") from error
    return SignInFacts(
        user_id=user.id,
        address=address,
        resource_id=str(applications[0]),
        group_ids=user.group_ids,
        client_app=str(conditions.get("clientAppType") or "browser"),
        platform=conditions.get("devicePlatform"),
    )


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise bad_request(f"{name} is required.")
    return value
