"""The gateway's configuration file: what may stand in it. Paths are relative to the file, addresses are literals."""

from tunnel_gateway.config.file import GatewayFile

__all__ = ["GatewayFile"]
