"""The gateway's own TLS, and the authorities whose certificates are devices'."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL

from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import certificate_in, only_certificate, private_key_in
from tunnel_gateway.identity import DeviceAuthority, UdidPlace
from tunnel_gateway.mitm import server_context


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
        if any(certificate == earlier.certificate for earlier in found):
            assembly.fail(f"{path} stands here twice", *place)
        found.append(DeviceAuthority(certificate, UdidPlace(named.udid.source, named.udid.pattern)))
    return found


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
