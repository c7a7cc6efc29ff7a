"""Signatures on what an authority answers: by the authority's key, and by nothing weak."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from tunnel_gateway.identity.strength import is_strong, is_weak


def signed_by(key: object, signature: bytes, content: bytes, algorithm: HashAlgorithm | None) -> bool:
    """Whether `key` made this signature, with a key and a digest above the floor."""
    if not is_strong(key) or is_weak(algorithm):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(signature, content, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(signature, content, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, content)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def may_sign_crls(issuer: x509.Certificate) -> bool:
    """Whether key usage, where there is one, names CRLs (RFC 5280, 4.2.1.3)."""
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True
