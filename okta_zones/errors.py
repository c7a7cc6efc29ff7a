"""What can go wrong, in two families: what okta-zones refuses to do, and what the far end did not do.

No exception here ever holds a token or a client secret: their texts end on terminals, in logs and in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    """Why okta-zones did not write, or did not find it done. Stable strings: programs may rest on them.

    Those that okta_zones.safety.ACCEPTABLE names can be accepted by name, in the configuration or for one run.
    """

    ADDRESS_NOT_OWNED = "address-not-owned"
    """A source reported an address outside `owned-prefixes`."""
    SOURCE_EMPTY = "source-empty"
    """No source reported any address: that never empties a zone."""
    STILL_REPORTED = "still-reported"
    """An address that was to be removed is reported by a source."""
    NOT_OURS = "not-ours"
    """An address that was to be removed is in no entry of ours."""
    NO_SUCH_ENTRY = "no-such-entry"
    """An entry that was to be adopted stands at no target as it was named."""
    REMOVALS_FROZEN = "removals-frozen"
    """A source fails or reports less, or a rotation is under way: nothing is removed now."""
    ROTATION_OPEN = "rotation-open"
    """Another rotation is under way."""
    ROTATION_UNCLEAR = "rotation-unclear"
    """An address is named both as old and as new."""
    GATEWAY_UNPREPARED = "gateway-unprepared"
    """A gateway leaves from an old address and has no new one in that pool."""
    NOT_SWITCHED = "not-switched"
    """No gateway can be switched from here: a person has to."""
    NAME_AMBIGUOUS = "name-ambiguous"
    """Several zones or locations bear the name: pin the id."""
    TARGET_MISSING = "target-missing"
    """The zone or location is not there: never made, or deleted meanwhile."""
    TARGET_UNSUITABLE = "target-unsuitable"
    """What bears the name is not an active zone (or location) of addresses for policies."""
    SYSTEM_ZONE = "system-zone"
    """The zone is one of Okta's own, which other things rest on."""
    BLOCKLIST_USAGE = "blocklist-usage"
    """The zone blocks its addresses, before any policy is looked at."""
    EMPTY_RESULT = "empty-result"
    """No entry of ours would be left."""
    HALF_REMOVED = "half-removed"
    """Half of our addresses or more would be removed at once."""
    NOT_PUBLIC = "not-public"
    """A private, loopback, documentation, multicast or otherwise reserved address."""
    RANGE_TOO_WIDE = "range-too-wide"
    """An entry wider than /20 (IPv4) or /48 (IPv6), or wider than the target takes."""
    TOO_MANY_ENTRIES = "too-many-entries"
    """The list would hold more than 150 entries, or more than the target takes."""
    IPV6_AT_OKTA = "ipv6-at-okta"
    """Okta matches IPv6 in a beta of preview cells only: whoever leaves from there is locked out."""
    IPV6_LEFT_OUT = "ipv6-left-out"
    """The target does not get the IPv6 addresses: only ever accepted, in place of `ipv6-at-okta`."""
    OWN_ADDRESS_OUT = "own-address-out"
    """The address that okta-zones itself comes from would fall out of the zone that its credential is bound to."""
    CHANGED_MEANWHILE = "changed-meanwhile"
    """Somebody else wrote to the target between the plan and the write."""
    OTHER_ORG = "other-org"
    """What answers is not the Okta org that the file pins."""
    OTHER_TENANT = "other-tenant"
    """What answers is not the Entra tenant that the file pins."""
    PLAN_OUTDATED = "plan-outdated"
    """The plan file was made from another configuration or ownership, or is not as it was written."""
    JOURNAL_IN_USE = "journal-in-use"
    """Another instance that shares the journal is at work."""
    NOT_AS_WRITTEN = "not-as-written"
    """Read back after the write, the target does not hold what was written."""
    OTHER_WRITER = "other-writer"
    """Somebody else wrote to the target between our last read and now: one of both writes may be lost."""
    NOT_VERIFIED = "not-verified"
    """Asked whether a sign-in would pass, the far end did not answer as the addresses say."""


class RefusedError(Exception):
    """okta-zones will not do this, or did not find it done; `reason` says why, the text says what to do."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UnusableInputError(Exception):
    """Input that somebody named cannot be used as it is; the text says where and why."""


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


class NotGrantedError(FarEndError):
    """The credential works, and was not granted what the verb cannot do without. `missing`: scopes or permissions."""

    def __init__(self, service: str, who: str, missing: tuple[str, ...]) -> None:
        super().__init__(
            service, f"{who} was not granted {', '.join(missing)}; `okta-zones doctor` lists what to grant"
        )
        self.missing = missing


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
