"""An app's first try: QUIC, UDP to port 443, before it opens TCP.

What a real Tunnel client does with it is not documented. The lab's has a filter: to a host whose TCP it tunnels, UDP
443 is refused by the kernel's routing rules, so that the app falls back to TCP.
"""

from __future__ import annotations

import secrets
import socket
from typing import Final

from lab.netns.namespace import Namespace

PORT: Final = 443
_SMALLEST: Final = 1200  # bytes of a client's first datagram (RFC 9000, 14.1)


def try_quic(namespace: Namespace, source: str, address: str) -> bool:
    """Send what looks like a client's Initial packet from the outside; whether the device let it out."""
    with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.bind((source, 0))
        try:
            endpoint.sendto(_initial(), (address, PORT))
        except PermissionError:
            return False
    return True


def refuse(namespace: Namespace, address: str) -> None:
    """The filter on: UDP 443 to `address` does not leave."""
    namespace.configure([f"rule add ipproto udp dport {PORT} to {address}/32 prohibit"])


def allow(namespace: Namespace, address: str) -> None:
    """The filter off."""
    namespace.configure([f"rule delete ipproto udp dport {PORT} to {address}/32 prohibit"])


def _initial() -> bytes:
    """Long header, version 1, two connection ids (RFC 9000, 17.2.2); what would be encrypted is noise."""
    head = b"\xc3" + (1).to_bytes(4) + b"\x08" + secrets.token_bytes(8) + b"\x00\x00"
    return head + secrets.token_bytes(_SMALLEST - len(head))
