"""What could not be looked at is an answer too: not every credential may read everything, not every org has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from okta_zones.errors import RejectedError

T = TypeVar("T")


class Why(StrEnum):
    """Why something could not be looked at."""

    NOT_PERMITTED = "not-permitted"
    """The credential's role, scopes or permissions do not allow it."""
    NOT_AVAILABLE = "not-available"
    """The org or tenant does not have it: another engine, another licence."""
    NOT_CONFIGURED = "not-configured"
    """The file does not say what to look at."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was not looked at; `grant` is what would allow it, where that would help."""

    what: str
    why: Why
    detail: str = ""
    grant: str | None = None

    def __str__(self) -> str:
        reason = f"{self.what} could not be checked: {self.why.value.replace('-', ' ')}"
        if self.why is Why.NOT_PERMITTED and self.grant is not None:
            return f"{reason} (needs {self.grant})"
        return f"{reason} ({self.detail})" if self.detail else reason


_NO_FEATURE = frozenset(
    {
        "E0000015",  # Okta: the feature is not enabled
        "E0000060",  # Okta: unsupported operation
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",  # Graph: sign-in logs need Entra P1 or P2
    }
)
_NO_SUCH_OBJECT = "E0000007"  # Okta: the endpoint is there, what it was asked about is not


def or_unreadable(what: str, grant: str | None, look: Callable[[], T]) -> T | Unreadable:
    """What `look` finds, or why it may not look. Raises every other FarEndError."""
    try:
        return look()
    except RejectedError as rejected:
        why = _why(rejected)
        if why is None:
            raise
        return Unreadable(what, why, str(rejected), grant)


def _why(rejected: RejectedError) -> Why | None:
    if rejected.code in _NO_FEATURE or (rejected.status in (404, 405, 501) and rejected.code != _NO_SUCH_OBJECT):
        return Why.NOT_AVAILABLE
    return Why.NOT_PERMITTED if rejected.status == 403 else None
