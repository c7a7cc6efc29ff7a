"""What operators of the gateway ask it through."""

from __future__ import annotations

from dtr_rules.source import Model
from tunnel_gateway.config.fields import File, LoopbackEndpoint


class Admin(Model):
    """The endpoint for this machine's operators, behind a token that is kept in a file."""

    listen: LoopbackEndpoint
    token_file: File
