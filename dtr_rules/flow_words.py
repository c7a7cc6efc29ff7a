"""A flow in words, for messages."""

from __future__ import annotations

from dtr_rules.hosts import Address
from dtr_rules.model import Flow


def endpoint(flow: Flow) -> str:
    """`host:port`, with brackets around an IPv6 address."""
    if isinstance(flow.host, Address) and flow.host.ip.version == 6:
        return f"[{flow.host}]:{flow.port}"
    return f"{flow.host}:{flow.port}"


def in_words(flow: Flow) -> str:
    """`com.example.mail on ios to acme.okta.com:443 (192.0.2.1)`, and what else is said about the flow."""
    address = "" if flow.address is None else f" ({flow.address})"
    profile = {None: "", True: ", in the VPN profile", False: ", not in the VPN profile"}[flow.in_vpn_profile]
    network = ", on a trusted network" if flow.on_trusted_network else ""
    return f"{flow.app or 'an unknown app'} on {flow.platform} to {endpoint(flow)}{address}{profile}{network}"
