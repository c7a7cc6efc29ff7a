"""Who makes which request of one sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from lab.authority import utc_now
from lab.device.okta_verify import Enrolled


@dataclass(frozen=True, slots=True)
class Cast:
    """The HTTP clients of the apps that take part.

    `pages` opens the pages of a host, `redeems` exchanges the code. Where a broker did both, `asks` is the app that it
    did it for: that app then asks for tokens of its own, so its own address is judged.
    """

    pages: Callable[[str], httpx.AsyncClient]
    redeems: httpx.AsyncClient
    asks: httpx.AsyncClient | None = None
    okta_verify: Enrolled | None = field(default=None, repr=False)
    now: Callable[[], datetime] = utc_now

    @classmethod
    def alone(cls, http: httpx.AsyncClient) -> Cast:
        """An app that does everything by itself, in a web view of its own."""
        return cls(lambda _host: http, http)
