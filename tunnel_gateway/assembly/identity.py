"""The gateway's own TLS, and the authorities whose certificates are devices'."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL

from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import certificate_in, only_certificate, private_key_in
from tunnel_gateway.config.identity import Authority, RevocationIn
from tunnel_gateway.identity import (
    AllowList,
    Carried,
    CertificateVerifier,
    DeviceAuthority,
    Identification,
    UdidPlace,
)
from tunnel_gateway.identity.allow_list import read_allow_list
from tunnel_gateway.identity.memory import IdentityMemory
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy
from tunnel_gateway.identity.strength import is_strong
from tunnel_gateway.mitm import server_context

NO_HOSTS = (
    "nobody is named who could say whether a certificate has been revoked; name the hosts of the authority's CRLs and "
    "OCSP responders (revocation: {hosts: [crl.example.com]}), or say revocation: off"
)


def device_authorities(assembly: Assembly) -> list[DeviceAuthority]:
    found: list[DeviceAuthority] = []
    for index, named in enumerate(assembly.source.content.device_authorities):
        path = assembly.path(named.certificate)
        place = ("device-authorities", index, "certificate")
        certificate = assembly.attempt(lambda path=path: only_certificate(path), *place)  # type: ignore[misc]
        if certificate is None:
            continue
        if not _is_authority(certificate):
            assembly.fail(f"{path} is no authority's certificate (basic constraints do not say CA)", *place)
        if not is_strong(certificate.public_key()):
            assembly.fail(f"the key of {path} is shorter than RSA 2048 or EC 256 bits", *place)
        if any(certificate == earlier.certificate for earlier in found):
            assembly.fail(f"{path} stands here twice", *place)
        if named.revocation.mode is not RevocationMode.OFF and not named.revocation.hosts:
            assembly.fail(NO_HOSTS, "device-authorities", index, "revocation")
        found.append(_authority(certificate, named))
    return found


def _authority(certificate: x509.Certificate, named: Authority) -> DeviceAuthority:
    carries = named.carries
    return DeviceAuthority(
        certificate,
        UdidPlace(named.udid.source, named.udid.pattern),
        Carried(carries.template, frozenset(carries.policies), frozenset(carries.extended_key_usage)),
        _policy(named.revocation),
    )


def _policy(named: RevocationIn) -> RevocationPolicy:
    return RevocationPolicy(named.mode, frozenset(named.hosts), named.timeout, named.max_bytes, named.refresh)


def allow_list(assembly: Assembly) -> AllowList | None:
    """The list; None where none is configured, or, with mistakes, where it cannot be used."""
    named = assembly.source.content.device_certificates.allow_list
    if named is None:
        return None
    return assembly.attempt(lambda: read_allow_list(assembly.path(named)), "device-certificates", "allow-list")


def identification(
    assembly: Assembly, authorities: list[DeviceAuthority], allowed: AllowList | None, memory: IdentityMemory
) -> Identification:
    """How certificates are judged by this configuration, with what is known from before."""
    newest_only = assembly.source.content.device_certificates.newest_only
    verifier = CertificateVerifier(authorities, memory.intermediates)
    return Identification(verifier, memory.revocation, allowed, memory.newest if newest_only else None)


def server_tls(assembly: Assembly, authorities: list[x509.Certificate]) -> SSL.Context | None:
    tls = assembly.source.content.tls
    certificate_path, key_path = assembly.path(tls.certificate), assembly.path(tls.key)
    certificate = assembly.attempt(lambda: certificate_in(certificate_path), "tls", "certificate")
    key = assembly.attempt(lambda: private_key_in(key_path), "tls", "key")
    if certificate is None or key is None:
        return None
    if _public(key.public_key()) != _public(certificate.public_key()):
        assembly.fail(f"{key_path} is not the key of {certificate_path}", "tls", "key")
        return None
    try:
        return server_context(str(certificate_path), str(key_path), authorities)
    except SSL.Error as error:
        words = "; ".join(str(each[-1]) for each in error.args[0]) if error.args else "OpenSSL gives no reason"
        assembly.fail(f"{certificate_path} and {key_path} cannot be used: {words}", "tls")
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]
