"""A resource that evaluates access continuously: it notices revocation and a changed address within a token's life.

Microsoft's documentation, "Continuous access evaluation": only for apps that say `cp1`, only by named locations of IP
ranges, and no longer by address where the ranges of all location policies together are more than 5,000. What takes
the real providers up to a day, a changed policy, is noticed here at once.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.entra.conditional_access import SignInFacts, judge
from lab.entra.policy import Policy, State
from lab.entra.resources import SAMPLE
from lab.entra.tenant import Tenant
from lab.openid.signing import InvalidTokenError

MOST_RANGES: Final = 5000
AUTHORIZATION_URI: Final = "https://login.microsoftonline.com/common/oauth2/authorize"


def create_sample_resource(tenant: Tenant) -> Starlette:
    """`GET /v1/me`, for tokens of the resource `api://acme-sample`."""
    return Starlette(routes=SampleResource(tenant).routes())


class SampleResource:
    """The resource."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [Route("/v1/me", self.me, methods=["GET"])]

    async def me(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            claims = self._tenant.tokens.read(token if scheme.lower() == "bearer" else "", SAMPLE.uri)
        except InvalidTokenError as error:
            challenge = f'Bearer realm="", authorization_uri="{AUTHORIZATION_URI}", error="invalid_token"'
            return JSONResponse({"error": str(error)}, 401, {"WWW-Authenticate": challenge})
        assert request.client is not None
        if "cp1" in claims.get("xms_cc", ()) and self._must_come_back(claims, request.client.host):
            return self._challenge()
        user = self._tenant.users[claims["oid"]]
        return JSONResponse({"userPrincipalName": user.principal_name, "ipAddress": request.client.host})

    def _must_come_back(self, claims: dict[str, Any], address: str) -> bool:
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        if self._tenant.revocations.revoked(claims["oid"], issued):
            return True
        policies = [policy for policy in self._location_policies() if self._checks(policy, claims)]
        user = self._tenant.users[claims["oid"]]
        facts = SignInFacts(user.id, address, SAMPLE.id, user.group_ids)
        return judge(policies, facts, self._tenant.locations.in_force()).blocked

    def _checks(self, policy: Policy, claims: dict[str, Any]) -> bool:
        return policy.strict_location or claims["uti"] not in self._tenant.without_address_check

    def _location_policies(self) -> list[Policy]:
        """Those that can be enforced here; none, where they name too many ranges."""
        found = [each for each in self._tenant.policies.all() if each.location_ids and each.state is State.ENABLED]
        named = {identifier for policy in found for identifier in policy.location_ids}
        ranges = sum(
            len(location.details.get("ipRanges", ()))
            for location in self._tenant.locations.stored()
            if location.id in named
        )
        return found if ranges <= MOST_RANGES else []

    def _challenge(self) -> Response:
        now = str(int(self._tenant.clock().timestamp()))
        wanted = json.dumps({"access_token": {"nbf": {"essential": True, "value": now}}})
        claims = base64.b64encode(wanted.encode()).decode("ascii")
        challenge = (
            f'Bearer realm="", authorization_uri="{AUTHORIZATION_URI}", error="insufficient_claims", claims="{claims}"'
        )
        return JSONResponse({"error": "insufficient_claims"}, 401, {"WWW-Authenticate": challenge})
