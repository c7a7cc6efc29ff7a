"""The Office 365 app of an org: people of a federated domain get a WS-Federation token for Microsoft's sign-in.

Okta's help, "Office 365"; WS-Federation 1.2, passive requestor profile; SAML 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.okta.identifiers import whole_seconds
from lab.okta.system_log import Party

REALM: Final = "urn:federation:MicrosoftOnline"
REPLY_TO: Final = "https://login.microsoftonline.com/login.srf"
PASSIVE: Final = "/app/office365/{key}/sso/wsfed/passive"


@dataclass(frozen=True, slots=True)
class Office365App:
    """`key` is the app's key in its URLs; `issuer` is how Microsoft knows the org."""

    id: str
    key: str
    label: str
    domain: str
    policy_id: str
    signing_key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate
    created: datetime
    reply_to: str = REPLY_TO

    @property
    def issuer(self) -> str:
        return f"http://www.okta.com/{self.key}"

    def as_party(self) -> Party:
        detail = {"signOnModeType": "WS_FEDERATION"}
        return Party(self.id, "AppInstance", self.label, self.label, detail)

    def to_json(self, org_url: str) -> dict[str, Any]:
        own = f"{org_url}/api/v1/apps/{self.id}"
        return {
            "id": self.id,
            "status": "ACTIVE",
            "lastUpdated": whole_seconds(self.created),
            "created": whole_seconds(self.created),
            "name": "office365",
            "label": self.label,
            "features": [],
            "signOnMode": "WS_FEDERATION",
            "settings": {"app": {"domain": self.domain, "wsFedConfigureType": "AUTO", "msftTenant": self.domain}},
            "_links": {
                "accessPolicy": {"href": f"{org_url}/api/v1/policies/{self.policy_id}"},
                "groups": {"href": f"{own}/groups"},
                "users": {"href": f"{own}/users"},
                "self": {"href": own},
            },
        }


@dataclass(frozen=True, slots=True)
class PassiveRequest:
    """A sign-in request of Microsoft's, carried by a browser. `context` goes back as it came."""

    client_id: str
    context: str
    login_hint: str
    prompt: str | None = None


def read_passive_request(app: Office365App, parameters: Mapping[str, str]) -> PassiveRequest | None:
    """The request in `parameters`; None where it is none for this app."""
    if parameters.get("wa") != "wsignin1.0" or parameters.get("wtrealm") != REALM:
        return None
    prompt = "login" if parameters.get("wfresh") == "0" else None
    return PassiveRequest(app.id, parameters.get("wctx", ""), parameters.get("username", ""), prompt)


def moment_of(moment: datetime) -> str:
    """`2026-05-04T12:00:00Z`, as XML Schema writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
