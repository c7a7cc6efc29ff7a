"""Proofs of possession (RFC 9449): a token that is bound to a key is shown with a proof made for one request."""

from __future__ import annotations

import base64
import hashlib
import secrets

import httpx

from dtr_rules.credentials import Secret
from okta_zones.signing_key import SigningKey


def make_proof(
    key: SigningKey,
    method: str,
    url: httpx.URL,
    now: float,
    *,
    nonce: str | None = None,
    token: Secret | None = None,
) -> str:
    """A proof for one request to `url`, whose query does not count.

    `now` in epoch seconds of the far end's clock; `nonce` where it gave one; `token` for a request that shows one.
    """
    claims: dict[str, object] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": str(url.copy_with(query=None, fragment=None)),
        "iat": int(now),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if token is not None:
        digest = hashlib.sha256(token.reveal().encode("ascii")).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return key.sign(claims, {"typ": "dpop+jwt", "jwk": key.public()})
