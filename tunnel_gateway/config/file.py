"""The whole file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from dtr_rules.source import FormatVersion, Model
from tunnel_gateway.config.fields import Destination, Endpoint, File, IpNetwork, NameServer, Target, Token
from tunnel_gateway.config.identity import Authority, DeviceCertificates, Tls
from tunnel_gateway.config.operating import Admin, DecisionLogIn, Inspection
from tunnel_gateway.config.posture import Posture
from tunnel_gateway.config.rules import Rules
from tunnel_gateway.config.traffic import Addresses, LimitsIn, PoolIn, SniIn


class GatewayFile(Model):
    """The whole file."""

    version: FormatVersion
    name: Token
    listen: Endpoint
    tls: Tls
    device_authorities: Annotated[tuple[Authority, ...], Field(min_length=1)]
    device_certificates: DeviceCertificates = DeviceCertificates()
    rules: Rules
    egress: Addresses | None = None
    pools: Mapping[Token, PoolIn] = Field(default_factory=dict)
    sni: SniIn = SniIn()
    connect_to: Mapping[Destination, Target] = Field(default_factory=dict)
    allowed_addresses: tuple[IpNetwork, ...] = ()
    name_servers: tuple[NameServer, ...] = ()
    proxy_ca_file: File | None = None
    posture: Posture
    decision_log: DecisionLogIn
    state: File = Path("state.sqlite")
    admin: Admin | None = None
    inspection: Inspection | None = None
    ready_file: File | None = None
    refusal: Literal["explain", "drop"] = "explain"
    limits: LimitsIn = LimitsIn()
