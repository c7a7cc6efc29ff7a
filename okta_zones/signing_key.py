"""A private key that signs JWTs: from a PEM file, or from a JWK as Okta's console hands it out (RFC 7515, 7517)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from dtr_rules.credentials import CredentialError

SMALLEST_RSA: Final = 2048  # bits
_IMPORTS: Final[Mapping[str, Callable[[Any], RSAKey | ECKey]]] = {"RSA": RSAKey.import_key, "EC": ECKey.import_key}
_BY_CURVE: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the algorithm that it is used with. Shows nothing of itself."""

    algorithm: str
    id: str | None
    """The `kid` that the far end knows the key by, where one is known."""
    _key: RSAKey | ECKey = field(repr=False)

    def sign(self, claims: Mapping[str, object], header: Mapping[str, object] | None = None) -> str:
        """`claims` as a signed compact JWT; `header` beside `alg` and `kid`."""
        named = {"kid": self.id} if self.id is not None else {}
        protected: dict[str, Any] = {"alg": self.algorithm, **named, **(header or {})}
        return jwt.encode(protected, dict(claims), self._key, algorithms=[self.algorithm])

    def public(self) -> dict[str, Any]:
        """The public half as a JWK of nothing but its numbers."""
        wanted = ("kty", "n", "e", "crv", "x", "y")
        return {name: value for name, value in self._key.as_dict(private=False).items() if name in wanted}

    def fits(self, certificate: x509.Certificate) -> bool:
        """Whether the certificate is of this key."""
        own = self._key.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        theirs = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return own == theirs

    def with_algorithm(self, algorithm: str) -> SigningKey:
        """The same key for another algorithm of its kind."""
        return SigningKey(algorithm, self.id, self._key)


def read_key(content: bytes, origin: str, key_id: str | None = None) -> SigningKey:
    """The key in `content`, PEM or JWK; `origin` names it for people. `key_id` goes before the JWK's own `kid`.

    RSA keys sign with RS256, keys on P-256, P-384 and P-521 with ES256, ES384 and ES512. Raises CredentialError,
    whose text holds nothing of the key.
    """
    key, own_id = _from_jwk(content, origin) if content.lstrip()[:1] == b"{" else (_from_pem(content, origin), None)
    if isinstance(key, RSAKey):
        bits = key.private_key.key_size if key.private_key is not None else 0
        if bits < SMALLEST_RSA:
            raise CredentialError(f"{origin} holds an RSA key of {bits} bits; at least {SMALLEST_RSA} are needed")
        return SigningKey("RS256", key_id or own_id, key)
    algorithm = _BY_CURVE.get(key.curve_name)
    if algorithm is None:
        raise CredentialError(f"{origin} holds a key on {key.curve_name}; use one on {', '.join(_BY_CURVE)}")
    return SigningKey(algorithm, key_id or own_id, key)


def new_key() -> SigningKey:
    """A key of this moment, on P-256."""
    return SigningKey("ES256", None, ECKey.generate_key("P-256"))


def _from_pem(content: bytes, origin: str) -> RSAKey | ECKey:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except TypeError:
        raise CredentialError(f"{origin} is protected by a passphrase; store the key without one, mode 0600") from None
    except ValueError:
        raise CredentialError(f"{origin} holds no private key in PEM or JWK form") from None
    if isinstance(key, RSAPrivateKey):
        return RSAKey(key, key)
    if isinstance(key, EllipticCurvePrivateKey):
        return ECKey(key, key)
    raise CredentialError(f"{origin} holds a key that is neither RSA nor on an elliptic curve of NIST")


def _from_jwk(content: bytes, origin: str) -> tuple[RSAKey | ECKey, str | None]:
    try:
        data = json.loads(content)
        numbers = {name: value for name, value in data.items() if name not in ("use", "key_ops", "alg")}
        key = _IMPORTS[data["kty"]](numbers)
    except (ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise CredentialError(f"{origin} holds no RSA or EC key in JWK form") from None
    if not key.is_private:
        raise CredentialError(f"{origin} holds the public half of a key; the private one signs")
    own_id = data.get("kid")
    return key, own_id if isinstance(own_id, str) else None
