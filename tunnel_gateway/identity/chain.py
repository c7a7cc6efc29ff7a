"""Lead a presented chain back to a device authority, with OpenSSL's path validation (RFC 5280, 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from OpenSSL import crypto

from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.reasons import Reason, RefusalError

MAX_CONVERTED: Final = 256
_SIGNATURE_FAILURE: Final = 7
# OpenSSL's verification codes, x509_vfy.h. Codes that are not listed here mean: untrusted.
_CODES: Final = {
    9: Reason.CLIENT_CERTIFICATE_NOT_YET_VALID,
    10: Reason.CLIENT_CERTIFICATE_EXPIRED,
    66: Reason.CLIENT_CERTIFICATE_WEAK,  # end-entity key
    67: Reason.CLIENT_CERTIFICATE_WEAK,  # authority's key
    68: Reason.CLIENT_CERTIFICATE_WEAK,  # digest
}


class Anchors:
    """The device authorities as OpenSSL's trust anchors, whether they are self-signed or not."""

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        anchors = list(certificates)
        names = Counter(certificate.subject for certificate in anchors)
        renewed = [certificate for certificate in anchors if names[certificate.subject] > 1]
        # OpenSSL takes one authority of the issuer's name; one whose key was renewed has two of that name.
        self._converted: Remembered[x509.Certificate, crypto.X509] = Remembered(MAX_CONVERTED)
        self._sets = [_openssl(anchors), *(_openssl([certificate]) for certificate in renewed)]

    def path(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], now: datetime
    ) -> list[x509.Certificate]:
        """The path from the leaf to the nearest anchor, both included. Raises RefusalError.

        A path that goes over several anchors ends at the first: OpenSSL looks no further (PARTIAL_CHAIN).
        """
        known = crypto.X509.from_cryptography(leaf), [self._convert(each) for each in intermediates]
        refusals: list[RefusalError] = []
        for anchors in self._sets:
            try:
                verified = crypto.X509StoreContext(_store(anchors, now), *known).get_verified_chain()
                return _more_than_an_anchor([certificate.to_cryptography() for certificate in verified])
            except crypto.X509StoreContextError as error:
                code, _depth, words = error.errors
                refusals.append(RefusalError(_CODES.get(code, Reason.CLIENT_CERTIFICATE_UNTRUSTED), str(words)))
            if len(refusals) == 1 and code != _SIGNATURE_FAILURE:
                break
        telling = (each for each in refusals if each.reason is not Reason.CLIENT_CERTIFICATE_UNTRUSTED)
        raise next(telling, refusals[0])

    def _convert(self, intermediate: x509.Certificate) -> crypto.X509:
        """Few intermediates stand above many devices."""
        known = self._converted.get(intermediate)
        if known is None:
            known = crypto.X509.from_cryptography(intermediate)
            self._converted.put(intermediate, known)
        return known


def _more_than_an_anchor(path: list[x509.Certificate]) -> list[x509.Certificate]:
    if len(path) == 1:
        raise RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, "the certificate is an authority's, not a device's")
    return path


def _openssl(certificates: Iterable[x509.Certificate]) -> list[crypto.X509]:
    return [crypto.X509.from_cryptography(certificate) for certificate in certificates]


def _store(anchors: Iterable[crypto.X509], now: datetime) -> crypto.X509Store:
    """A store for this one time: OpenSSL does not let a store's time be set twice, and says nothing."""
    store = crypto.X509Store()
    for anchor in anchors:
        store.add_cert(anchor)
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    store.set_time(now)
    return store
