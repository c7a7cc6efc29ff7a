"""What limits connections through the gateway."""

from __future__ import annotations

from dtr_rules.source import Model
from tunnel_gateway.config.fields import Count, Time


class LimitsIn(Model):
    """Time limits of a connection's steps, and how many connections there may be, in all and from one address."""

    handshake: Time = 10.0
    head: Time = 10.0
    connect: Time = 10.0
    idle: Time = 600.0
    total: Time = 12 * 3600.0
    connections: Count = 4096
    connections_per_source: Count = 512
