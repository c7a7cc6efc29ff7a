"""The tenant that the lab starts with: Acme, as its administrators left it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from lab.authority import utc_now
from lab.entra.errors import new_guid
from lab.entra.graph import READ_AUDIT_LOG, READ_POLICIES, WRITE_CONDITIONAL_ACCESS
from lab.entra.knobs import Knobs
from lab.entra.named_location import COUNTRY, IP, NamedLocation
from lab.entra.policy import Policy, State
from lab.entra.tenant import PublicApp, ServiceApp, Tenant, User
from lab.openid.passwords import PasswordDigest, SecretDigest
from lab.openid.signing import SigningKey

HOST: Final = "login.microsoftonline.com"
GRAPH_HOST: Final = "graph.microsoft.com"
TENANT_ID: Final = "7c4f9a52-3f0e-4d4b-9a3e-5d2f8f1b6a10"
LOGIN: Final = "anna@acme.example"
BREAK_GLASS: Final = "break-glass@acme.example"
APP_NAME: Final = "Outlook sample"
CLIENT_ID: Final = "b1f6c0de-2a47-4f6e-8a57-0f1d3c5e7a91"
REDIRECT_URI: Final = "msauth.com.acme.outlook-sample://auth"
GRAPH_CLIENT_ID: Final = "e3a9d7c4-61b2-4c58-b0f4-2d9e8c7b5a13"
LOCATION_NAME: Final = "Tunnel egress"
POLICY_NAME: Final = "Block outside the tunnel"
OLD_ADDRESS: Final = "127.42.0.99/32"
FOREIGN_RANGE: Final = "127.44.0.0/24"
ROLES: Final = (READ_POLICIES, WRITE_CONDITIONAL_ACCESS, READ_AUDIT_LOG)


def acme_tenant(
    *,
    password: str,
    client_secret: str,
    redirect_uris: Collection[str] = (REDIRECT_URI,),
    roles: Collection[str] = ROLES,
    break_glass_password: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    knobs: Knobs | None = None,
    signing_key: SigningKey | None = None,
    former: str = OLD_ADDRESS,
    office: str = FOREIGN_RANGE,
    admitted: Collection[str] = (),
) -> Tenant:
    """A new tenant: anna with `password`, one app, the tunnel's named location, and a policy that blocks outside it.

    The location holds `former`, an egress address of former times, and `office`, a range that somebody else keeps
    there. `client_secret` and `roles` are those of the service that keeps the location. The emergency account is
    excluded from the policy; nobody knows its password unless it is given. Without a `signing_key` a new one is made.
    `admitted` are networks that the location holds besides.
    """
    tenant = Tenant(
        TENANT_ID,
        display_name="Acme",
        domain="acme.example",
        clock=clock,
        knobs=knobs,
        signing_key=signing_key,
    )
    long_ago = clock() - timedelta(days=400)
    anna = User(new_guid(), LOGIN, "Anna Acme", PasswordDigest.of(password))
    unknown = break_glass_password or secrets.token_urlsafe(32)
    emergency = User(new_guid(), BREAK_GLASS, "Break Glass", PasswordDigest.of(unknown))
    tenant.users.update({user.id: user for user in (anna, emergency)})
    tenant.apps[CLIENT_ID] = PublicApp(CLIENT_ID, APP_NAME, frozenset(redirect_uris))
    tenant.services[GRAPH_CLIENT_ID] = ServiceApp(
        GRAPH_CLIENT_ID, "zone-controller", frozenset(roles), SecretDigest.of(client_secret)
    )
    egress = _egress(long_ago, (former, office, *admitted))
    tenant.locations.install(_country(long_ago))
    tenant.locations.install(egress)
    tenant.policies.install(_policy(egress.id, emergency.id, long_ago))
    return tenant


def _egress(created: datetime, networks: Collection[str]) -> NamedLocation:
    ranges = [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": text} for text in networks]
    details = {"isTrusted": False, "ipRanges": ranges}
    return NamedLocation(new_guid(), IP, LOCATION_NAME, created, created, details)


def _country(created: datetime) -> NamedLocation:
    """Every list holds other types, too."""
    details = {"countriesAndRegions": ["DE"], "includeUnknownCountriesAndRegions": False}
    return NamedLocation(new_guid(), COUNTRY, "Headquarters", created, created, details)


def _policy(location_id: str, emergency_id: str, created: datetime) -> Policy:
    return Policy(
        id=new_guid(),
        display_name=POLICY_NAME,
        state=State.ENABLED,
        created=created,
        modified=None,
        conditions={
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
            "users": {
                "includeUsers": ["All"],
                "excludeUsers": [emergency_id],
                "includeGroups": [],
                "excludeGroups": [],
                "includeRoles": [],
                "excludeRoles": [],
            },
            "locations": {"includeLocations": ["All"], "excludeLocations": [location_id]},
        },
        grant_controls={
            "operator": "OR",
            "builtInControls": ["block"],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
        },
        session_controls=None,
    )
