"""Which failures are worth another attempt, and after how long."""

from __future__ import annotations

import contextlib
import email.utils
from typing import Final

from okta_zones.errors import RejectedError, UnreachableError

_PASSING: Final = frozenset({408, 423, 425, 429, 500, 502, 503, 504})


def may_repeat(error: Exception, longest_wait: float) -> bool | float:
    """False, True (with a growing, jittered wait), or the seconds that the far end asks for."""
    if isinstance(error, UnreachableError):
        return error.passing
    if not isinstance(error, RejectedError) or error.status not in _PASSING:
        return False
    if error.wait is None:
        return True
    return error.wait if error.wait <= longest_wait else False


def date_of(header: str | None) -> float | None:
    """The time that a `Date` header tells, in epoch seconds; None where it tells none."""
    with contextlib.suppress(ValueError, TypeError):
        return email.utils.parsedate_to_datetime(header or "").timestamp()
    return None
