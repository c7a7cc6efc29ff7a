"""Where a certificate names its device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from tunnel_gateway.reasons import Reason, RefusalError

UDID: Final = re.compile(r"[0-9A-Za-z-]{8,64}")
"""What a UDID may look like: 40 hex digits, a UUID, or Apple's `00008110-000A…` form."""

_UPN: Final = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_UTF8_STRING: Final = 0x0C


class UdidFrom(StrEnum):
    """The kinds of names that a device authority may write the UDID into."""

    SAN_URI = "san-uri"
    SAN_DNS = "san-dns"
    SAN_EMAIL = "san-email"
    SAN_UPN = "san-upn"
    """Microsoft's user principal name, an otherName."""
    SUBJECT_CN = "subject-cn"
    SUBJECT_OU = "subject-ou"
    SUBJECT_UID = "subject-uid"
    SUBJECT_SERIAL_NUMBER = "subject-serial-number"


_IN_SUBJECT: Final = {
    UdidFrom.SUBJECT_CN: NameOID.COMMON_NAME,
    UdidFrom.SUBJECT_OU: NameOID.ORGANIZATIONAL_UNIT_NAME,
    UdidFrom.SUBJECT_UID: NameOID.USER_ID,
    UdidFrom.SUBJECT_SERIAL_NUMBER: NameOID.SERIAL_NUMBER,
}


@dataclass(frozen=True, slots=True)
class UdidPlace:
    """Where the UDID stands in a certificate: the kind of name, and a pattern with `{udid}` in it once."""

    source: UdidFrom
    pattern: str

    def find(self, certificate: x509.Certificate) -> set[str]:
        """Every UDID that stands at this place, as it is spelled. Raises ValueError for names that cannot be read."""
        before, _, after = self.pattern.partition("{udid}")
        expression = re.compile(re.escape(before) + f"({UDID.pattern})" + re.escape(after))
        matches = (expression.fullmatch(name) for name in self._names(certificate))
        return {match[1] for match in matches if match}

    def only(self, certificate: x509.Certificate) -> str:
        """The one UDID that stands at this place. Raises RefusalError where there is none, or more than one."""
        found = self.find(certificate)
        if len({udid.lower() for udid in found}) != 1:
            count = "no" if not found else "more than one"
            raise RefusalError(Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE, f"{count} UDID at the configured place")
        return found.pop()

    def _names(self, certificate: x509.Certificate) -> Sequence[str]:
        if self.source in _IN_SUBJECT:
            attributes = certificate.subject.get_attributes_for_oid(_IN_SUBJECT[self.source])
            return [str(name.value) for name in attributes]
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return []
        if self.source is UdidFrom.SAN_URI:
            return names.get_values_for_type(x509.UniformResourceIdentifier)
        if self.source is UdidFrom.SAN_EMAIL:
            return names.get_values_for_type(x509.RFC822Name)
        if self.source is UdidFrom.SAN_UPN:
            return [_utf8(name.value) for name in names.get_values_for_type(x509.OtherName) if name.type_id == _UPN]
        return names.get_values_for_type(x509.DNSName)


def _utf8(der: bytes) -> str:
    """The text of a short DER UTF8String. Raises ValueError for anything else."""
    if len(der) < 2 or der[0] != _UTF8_STRING or der[1] != len(der) - 2 or der[1] >= 0x80:
        raise ValueError("a user principal name is no short UTF8String")
    return der[2:].decode("utf-8")
