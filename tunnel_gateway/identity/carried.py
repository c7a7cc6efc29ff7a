"""What a device authority's certificates carry beside the device's name.

An enterprise authority issues certificates for many purposes. Those for devices are told from the others by what its
template writes into them: Active Directory Certificate Services name the template itself ([MS-WCCE] 2.2.2.7.7), others
a certificate policy (RFC 5280, 4.2.1.4) or an extended key usage of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509

from tunnel_gateway.reasons import Reason, RefusalError

_TEMPLATE_NAME: Final = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
_BMP_STRING: Final = 0x1E


@dataclass(frozen=True, slots=True)
class Carried:
    """What a certificate must carry to be a device's; object identifiers are dotted strings.

    `template` is the object identifier of an AD CS template, or the name of one of version 1. Of `policies` one must
    be there, of `extended_key_usage` all.
    """

    template: str | None = None
    policies: frozenset[str] = frozenset()
    extended_key_usage: frozenset[str] = frozenset()

    def judge(self, certificate: x509.Certificate) -> None:
        """Raises RefusalError where something is missing, ValueError for extensions that cannot be read."""
        if self.template is not None and self.template not in _templates(certificate):
            raise _missing("it was not issued by the configured template")
        if self.policies and not self.policies & _policies(certificate):
            raise _missing("it carries none of the configured certificate policies")
        if self.extended_key_usage - _extended_key_usage(certificate):
            raise _missing("it lacks a configured extended key usage")


def _missing(words: str) -> RefusalError:
    return RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, f"the certificate is not one of the devices': {words}")


def _templates(certificate: x509.Certificate) -> set[str]:
    found = set()
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.MSCertificateTemplate):
            found.add(extension.value.template_id.dotted_string)
        elif extension.oid == _TEMPLATE_NAME and isinstance(extension.value, x509.UnrecognizedExtension):
            found.add(_bmp(extension.value.value))
    return found


def _bmp(der: bytes) -> str:
    if len(der) < 2 or der[0] != _BMP_STRING or der[1] != len(der) - 2 or der[1] >= 0x80:
        raise ValueError("a template's name is no short BMPString")
    return der[2:].decode("utf-16-be")


def _policies(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return set()
    return {policy.policy_identifier.dotted_string for policy in found}


def _extended_key_usage(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return set()
    return {usage.dotted_string for usage in found}
