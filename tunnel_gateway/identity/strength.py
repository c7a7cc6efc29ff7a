"""The floor under keys and signatures: RSA 2048, EC 256, and no MD5 or SHA-1."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1, HashAlgorithm

from tunnel_gateway.reasons import Reason, RefusalError

MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 256


def judge_key(certificate: x509.Certificate) -> None:
    """Raises RefusalError: `client-certificate-weak`."""
    if not is_strong(certificate.public_key()):
        raise RefusalError(Reason.CLIENT_CERTIFICATE_WEAK, "the key is shorter than RSA 2048 or EC 256 bits")


def judge_signature(certificate: x509.Certificate) -> None:
    """Raises RefusalError: `client-certificate-weak`."""
    if is_weak(certificate.signature_hash_algorithm):
        raise RefusalError(Reason.CLIENT_CERTIFICATE_WEAK, "signed with MD5 or SHA-1")


def is_strong(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.key_size >= MIN_EC_BITS
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def is_weak(algorithm: HashAlgorithm | None) -> bool:
    return isinstance(algorithm, MD5 | SHA1)
