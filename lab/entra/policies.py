"""The conditional access policies of a tenant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from lab.entra.errors import new_guid, not_found
from lab.entra.policy import Policy, changed_policy, new_policy


class Policies:
    """Policies by id, oldest first. Sign-ins notice a write at once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._policies: dict[str, Policy] = {}

    def install(self, policy: Policy) -> None:
        """Put a policy in place, new or instead of its former self."""
        self._policies[policy.id] = policy

    def all(self) -> list[Policy]:
        return list(self._policies.values())

    def get(self, policy_id: str) -> Policy:
        """Raises GraphError (404)."""
        if policy_id not in self._policies:
            raise not_found(policy_id)
        return self._policies[policy_id]

    def create(self, body: Mapping[str, Any], location_ids: Collection[str]) -> Policy:
        """Raises GraphError (400)."""
        policy = new_policy(new_guid(), body, self._clock(), location_ids)
        self.install(policy)
        return policy

    def change(self, policy_id: str, body: Mapping[str, Any], location_ids: Collection[str]) -> Policy:
        """Raises GraphError (400, 404)."""
        policy = changed_policy(self.get(policy_id), body, self._clock(), location_ids)
        self.install(policy)
        return policy

    def delete(self, policy_id: str) -> None:
        """Raises GraphError (404)."""
        del self._policies[self.get(policy_id).id]
