"""What may go through the gateway, from which addresses it leaves, and how long each step may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from dtr_rules.source import Model
from tunnel_gateway.config.fields import Count, EgressAddress, HostName, Time
from tunnel_gateway.egress import AddressState
from tunnel_gateway.sni import SniMode

Text = Annotated[str, Field(min_length=1)]


class EgressIn(Model):
    """An egress address. One that is only a standby, for a rotation, is `disabled` until it is switched."""

    address: EgressAddress
    state: AddressState = AddressState.ACTIVE

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, value: Any) -> Any:
        """`203.0.113.10` is short for `{address: 203.0.113.10}`."""
        return {"address": value} if isinstance(value, str) else value


Addresses = Annotated[tuple[EgressIn, ...], Field(min_length=1)]


class PoolIn(Model):
    """Egress addresses for the rules that it names, or for all that no other pool names.

    `in_zone` pools serve tunnels; the others serve what rules bypass.
    """

    addresses: Addresses
    in_zone: bool = True
    rules: tuple[Text, ...] = ()


class SniIn(Model):
    """Whether the name inside a tunnel's TLS is held against the host that was asked for."""

    mode: SniMode = SniMode.ENFORCE
    exempt_ports: tuple[Annotated[int, Field(strict=True, ge=1, le=65535)], ...] = ()
    also: Mapping[HostName, tuple[HostName, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _mode_alone(cls, value: Any) -> Any:
        """`sni: report` is short for `sni: {mode: report}`."""
        return {"mode": value} if isinstance(value, str) else value


class LimitsIn(Model):
    """How long a connection's steps and its whole life may take, and how many there may be: in all, from one address,
    of one device. When the gateway is told to stop, `drain` is the time that tunnels get to end by themselves.
    """

    handshake: Time = 10.0
    head: Time = 10.0
    connect: Time = 10.0
    idle: Time = 600.0
    total: Time = 12 * 3600.0
    drain: Time = 10.0
    connections: Count = 4096
    connections_per_source: Count = 512
    tunnels_per_device: Count = 256
