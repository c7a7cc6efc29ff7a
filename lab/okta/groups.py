"""Groups of people. Everybody belongs to `Everyone`, which every org has (Okta API, Group)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lab.okta.errors import not_found, validation_failed
from lab.okta.identifiers import new_id, whole_seconds

EVERYONE: Final = "Everyone"


@dataclass(slots=True)
class Group:
    """A group; `type` is BUILT_IN or OKTA_GROUP. The members of Everyone are not listed."""

    id: str
    name: str
    description: str | None
    type: str
    created: datetime
    members: set[str] = field(default_factory=set)

    def to_json(self, org_url: str) -> dict[str, Any]:
        url = f"{org_url}/api/v1/groups/{self.id}"
        return {
            "id": self.id,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.created),
            "lastMembershipUpdated": whole_seconds(self.created),
            "objectClass": ["okta:user_group"],
            "type": self.type,
            "profile": {"name": self.name, "description": self.description},
            "_links": {
                "users": {"href": f"{url}/users"},
                "apps": {"href": f"{url}/apps"},
            },
        }


class Groups:
    """The groups of an org, oldest first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.everyone: Final = Group(new_id("00g"), EVERYONE, "All users in your organization", "BUILT_IN", clock())
        self._groups: dict[str, Group] = {self.everyone.id: self.everyone}

    def create(self, name: str, description: str | None = None) -> Group:
        """Raises OktaError (400) for a name that is taken."""
        if any(group.name == name for group in self._groups.values()):
            raise validation_failed("name", "An object with this field already exists in the current organization")
        group = Group(new_id("00g"), name, description, "OKTA_GROUP", self._clock())
        self._groups[group.id] = group
        return group

    def all(self) -> list[Group]:
        return list(self._groups.values())

    def get(self, group_id: str) -> Group:
        """Raises OktaError (404)."""
        if group_id not in self._groups:
            raise not_found(group_id, "UserGroup")
        return self._groups[group_id]

    def of(self, user_id: str) -> frozenset[str]:
        """The groups that a user is in."""
        own = {group.id for group in self._groups.values() if user_id in group.members}
        return frozenset({*own, self.everyone.id})
