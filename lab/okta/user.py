"""A person of the org (Okta API, User)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.okta.identifiers import whole_seconds
from lab.okta.system_log import Party
from lab.openid.passwords import PasswordDigest, SecretDigest


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in. `second_factor` is the code that the lab's simulated authenticator shows, if any."""

    id: str
    login: str
    first_name: str
    last_name: str
    password: PasswordDigest = field(repr=False)
    created: datetime
    status: str = "ACTIVE"
    second_factor: SecretDigest | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def as_party(self) -> Party:
        return Party(self.id, "User", self.login, self.name)

    def to_json(self, org_url: str) -> dict[str, Any]:
        created = whole_seconds(self.created)
        return {
            "id": self.id,
            "status": self.status,
            "created": created,
            "activated": created,
            "statusChanged": created,
            "lastLogin": None,
            "lastUpdated": created,
            "passwordChanged": created,
            "type": {"id": "oty0acme0default0697"},
            "profile": self.profile(),
            "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
            "_links": {"self": {"href": f"{org_url}/api/v1/users/{self.id}"}},
        }

    def profile(self) -> dict[str, Any]:
        return {
            "firstName": self.first_name,
            "lastName": self.last_name,
            "mobilePhone": None,
            "secondEmail": None,
            "login": self.login,
            "email": self.login,
        }
