"""`host:port` as URLs and HTTP heads write it (RFC 3986, 3.2)."""

from __future__ import annotations

import re
from typing import Final

from dtr_rules.hosts import Host, HostError, parse_host

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]@/]{0,64}\]|[^\[\]:@/]{1,1100})(?::(?P<port>[0-9]{0,5}))?", re.ASCII)
_URL = re.compile(r"(?P<scheme>https?|wss?)://(?:[^/?#@]{0,2048}@)?(?P<rest>[^/?#@]{0,2048})", re.IGNORECASE)


def parse_authority(text: str) -> tuple[Host, int | None]:
    """Host and port; None where no port stands there. Raises HostError."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise HostError("is not host:port")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise HostError("has a port that is not from 1 to 65535")
    return parse_host(found["host"]), port


def parse_url(text: str) -> tuple[Host, int] | None:
    """Where an http, https, ws or wss URL leads; None for other URLs. Raises HostError for a host that is none."""
    found = _URL.match(text)
    if found is None:
        return None
    host, port = parse_authority(found["rest"])
    return host, port or DEFAULT_PORTS[found["scheme"].lower()]
