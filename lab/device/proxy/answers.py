"""What the device's proxy answers where a connection does not come about: HTTP, with the reason where it belongs.

`Proxy-Status` is RFC 9209's. A gateway's refusal is passed on as it came, with this proxy's own entry behind it; what
the device itself decides is said in the same words and the same shape.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from lab.device.refusal import Refusal, TunnelRefusedError
from lab.device.transport import BlockedError, UnresolvedError
from tunnel_gateway.reasons import Reason

NAME: Final = "tunnel-lab-device"
JSON: Final = "application/json"
_NOT_FOR_A_PROXY: Final = (401, 407)
"""Statuses that would make a client ask its user for a password: the gateway's business, not the client's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    content_type: str
    body: bytes
    proxy_status: str = ""

    def headers(self) -> list[tuple[str, str]]:
        fields = [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
        ]
        return [*fields, ("Proxy-Status", self.proxy_status)] if self.proxy_status else fields


def answer_to(error: Exception) -> Answer:
    """The answer to a CONNECT that ended in `error`."""
    if isinstance(error, TunnelRefusedError):
        return _refused(error.refusal)
    if isinstance(error, BlockedError):
        reason = Reason(error.route.reason) if error.route.reason is not None else Reason.HOST_INVALID
        return said(reason, str(error), "The device's own rules say so: `dtr explain` shows which and why.")
    if isinstance(error, UnresolvedError):
        return said(Reason.RESOLUTION_FAILED, str(error), "The lab answers for the hosts of its own world only.")
    return said(Reason.CONNECT_FAILED, str(error) or type(error).__name__, Reason.CONNECT_FAILED.meaning.what_to_do)


def said(reason: Reason, detail: str, what_to_do: str) -> Answer:
    """What the device itself has to say."""
    meaning = reason.meaning
    proxy_status = f'{NAME}; error={meaning.error}; details="{reason}"'
    body = {"reason": reason, "detail": detail, "what_to_do": what_to_do}
    return Answer(meaning.status or 502, JSON, json.dumps(body).encode(), proxy_status)


def text(status: int, words: str) -> Answer:
    """A line of text, for whoever asks this server something that it does not do."""
    return Answer(status, "text/plain; charset=utf-8", f"{words}\n".encode())


def _refused(refusal: Refusal) -> Answer:
    passed_on = 400 <= refusal.status < 600 and refusal.status not in _NOT_FOR_A_PROXY
    own = f"{NAME}; received-status={refusal.status}"
    body = {
        "reason": refusal.reason,
        "detail": refusal.detail,
        "decision_id": refusal.decision_id,
        "what_to_do": refusal.what_to_do,
    }
    return Answer(
        refusal.status if passed_on else 502,
        JSON,
        json.dumps({key: value for key, value in body.items() if value}).encode(),
        ", ".join(filter(None, (_one_line(refusal.proxy_status), own))),
    )


def _one_line(field: str) -> str:
    """A field of the far end, fit to stand in a head of ours: printable ASCII or nothing."""
    return field if field.isascii() and field.isprintable() else ""
