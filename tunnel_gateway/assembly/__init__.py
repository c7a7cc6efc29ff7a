"""Put a gateway together from its configuration file, or say everything that is wrong with it and start nothing."""

from tunnel_gateway.assembly.whole import Assembled, assemble, draft

__all__ = ["Assembled", "assemble", "draft"]
