"""A client that authenticates with a JWT of its own, as Okta and Entra take it (RFC 7523, `private_key_jwt`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from okta_zones.signing_key import SigningKey

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME: Final = 300  # seconds
EARLIER: Final = 5  # seconds; it must have been issued before it arrives


def signed_assertion(
    key: SigningKey,
    client_id: str,
    token_url: str,
    now: float,
    header: Mapping[str, object] | None = None,
) -> dict[str, str]:
    """The fields of a token request that show the client by a JWT for this request alone.

    `now`: epoch seconds of the far end's clock; `header`: what the JWT's header holds beside `alg` and `kid`.
    """
    issued = int(now) - EARLIER
    claims = {
        "aud": token_url,
        "iss": client_id,
        "sub": client_id,
        "jti": secrets.token_urlsafe(16),
        "iat": issued,
        "nbf": issued,
        "exp": int(now) + LIFETIME,
    }
    return assertion_fields(key.sign(claims, header))


def assertion_fields(assertion: str) -> dict[str, str]:
    """The fields that carry an assertion, whoever signed it."""
    return {"client_assertion_type": TYPE, "client_assertion": assertion}
