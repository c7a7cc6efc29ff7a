"""Identifiers and times in the forms that the Management API uses (recorded traffic)."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime
from typing import Final

_LETTERS: Final = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """`nzo…`, `rul…`: the kind's prefix and 17 characters."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(17))


def new_error_id() -> str:
    """`oae` and 22 url-safe characters."""
    return "oae" + secrets.token_urlsafe(17)[:22]


def whole_seconds(moment: datetime) -> str:
    """`2026-04-16T05:17:29.000Z`: objects are stamped to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def milliseconds(moment: datetime) -> str:
    """`2024-08-13T15:58:20.353Z`: the System Log is stamped to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
