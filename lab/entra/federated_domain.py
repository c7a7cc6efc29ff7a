"""A domain whose users sign in at another identity provider, by WS-Federation (Graph, internalDomainFederation)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509


@dataclass(frozen=True, slots=True)
class FederatedDomain:
    """Whom the tenant sends a domain's users to, and by which certificate it knows the tokens that come back."""

    name: str
    issuer_uri: str
    passive_url: str
    active_url: str
    metadata_url: str
    signing_certificate: x509.Certificate
