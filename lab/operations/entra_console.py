"""What administrators of the tenant do, through Graph."""

from __future__ import annotations

import secrets
from typing import Any, Final

from lab import entra
from lab.entra.errors import new_guid
from lab.entra.graph import READ_POLICIES, REVOKERS, WRITE_CONDITIONAL_ACCESS
from lab.entra.tenant import ServiceApp
from lab.openid.passwords import SecretDigest
from lab.operations.admitted import AdmittedList, of_location
from lab.world import World

CONDITIONAL_ACCESS: Final = "/v1.0/identity/conditionalAccess/policies"


class EntraConsole:
    """The tenant. Every method raises httpx.HTTPError where Graph says no."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tenant: Final = world.servers.entra
        self._service = ("", "")

    def location(self) -> AdmittedList:
        """The tunnel's named location now."""
        stored = self._tenant.locations.stored()
        found = next(each for each in stored if each.display_name == entra.acme.LOCATION_NAME)
        return of_location(found, self._tenant.locations.in_force(), due=self._tenant.locations.due(found.id))

    async def set_strict_location(self, *, strict: bool) -> None:
        """Whether resources enforce the location of the policy themselves (continuous access evaluation)."""
        policy = next(each for each in self._tenant.policies.all() if each.display_name == entra.acme.POLICY_NAME)
        mode = {"continuousAccessEvaluation": {"mode": "strictLocation"}} if strict else None
        await self._call("PATCH", f"{CONDITIONAL_ACCESS}/{policy.id}", {"sessionControls": mode})

    async def revoke_sessions(self, name: str) -> None:
        """End a person's sessions and refresh tokens."""
        user = self._tenant.user_named(name)
        assert user is not None
        await self._call("POST", f"/v1.0/users/{user.id}/revokeSignInSessions")

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        headers = {"Authorization": f"Bearer {await self._token()}"}
        url = self._world.access.entra_url + path
        (await self._world.http.request(method, url, json=body, headers=headers)).raise_for_status()

    async def _token(self) -> str:
        """A token of the administrators' own service; a new one each time: the lab's clock may skip hours."""
        if not self._service[0]:
            self._service = self._register()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._service[0],
            "client_secret": self._service[1],
            "scope": "https://graph.microsoft.com/.default",
        }
        url = f"{self._world.access.entra_url}/{self._tenant.id}/oauth2/v2.0/token"
        answer = (await self._world.http.post(url, data=form)).raise_for_status()
        return str(answer.json()["access_token"])

    def _register(self) -> tuple[str, str]:
        client_id, secret = new_guid(), secrets.token_urlsafe()
        roles = frozenset({READ_POLICIES, WRITE_CONDITIONAL_ACCESS, REVOKERS[0]})
        self._tenant.services[client_id] = ServiceApp(client_id, "administration", roles, SecretDigest.of(secret))
        return client_id, secret
