"""What administrators of the org do, and what other tools do there: through the Management API, as they would."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final, Literal

from lab import okta
from lab.okta.identifiers import new_id
from lab.okta.policy.rule import CATCH_ALL
from lab.okta.policy.store import BORN_WITH
from lab.okta.system_log import Party
from lab.okta.zone import BLOCKED_ZONE
from lab.operations.admitted import AdmittedList, of_zone
from lab.world import World

PLAYBOOK: Final = "soc-playbook@acme.example"
"""The account of another tool that writes zones, too."""


class OktaConsole:
    """The org. Every method raises httpx.HTTPError where the org says no."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._org: Final = world.servers.okta
        self._playbook_token = ""

    # --- zones ------------------------------------------------------------------------------------

    def zone(self) -> AdmittedList:
        """The tunnel's zone now."""
        zone = self._org.zones.named(okta.acme.ZONE_NAME)
        writers = [
            str(event["actor"]["displayName"])
            for event in self._org.log.of_type("zone.update")
            if any(target["id"] == zone.id for target in event["target"])
        ]
        in_force, due = self._org.zones.in_force(), self._org.zones.due(zone.id)
        return of_zone(zone, in_force, due=due, written_by=writers[-1] if writers else "")

    async def write_as_another_tool(self, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Another tool reads the tunnel's zone and writes it back with entries more or fewer (`A-B` or CIDR)."""
        self._playbook_token = self._playbook_token or self._new_token()
        await self._change_entries(okta.acme.ZONE_NAME, add, set(remove), token=self._playbook_token)

    async def blocklist(self, entries: Iterable[str]) -> None:
        """The security team puts addresses on the org's blocklist."""
        await self._change_entries(BLOCKED_ZONE, entries, set(), token=self._world.access.okta_token)

    async def _change_entries(self, name: str, add: Iterable[str], remove: set[str], *, token: str) -> None:
        path = f"/api/v1/zones/{self._org.zones.named(name).id}"
        zone = await self._call("GET", path, token=token)
        kept = [entry for entry in zone.get("gateways") or () if entry["value"] not in remove]
        zone["gateways"] = [*kept, *map(_entry, add)]
        zone.pop("_links")
        await self._call("PUT", path, zone, token=token)

    # --- policies and apps ------------------------------------------------------------------------

    async def set_catch_all(self, access: Literal["ALLOW", "DENY"]) -> None:
        """What the app's sign-in policy does with everything that no other rule matches; ALLOW as it was born."""
        policy = self._org.policies.get(self._org.apps[okta.acme.CLIENT_ID].policy_id)
        rule = next(rule for rule in policy.rules if rule.name == CATCH_ALL)
        actions = {"appSignOn": {**BORN_WITH["appSignOn"], "access": access}}
        body = {"type": "ACCESS_POLICY", "name": rule.name, "actions": actions}
        await self._call("PUT", f"/api/v1/policies/{policy.id}/rules/{rule.id}", body)

    async def bind_client(self, *, to_zone: bool) -> None:
        """Set the network of the app's OAuth client: the tunnel's zone, or anywhere."""
        path = f"/api/v1/apps/{okta.acme.CLIENT_ID}"
        app = await self._call("GET", path)
        zone_id = self._org.zones.named(okta.acme.ZONE_NAME).id
        network = {"connection": "ZONE", "include": [zone_id]} if to_zone else {"connection": "ANYWHERE"}
        app["settings"]["oauthClient"]["network"] = network
        await self._call("PUT", path, app)

    # --- people -----------------------------------------------------------------------------------

    async def revoke_sessions(self, login: str, *, tokens: bool) -> None:
        """End a person's sessions, and with `tokens` what apps were given, too."""
        user = self._org.user(login)
        assert user is not None
        await self._call("DELETE", f"/api/v1/users/{user.id}/sessions?oauthTokens={str(tokens).lower()}")

    def _new_token(self) -> str:
        """An API token of the other tool: the real service makes tokens in its console only."""
        secret = secrets.token_urlsafe()
        owner = Party(new_id("00u"), "User", PLAYBOOK, "SOC playbook")
        self._org.api_tokens.create("soc-playbook", owner, secret)
        return secret

    async def _call(self, method: str, path: str, body: object = None, *, token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"SSWS {token or self._world.access.okta_token}"}
        url = self._world.access.okta_url + path
        answer = await self._world.http.request(method, url, json=body, headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def _entry(text: str) -> dict[str, str]:
    return {"type": "CIDR" if "/" in text else "RANGE", "value": text}
