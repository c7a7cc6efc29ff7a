"""What an app registration shows at the token endpoint: a secret, a certificate's signature, or another's token.

Microsoft identity platform, "client credentials flow" and "certificate credentials": PS256 with `x5t#S256`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dtr_rules import credentials
from dtr_rules.credentials import Secret
from okta_zones.client_assertion import assertion_fields, signed_assertion
from okta_zones.signing_key import SigningKey


class ClientCredential(Protocol):
    """One way in which an app shows who it is."""

    def fields(self, client_id: str, token_url: str, now: float) -> Mapping[str, str]:
        """The fields of the form. `now`: epoch seconds of Entra's clock. Raises CredentialError."""


class ClientSecret:
    """A client secret."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def fields(self, client_id: str, token_url: str, now: float) -> Mapping[str, str]:  # noqa: ARG002
        return {"client_secret": self._secret.reveal()}


class CertificateAssertion:
    """A JWT signed with the key of a certificate that the app registration holds."""

    def __init__(self, key: SigningKey, certificate: x509.Certificate) -> None:
        self._key = key.with_algorithm("PS256")
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
        self._thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def fields(self, client_id: str, token_url: str, now: float) -> Mapping[str, str]:
        header = {"typ": "JWT", "x5t#S256": self._thumbprint}
        return signed_assertion(self._key, client_id, token_url, now, header)


class FederatedToken:
    """The token of another issuer, which the platform keeps fresh in a file: read again for every request."""

    def __init__(self, path: Path, read: Callable[[Path], Secret] = credentials.from_file) -> None:
        self._path = path
        self._read = read

    def fields(self, client_id: str, token_url: str, now: float) -> Mapping[str, str]:  # noqa: ARG002
        return assertion_fields(self._read(self._path).reveal())
