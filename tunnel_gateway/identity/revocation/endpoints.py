"""Where a certificate says that its revocation can be asked for, and which of that an operator lets us ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

_PORTS: Final = {"http": 80, "https": 443}
MAX_URLS: Final = 4
"""Of each kind, in the certificate's order; what comes after is not asked."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The URLs of complete CRLs (RFC 5280, 4.2.1.13) and of OCSP responders (4.2.2.1)."""

    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()

    def on(self, hosts: frozenset[str]) -> Endpoints:
        """Those on `hosts`, which are `host` or `host:port`."""
        return Endpoints(
            tuple(url for url in self.crl if is_on(url, hosts))[:MAX_URLS],
            tuple(url for url in self.ocsp if is_on(url, hosts))[:MAX_URLS],
        )


def endpoints_of(certificate: x509.Certificate) -> Endpoints:
    """Every URL that the certificate names; of a distribution point all names lead to the same CRL.

    A point for some reasons only, or of another issuer (an indirect CRL), is left out: a complete answer is wanted.
    """
    return Endpoints(tuple(_crl_urls(certificate)), tuple(_ocsp_urls(certificate)))


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    return [
        name.value
        for point in points
        if point.reasons is None and point.crl_issuer is None
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        access.access_location.value
        for access in found
        if access.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(access.access_location, x509.UniformResourceIdentifier)
    ]


def is_on(url: str, hosts: frozenset[str]) -> bool:
    """Whether a URL is on one of `hosts`, which are `host` or `host:port`."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):  # ldap is such a scheme
        return False
    if parts.hostname is None or parts.username is not None:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{port}" in hosts or (host in hosts and port == _PORTS[parts.scheme])
