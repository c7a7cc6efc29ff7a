"""From a client certificate to a device.

mitmproxy asks for a certificate and accepts any; on a resumed session nothing at all is verified. So the presented
chain is verified here, at every CONNECT, against the configured device authorities, and the handshake's own result
is never consulted.
"""

from tunnel_gateway.identity.allow_list import AllowList
from tunnel_gateway.identity.authority import DeviceAuthority
from tunnel_gateway.identity.carried import Carried
from tunnel_gateway.identity.device import Identity
from tunnel_gateway.identity.identification import Identification
from tunnel_gateway.identity.newest import NewestCertificates
from tunnel_gateway.identity.udid import UdidFrom, UdidPlace
from tunnel_gateway.identity.verifier import CertificateVerifier

__all__ = [
    "AllowList",
    "Carried",
    "CertificateVerifier",
    "DeviceAuthority",
    "Identification",
    "Identity",
    "NewestCertificates",
    "UdidFrom",
    "UdidPlace",
]
