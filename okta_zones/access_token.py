"""An access token while it lasts, and what it says of itself."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dtr_rules.credentials import Secret

MARGIN: Final = 300  # seconds before its end in which a token is replaced
SHORTEST: Final = 60  # seconds; a service that says less is not believed


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, how it is presented, and until when; `replace_at` in monotonic seconds."""

    secret: Secret
    scheme: str
    replace_at: float
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the token says of itself, unverified; empty where it is opaque."""


def access_token(answer: object, now: float) -> AccessToken | None:
    """The token of a token endpoint's answer (RFC 6749, 5.1); None where there is none. `now`: monotonic seconds."""
    if not isinstance(answer, dict):
        return None
    text, scheme, lifetime = answer.get("access_token"), answer.get("token_type"), answer.get("expires_in")
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable() or " " in text:
        return None
    scopes = answer.get("scope")
    return AccessToken(
        secret=Secret(text),
        scheme="DPoP" if isinstance(scheme, str) and scheme.lower() == "dpop" else "Bearer",
        replace_at=now + _usable_for(lifetime),
        scopes=frozenset(scopes.split()) if isinstance(scopes, str) else frozenset(),
        claims=claims_of(text),
    )


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, its signature unchecked: TLS says who sent it. Empty for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _usable_for(lifetime: object) -> float:
    seconds = float(lifetime) if isinstance(lifetime, int | float | str) and str(lifetime).isdecimal() else SHORTEST
    return max(seconds - MARGIN, seconds / 2)
