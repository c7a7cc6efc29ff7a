"""An app that people sign in to, and the JSON that the API shows of apps with OpenID Connect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from lab.okta.identifiers import whole_seconds
from lab.okta.network_restriction import NetworkRestriction
from lab.okta.system_log import Party

LONG_AGO: Final = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class App:
    """An OIDC native app: a public client with PKCE. `id` is its client id."""

    id: str
    label: str
    redirect_uris: frozenset[str]
    policy_id: str
    grant_types: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    network: NetworkRestriction = field(default_factory=NetworkRestriction)
    created: datetime = LONG_AGO

    def as_party(self) -> Party:
        detail = {"signOnModeType": "OPENID_CONNECT"}
        return Party(self.id, "AppInstance", self.label, self.label, detail)

    def to_json(self, org_url: str) -> dict[str, Any]:
        client = {
            "redirect_uris": sorted(self.redirect_uris),
            "response_types": ["code"],
            "grant_types": sorted(self.grant_types),
            "application_type": "native",
            "dpop_bound_access_tokens": False,
            "network": self.network.to_json(),
        }
        links = {"accessPolicy": {"href": f"{org_url}/api/v1/policies/{self.policy_id}"}}
        return application_json(org_url, self.id, self.label, self.created, method="none", client=client, links=links)


def application_json(
    org_url: str,
    app_id: str,
    label: str,
    created: datetime,
    *,
    method: str,
    client: Mapping[str, Any],
    links: Mapping[str, Any],
) -> dict[str, Any]:
    """An app as the API shows it; `client` is what stands under `settings.oauthClient`."""
    own = f"{org_url}/api/v1/apps/{app_id}"
    return {
        "id": app_id,
        "status": "ACTIVE",
        "lastUpdated": whole_seconds(created),
        "created": whole_seconds(created),
        "accessibility": {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None},
        "visibility": {
            "autoLaunch": False,
            "autoSubmitToolbar": False,
            "hide": {"iOS": True, "web": True},
            "appLinks": {"oidc_client_link": True},
        },
        "name": "oidc_client",
        "label": label,
        "features": [],
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
            "oauthClient": {
                "autoKeyRotation": True,
                "client_id": app_id,
                "token_endpoint_auth_method": method,
                "pkce_required": method == "none",
            },
        },
        "settings": {"app": {}, "oauthClient": dict(client)},
        "profile": {},
        "_links": {
            **links,
            "groups": {"href": f"{own}/groups"},
            "users": {"href": f"{own}/users"},
            "self": {"href": own},
            "deactivate": {"href": f"{own}/lifecycle/deactivate"},
        },
    }
