"""A refusal as the device sees it: an HTTP answer to its CONNECT that says why and what to do.

`Proxy-Status` is RFC 9209's: the standard error token, and our reason in `details`. The body is for the device's
client; browsers and curl do not show it.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from tunnel_gateway.reasons import RefusalError


def answer(refusal: RefusalError, decision_id: str, gateway: str) -> bytes:
    """The whole HTTP answer. `gateway` must be a token of RFC 9110; the configuration sees to that."""
    meaning = refusal.reason.meaning
    body = json.dumps(
        {
            "reason": refusal.reason,
            "detail": refusal.detail,
            "decision_id": decision_id,
            "what_to_do": meaning.what_to_do,
        }
    ).encode()
    fields = [
        f"HTTP/1.1 {refusal.status} {_phrase(refusal.status)}",
        f'Proxy-Status: {gateway}; error={meaning.error}; details="{refusal.reason}"',
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED:
        fields.append("Allow: CONNECT")
    return "\r\n".join(fields).encode("ascii") + b"\r\n\r\n" + body


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
