"""A gateway's refusal as the device reads it: status, Proxy-Status field and JSON body in one value."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

import httpx

MAX_BODY: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a CONNECT was refused. The texts are empty where the gateway did not say them."""

    status: int
    reason: str = ""
    detail: str = ""
    what_to_do: str = ""
    decision_id: str = ""
    proxy_status: str = ""

    def __str__(self) -> str:
        return self.detail or self.reason or f"the gateway answered {self.status}"


class TunnelRefusedError(httpx.ProxyError):
    """The gateway refused a connection. An app that knows plain httpx sees a proxy error."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal: Final = refusal


def parse_refusal(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Refusal:
    """Read a refusal. Never fails: the far end is not trusted to be a gateway of ours.

    The reason is the body's; without one, that in `details` of the Proxy-Status field (RFC 9209, 2.1.4).
    """
    fields = {name.lower(): value.decode("latin-1") for name, value in headers}
    proxy_status = fields.get(b"proxy-status", "")
    said = _json_object(body)
    details = re.search(r'details="((?:[^"\\]|\\.)*)"', proxy_status)
    return Refusal(
        status=status,
        reason=said.get("reason") or (details[1] if details else ""),
        detail=said.get("detail", ""),
        what_to_do=said.get("what_to_do", ""),
        decision_id=said.get("decision_id", ""),
        proxy_status=proxy_status,
    )


def _json_object(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}
