"""What is left of an org's rate limits, as its answers to the examination said."""

from __future__ import annotations

from collections.abc import Iterator

from okta_zones.doctor.check import Check, Level, Topic
from okta_zones.okta.rate_limit import Allowance, RateLimits


def rate_limit_checks(limits: RateLimits) -> Iterator[Check]:
    """One check for each bucket that was used."""
    for bucket, allowance in sorted(limits.seen.items()):
        yield _check(bucket, allowance)


def _check(bucket: str, allowance: Allowance) -> Check:
    words = f"{bucket}: {allowance.remaining} of {allowance.limit} requests are left for now"
    if not allowance.scarce:
        return Check(Topic.RATE_LIMIT, Level.OK, words)
    return Check(Topic.RATE_LIMIT, Level.NOTE, words, "find out what else uses the org's API; requests wait meanwhile")
