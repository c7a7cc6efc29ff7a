"""The org that the lab starts with: acme.okta.com, as its administrators left it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from lab.authority import utc_now
from lab.okta.application import App
from lab.okta.identifiers import new_id
from lab.okta.knobs import Knobs
from lab.okta.org import Org
from lab.okta.policy.policy import ACCESS_POLICY, OKTA_SIGN_ON, Policy
from lab.okta.policy.policy import ACCOUNT_MANAGEMENT as END_USER_ACCOUNTS
from lab.okta.policy.rule import Rule
from lab.okta.policy.store import BORN_WITH, catch_all
from lab.okta.user import User
from lab.okta.zone import Zone
from lab.openid.passwords import PasswordDigest
from lab.openid.signing import SigningKey

HOST: Final = "acme.okta.com"
ORG_ID: Final = "00oacme0tunnel0la697"
LOGIN: Final = "anna@acme.example"
ADMIN: Final = "admin@acme.example"
APP_LABEL: Final = "Outlook sample"
CLIENT_ID: Final = "0oaoutlooksample0697"
REDIRECT_URI: Final = "com.acme.outlook-sample:/callback"
ZONE_NAME: Final = "Tunnel egress"
ZONE_RULE: Final = "From the tunnel"
ACCOUNT_MANAGEMENT: Final = "Okta Account Management Policy"
DEFAULT_POLICY: Final = "Default Policy"
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
    former: str = OLD_ADDRESS,
    office: str = FOREIGN_RANGE,
    admitted: Collection[str] = (),
) -> Org:
    """A new org: anna with `password`, one app, the tunnel's zone, and a policy that admits that zone only.

    The zone holds `former`, an egress address of former times, and `office`, a range that somebody else keeps there.
    `api_token` is the secret of an administrator's API token; without a `signing_key` a new one is made. `admitted` are
    ranges (`A-B`) that the zone holds besides.
    """
    org = Org(clock=clock, knobs=knobs, signing_key=signing_key, org_id=ORG_ID)
    long_ago = clock().replace(microsecond=0) - timedelta(days=400)
    nobody_knows = PasswordDigest.of(secrets.token_urlsafe(32))
    admin = User(new_id("00u"), ADMIN, "Org", "Admin", nobody_knows, long_ago)
    org.add_user(User(new_id("00u"), LOGIN, "Anna", "Acme", PasswordDigest.of(password), long_ago))
    org.add_user(admin)
    zone = _zone(long_ago, former, office, admitted)
    org.zones.install(zone)
    policy = _policy(zone.id, long_ago)
    for each in (policy, _account_management(long_ago), _default_session_policy(org.groups.everyone.id, long_ago)):
        org.policies.install(each)
    org.apps[CLIENT_ID] = App(CLIENT_ID, APP_LABEL, frozenset(redirect_uris), policy.id)
    org.api_tokens.create("zone-controller", admin.as_party(), api_token)
    return org


def _zone(created: datetime, former: str, office: str, admitted: Collection[str]) -> Zone:
    gateways = [
        {"type": "RANGE", "value": f"{former}-{former}"},
        {"type": "CIDR", "value": office},
        *({"type": "RANGE", "value": each} for each in admitted),
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
        catch_all(ACCESS_POLICY, _sign_on("DENY", "2FA"), created),
    ]
    text = "Outlook, through the tunnel only"
    return Policy(new_id("rst"), ACCESS_POLICY, APP_LABEL, text, created, created, rules)


def _account_management(created: datetime) -> Policy:
    """Enrolment, recovery and unlock: a side door whose catch-all is as it was born."""
    return Policy(
        id=new_id("rst"),
        type=ACCESS_POLICY,
        name=ACCOUNT_MANAGEMENT,
        description="Enrolling authenticators, recovering and unlocking accounts",
        created=created,
        last_updated=created,
        rules=[catch_all(ACCESS_POLICY, BORN_WITH, created)],
        system=True,
        resource_type=END_USER_ACCOUNTS,
    )


def _default_session_policy(everyone: str, created: datetime) -> Policy:
    """The global session policy that every org has: a password is enough, for two idle hours."""
    session = {"usePersistentCookie": False, "maxSessionIdleMinutes": 120, "maxSessionLifetimeMinutes": 0}
    actions = {
        "signon": {
            "access": "ALLOW",
            "requireFactor": False,
            "primaryFactor": "PASSWORD_IDP_ANY_FACTOR",
            "rememberDeviceByDefault": False,
            "session": session,
        }
    }
    return Policy(
        id=new_id("00p"),
        type=OKTA_SIGN_ON,
        name=DEFAULT_POLICY,
        description="The default policy applies in all situations if no other policy applies.",
        created=created,
        last_updated=created,
        rules=[catch_all(OKTA_SIGN_ON, actions, created, "Default Rule")],
        system=True,
        conditions={"people": {"groups": {"include": [everyone]}}},
    )


def _rule(name: str, priority: int, created: datetime, conditions: dict[str, Any], actions: dict[str, Any]) -> Rule:
    return Rule(
        id=new_id("rul"),
        name=name,
        priority=priority,
        system=False,
        created=created,
        last_updated=created,
        conditions=conditions,
        actions=actions,
    )


def _sign_on(access: str, factor_mode: str, **more: Any) -> dict[str, Any]:
    method = {"factorMode": factor_mode, "type": "ASSURANCE", "reauthenticateIn": "PT12H", **more}
    return {"appSignOn": {"access": access, "verificationMethod": method}}
