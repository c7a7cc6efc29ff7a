"""What certificates may be used for: a device's for client authentication, an authority's for issuing such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tunnel_gateway.reasons import Reason, RefusalError

_PASSES_ON: Final = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)


def judge_uses(chain: Sequence[x509.Certificate]) -> None:
    """The leaf must be made for client authentication, and no authority of its chain may be kept from it.

    Raises RefusalError.
    """
    leaf, *issuers = chain
    if ExtendedKeyUsageOID.CLIENT_AUTH not in (extended_uses(leaf) or ()):
        raise _untrusted("the certificate is not made for client authentication (no EKU clientAuth)")
    if is_authority(leaf):
        raise _untrusted("the certificate is an authority's, not a device's")
    if not _may_sign(leaf):
        raise _untrusted("the certificate's key usage leaves out digital signatures")
    for issuer in issuers:
        uses = extended_uses(issuer)
        if uses is not None and not any(use in _PASSES_ON for use in uses):
            raise _untrusted("an authority of the chain may not issue certificates for client authentication")


def extended_uses(certificate: x509.Certificate) -> list[x509.ObjectIdentifier] | None:
    """The extended key usages; None where the certificate does not restrict them."""
    try:
        return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether basic constraints say CA."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return True


def _untrusted(detail: str) -> RefusalError:
    return RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, detail)
