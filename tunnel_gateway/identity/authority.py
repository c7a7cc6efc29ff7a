"""An authority whose certificates are devices', and the profile of what it issues."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509

from tunnel_gateway.identity.carried import Carried
from tunnel_gateway.identity.revocation.policy import RevocationPolicy
from tunnel_gateway.identity.udid import UdidPlace


@dataclass(frozen=True, slots=True)
class DeviceAuthority:
    """An authority's certificate, where in what it issues the UDID stands, what else that carries, and who knows
    whether it has been revoked."""

    certificate: x509.Certificate
    udid: UdidPlace
    carried: Carried = field(default_factory=Carried)
    revocation: RevocationPolicy = field(default_factory=RevocationPolicy)
