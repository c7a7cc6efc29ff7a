"""The VPN profile as it is installed on a device: rules, gateway, pinned certificate, client certificate."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dtr_rules import Index, read_rule_set
from lab.authority import Credential, write_private

RULES_FILE: Final = "rules.yaml"


@dataclass(frozen=True, slots=True)
class PinnedGateway:
    """Where the gateway is, and the one certificate that it may show."""

    address: str
    port: int
    certificate_pem: str

    @property
    def certificate_der(self) -> bytes:
        return x509.load_pem_x509_certificate(self.certificate_pem.encode()).public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class InstalledProfile:
    """One installation. A new one means a new client certificate: nothing of an old installation is kept."""

    id: int
    version: int
    rules: Index
    gateway: PinnedGateway
    tls: ssl.SSLContext = field(repr=False)
    """What the client shows to, and wants from, the gateway."""


def install(
    storage: Path,
    profile_id: int,
    version: int,
    *,
    rules: str,
    gateway: PinnedGateway,
    client: Credential | None,
) -> InstalledProfile:
    """Store a delivered profile in the device's directory and make it usable; `client` None: no certificate.

    Raises dtr_rules.UnusableFileError for unusable rules, ssl.SSLError for a key that does not fit.
    """
    path = storage / RULES_FILE
    write_private(path, rules.encode())
    index = Index(read_rule_set(path).rule_set)
    return InstalledProfile(profile_id, version, index, gateway, _client_context(storage, gateway, client))


def _client_context(storage: Path, gateway: PinnedGateway, client: Credential | None) -> ssl.SSLContext:
    """TLS that trusts exactly the pinned certificate, whatever its names: the pin is the identity."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=gateway.certificate_pem)
    if client is not None:
        context.load_cert_chain(*client.write(storage, "client"))
    return context
