"""The parties' addresses in namespaces: documentation addresses (RFC 5737), and port 443 everywhere."""

from __future__ import annotations

from typing import Final

from lab.network import Addresses

ADMINISTRATORS: Final = "198.51.100.200"
"""Where the people and programs are that manage the providers, the zone controller among them."""
DOCUMENTATION: Final = Addresses(
    okta="198.51.100.10",
    entra="198.51.100.20",
    uem="198.51.100.30",
    sample="198.51.100.40",
    servers="198.51.100.0/25",
    gateway="203.0.113.1",
    egress=("203.0.113.10", "203.0.113.11"),
    standby="203.0.113.12",
    former="203.0.113.99",
    egress_block="203.0.113.0/25",
    devices="192.0.2.0/24",
    office="203.0.113.128/25",
    port=443,
)
