"""`watch`: how often the controller looks, and what it may do by itself.

watch: {every: 5m, remove-after: 24h, drift: report, listen: "127.0.0.1:9410"}
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, PlainValidator, StrictBool

from dtr_rules import source

_ENDPOINT: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]{1,5})")


class Drift(StrEnum):
    """What to do when somebody else removed an entry of ours."""

    REPORT = "report"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Times in seconds. `remove_after` None: nothing is ever removed without an order."""

    every: float
    jitter: float
    poll: float
    remove_after: float | None
    drift: Drift
    listen: tuple[str, int] | None


def _listen(value: object) -> tuple[str, int]:
    found = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
    host = (found["v6"] or found["v4"]) if found else ""
    try:
        if found and ipaddress.ip_address(host).is_loopback and int(found["port"]) <= 65535:
            return host, int(found["port"])
    except ValueError:
        pass  # no address: said below
    raise ValueError("must be a loopback ADDRESS:PORT such as 127.0.0.1:9410: it is for this machine alone")


class WatchEntry(source.Model):
    """`watch`."""

    every: Annotated[source.Duration, Field(ge=10, le=86400)] = 300.0
    jitter: Annotated[source.Duration, Field(ge=0, le=3600)] = 30.0
    poll: Annotated[source.Duration, Field(ge=1, le=3600)] = 10.0
    remove_unreported: StrictBool = True
    remove_after: Annotated[source.Duration, Field(ge=3600, le=90 * 86400)] = 24 * 3600.0  # sign-in logs are late
    drift: Drift = Drift.REPORT
    listen: Annotated[tuple[str, int], PlainValidator(_listen)] | None = None

    def settings(self) -> WatchSettings:
        remove_after = self.remove_after if self.remove_unreported else None
        return WatchSettings(self.every, self.jitter, self.poll, remove_after, self.drift, self.listen)
