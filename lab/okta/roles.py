"""Administrator roles, as far as calls of the API depend on them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What the owner of an API token, or a service app, is in the org."""

    SUPER_ADMIN = "SUPER_ADMIN"
    READ_ONLY_ADMIN = "READ_ONLY_ADMIN"
    NONE = "NONE"

    def allows(self, scope: str) -> bool:
        """Whether the role covers what `scope` stands for, such as `okta.networkZones.manage`."""
        if self is Role.READ_ONLY_ADMIN:
            return scope.endswith(".read")
        return self is Role.SUPER_ADMIN
