"""What can go wrong, in two families: what okta-zones refuses to do, and what the far end did not do.

No exception here ever holds a token or a client secret: their texts end on terminals, in logs and in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    """Why okta-zones did not write. Stable strings: programs may rest on them."""

    ADDRESS_NOT_OWNED = "address-not-owned"
    """A source reported an address outside `owned-prefixes`."""
    SOURCE_EMPTY = "source-empty"
    """A source reported no address: that never empties a zone."""
    NOTHING_MATCHABLE = "nothing-matchable"
    """None of the reported addresses is of a kind that the target can match."""
    NAME_AMBIGUOUS = "name-ambiguous"
    """Several zones or locations bear the name: pin the id."""
    TARGET_MISSING = "target-missing"
    """The zone or location that is pinned by id does not exist."""
    TARGET_UNSUITABLE = "target-unsuitable"
    """What bears the name is not an active zone (or location) of addresses for policies."""
    TOO_MANY_ENTRIES = "too-many-entries"
    """The list would be longer than the target allows."""
    RANGE_TOO_WIDE = "range-too-wide"
    """A range is wider than the target allows."""
    CHANGED_MEANWHILE = "changed-meanwhile"
    """Somebody else wrote to the target between the plan and the write."""
    OTHER_ORG = "other-org"
    """What answers is not the Okta org that the file pins."""
    OTHER_TENANT = "other-tenant"
    """What answers is not the Entra tenant that the file pins."""
    NOT_AS_WRITTEN = "not-as-written"
    """Read back after the write, the target does not hold what was written."""


class RefusedError(Exception):
    """okta-zones will not do this, or did not find it done; `reason` says why, the text says what to do."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FarEndError(Exception):
    """The far end could not be reached, or did not do what was asked. `service` names it (`Okta`)."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service


class UnreachableError(FarEndError):
    """No answer, and nothing can have been changed by the request. `passing`: trying again may help."""

    def __init__(self, service: str, message: str, *, passing: bool) -> None:
        super().__init__(service, message)
        self.passing = passing


class LostAnswerError(FarEndError):
    """A write was sent, and whether it was done is not known. Read before repeating it."""


class StrangeAnswerError(FarEndError):
    """An answer that the service does not document: a redirect, a page of another origin, no JSON."""


class RejectedError(FarEndError):
    """The far end answered with an error.

    `status` is the HTTP status, `code` the service's own word for it (Okta's `E0000007`, Graph's
    `Authorization_RequestDenied`, Entra's `AADSTS7000215`) or None; `wait` the seconds it asks to wait;
    `headers` those of its headers, in lower case, that help to mend the request.
    """

    def __init__(
        self,
        service: str,
        request: str,
        status: int,
        *,
        code: str | None = None,
        summary: str = "",
        causes: tuple[str, ...] = (),
        wait: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        words = " ".join(word for word in (code, summary) if word)
        details = f" ({'; '.join(causes)})" if causes else ""
        super().__init__(service, f"{request} answered {status}{': ' if words else ''}{words}{details}")
        self.status = status
        self.code = code
        self.summary = summary
        self.causes = causes
        self.wait = wait
        self.headers = headers or {}
