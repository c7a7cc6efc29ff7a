"""OAuth 2.0 service apps: programs that get tokens for the Management API with a key of their own.

Okta guide "Implement OAuth for Okta with a service app": `private_key_jwt` only, scopes granted to the app by an
administrator, an administrator role beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import ECKey, RSAKey

from lab.okta.application import LONG_AGO, application_json
from lab.okta.identifiers import new_id
from lab.okta.network_restriction import NetworkRestriction
from lab.okta.roles import Role
from lab.okta.system_log import Party

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """`id` is its client id; `keys` are public JWKs with their `kid`; `scopes` are those that it was granted."""

    id: str
    label: str
    keys: tuple[Mapping[str, Any], ...]
    scopes: frozenset[str]
    role: Role
    dpop_bound: bool
    network: NetworkRestriction
    created: datetime

    def as_party(self) -> Party:
        """As the System Log names the author of a call."""
        return Party(self.id, "PublicClientApp", self.id, self.label)

    def key(self, key_id: str | None) -> RSAKey | ECKey | None:
        """The key with this id; the only one, where none is named."""
        found = [key for key in self.keys if key_id is None or key.get("kid") == key_id]
        if len(found) != 1:
            return None
        shown = dict(found[0])
        return RSAKey.import_key(shown) if shown["kty"] == "RSA" else ECKey.import_key(shown)

    def to_json(self, org_url: str) -> dict[str, Any]:
        client = {
            "response_types": ["token"],
            "grant_types": ["client_credentials"],
            "jwks": {"keys": [{**key, "status": "ACTIVE"} for key in self.keys]},
            "application_type": "service",
            "dpop_bound_access_tokens": self.dpop_bound,
            "network": self.network.to_json(),
        }
        return application_json(
            org_url, self.id, self.label, self.created, method="private_key_jwt", client=client, links={}
        )


def new_service_app(
    label: str,
    keys: Iterable[Mapping[str, Any]],
    scopes: Iterable[str],
    *,
    role: Role = Role.SUPER_ADMIN,
    dpop_bound: bool = False,
    network: NetworkRestriction | None = None,
    created: datetime = LONG_AGO,
) -> ServiceApp:
    """A service app with a new client id, to be put into `Org.service_apps`."""
    return ServiceApp(
        id=new_id("0oa"),
        label=label,
        keys=tuple(keys),
        scopes=frozenset(scopes),
        role=role,
        dpop_bound=dpop_bound,
        network=network or NetworkRestriction(),
        created=created,
    )
