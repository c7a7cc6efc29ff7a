"""The lists that admit egress addresses, each time that one of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMoment:
    """A list as its API showed it, and as sign-ins saw it, at one moment.

    `kind` is `network zone` (Okta) or `named location` (Entra). `entries` are written as the service writes them;
    `in_force` is what sign-ins are judged by, which lags behind while a change is on its way. `written_by` is who the
    service says changed it last, where it says so.
    """

    step: int
    time: datetime
    kind: str
    name: str
    entries: tuple[str, ...]
    in_force: tuple[str, ...]
    written_by: str = ""
