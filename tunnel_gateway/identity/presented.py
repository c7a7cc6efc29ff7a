"""What a device presents, as certificates: nothing that is too much, and nothing that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from OpenSSL import crypto

from tunnel_gateway.reasons import Reason, RefusalError

MAX_CHAIN: Final = 10
MAX_BYTES: Final = 16 * 1024
"""Of one certificate. Those of devices have 1 to 2 KiB."""

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    crypto.Error,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What a certificate that cannot be read is answered with by those who read it."""


def parse_chain(leaf: bytes, intermediates: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Parse DER. Raises RefusalError for more than MAX_CHAIN or MAX_BYTES, and the errors of UNREADABLE."""
    if len(intermediates) >= MAX_CHAIN:
        raise _untrusted(f"a chain of more than {MAX_CHAIN} certificates")
    if max(map(len, (leaf, *intermediates))) > MAX_BYTES:
        raise _untrusted(f"a certificate of more than {MAX_BYTES // 1024} KiB")
    return tuple(x509.load_der_x509_certificate(each) for each in (leaf, *intermediates))


def unreadable(error: Exception) -> RefusalError:
    """The refusal for an error of UNREADABLE."""
    return _untrusted(f"the certificate cannot be read ({type(error).__name__})")


def _untrusted(detail: str) -> RefusalError:
    return RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, detail)
