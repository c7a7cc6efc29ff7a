"""The org that the lab starts with: acme.okta.com, as its administrators left it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from lab.authority import utc_now
from lab.okta.identifiers import new_id
from lab.okta.knobs import Knobs
from lab.okta.org import App, Org, User
from lab.okta.policies import Policy, Rule
from lab.okta.system_log import Party
from lab.okta.zone import Zone
from lab.openid.passwords import PasswordDigest
from lab.openid.signing import SigningKey

HOST: Final = "acme.okta.com"
ORG_ID: Final = "00oacme0tunnel0la697"
LOGIN: Final = "anna@acme.example"
APP_LABEL: Final = "Outlook sample"
CLIENT_ID: Final = "0oaoutlooksample0697"
REDIRECT_URI: Final = "com.acme.outlook-sample:/callback"
ZONE_NAME: Final = "Tunnel egress"
ZONE_RULE: Final = "From the tunnel"
CATCH_ALL: Final = "Catch-all Rule"
OLD_ADDRESS: Final = "127.42.0.99"
FOREIGN_RANGE: Final = "127.44.0.0/24"


def acme_org(
    *,
    password: str,
    api_token: str,
    redirect_uris: Collection[str] = (REDIRECT_URI,),
    clock: Callable[[], datetime] = utc_now,
    knobs: Knobs | None = None,
    signing_key: SigningKey | None = None,
) -> Org:
    """A new org: anna with `password`, one app, the tunnel's zone, and a policy that admits that zone only.

    The zone holds an egress address of former times and a range that somebody else keeps there. `api_token`
    is the secret of an administrator's API token; without a `signing_key` a new one is made.
    """
    org = Org(clock=clock, knobs=knobs, signing_key=signing_key, org_id=ORG_ID)
    long_ago = clock().replace(microsecond=0) - timedelta(days=400)
    org.add_user(User(new_id("00u"), LOGIN, "Anna", "Acme", PasswordDigest.of(password)))
    zone = _zone(long_ago)
    org.zones.install(zone)
    policy = _policy(zone.id, long_ago)
    org.policies[policy.id] = policy
    org.apps[CLIENT_ID] = App(CLIENT_ID, APP_LABEL, frozenset(redirect_uris), policy.id)
    admin = Party(new_id("00u"), "User", "admin@acme.example", "Org Admin")
    org.api_tokens.create("zone-controller", admin, api_token)
    return org


def _zone(created: datetime) -> Zone:
    gateways = [
        {"type": "RANGE", "value": f"{OLD_ADDRESS}-{OLD_ADDRESS}"},
        {"type": "CIDR", "value": FOREIGN_RANGE},
    ]
    return Zone(
        id=new_id("nzo"),
        type="IP",
        name=ZONE_NAME,
        status="ACTIVE",
        usage="POLICY",
        created=created,
        last_updated=created,
        system=False,
        details={"gateways": gateways, "proxies": None},
    )


def _policy(zone_id: str, created: datetime) -> Policy:
    network = {"connection": "ZONE", "include": [zone_id]}
    conditions = {
        "people": {"users": {"exclude": []}},
        "network": network,
        "riskScore": {"level": "ANY"},
        "userType": {"include": [], "exclude": []},
    }
    password_only = [{"knowledge": {"required": True, "types": ["password"]}}]
    rules = [
        _rule(ZONE_RULE, 0, created, conditions, _sign_on("ALLOW", "1FA", constraints=password_only)),
        _rule(CATCH_ALL, 99, created, None, _sign_on("DENY", "2FA")),
    ]
    return Policy(new_id("rst"), APP_LABEL, "Outlook, through the tunnel only", created, created, rules)


def _rule(
    name: str, priority: int, created: datetime, conditions: dict[str, Any] | None, actions: dict[str, Any]
) -> Rule:
    return Rule(
        id=new_id("rul"),
        name=name,
        priority=priority,
        system=conditions is None,
        created=created,
        last_updated=created,
        conditions=conditions,
        actions=actions,
    )


def _sign_on(access: str, factor_mode: str, **more: Any) -> dict[str, Any]:
    method = {"factorMode": factor_mode, "type": "ASSURANCE", "reauthenticateIn": "PT12H", **more}
    return {"appSignOn": {"access": access, "verificationMethod": method}}
