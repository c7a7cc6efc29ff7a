"""What every capture comes down to: somebody went to a host and port, so and so often, with so many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dtr_rules.hosts import Address, Host
from dtr_rules.model import Action, Platform


class Transport(StrEnum):
    """What carried it. A device traffic rule does not tell them apart; a CONNECT tunnel carries TCP alone."""

    TCP = "tcp"
    UDP = "udp"


class NamedBy(StrEnum):
    """Where the host's name comes from, the surest first."""

    URL = "url"
    """The request itself: a HAR entry or a mitmproxy flow."""
    CONNECT = "connect"
    """The CONNECT that the decision log wrote down."""
    SNI = "sni"
    HTTP = "http"
    """The head of a plain HTTP request."""
    QUIC = "quic"
    """The server name in a QUIC Initial."""
    DNS = "dns"
    """The name whose DNS answer held the address last."""
    ADDRESS = "address"
    """Nothing named it: the address is the host."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was decided when the capture was made."""

    action: Action
    rule: str | None


@dataclass(slots=True)
class Visit:
    """One connection, request or CONNECT, or what a conversation came to. Bytes as the capture counts them."""

    host: Host
    port: int
    transport: Transport
    named_by: NamedBy
    address: Address | None = None
    """What the host was reached at, where the capture says so."""
    client: Address | None = None
    platform: Platform | None = None
    app: str | None = None
    user_agent: str | None = None
    in_vpn_profile: bool | None = None
    count: int = 1
    packets: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    encrypted_client_hello: bool = False
    recorded: Recorded | None = None
