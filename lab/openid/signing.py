"""The key a provider signs its tokens with, and the key set that it publishes (RFC 7515, 7517, 7519)."""

from __future__ import annotations

from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

ALGORITHM: Final = "RS256"


class InvalidTokenError(Exception):
    """A token that this key did not sign, or that is none."""


class SigningKey:
    """An RSA key of 2048 bits, made when the object is made."""

    def __init__(self) -> None:
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM})
        self.id: Final = key.thumbprint()
        self._key = RSAKey.import_key({**key.as_dict(private=True), "kid": self.id})

    def sign(self, claims: dict[str, Any]) -> str:
        """`claims` as a signed compact JWT."""
        return jwt.encode({"alg": ALGORITHM, "kid": self.id}, claims, self._key)

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token that this key signed; times and audience are the caller's to check.

        Raises InvalidTokenError.
        """
        try:
            return dict(jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims)
        except (JoseError, ValueError) as error:
            raise InvalidTokenError("not a token of this issuer") from error

    def published(self) -> dict[str, Any]:
        """The public half as a JWK."""
        return dict(self._key.as_dict(private=False))
