"""mitmproxy's records of a live connection, without what a gateway would pay for with every one of them.

mitmproxy compares connections by an id, since those of a recorded flow are read back, guards their fields against its
own add-ons, and copies an option whenever it is asked for one.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from mitmproxy.connection import Client, Server
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context


class _Live:
    """A connection is the same as another one where it is that one."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__
    __setattr__ = object.__setattr__


class Device(_Live, Client):
    """The connection from a device."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(id=secrets.token_hex(16), **fields)


class FarEnd(_Live, Server):
    """The connection that was dialled for a device."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(id=secrets.token_hex(16), **fields)


class GatewayOptions(Options):
    """mitmproxy's options; the one that every layer asks for is an attribute like any other."""

    proxy_debug = False


_NOWHERE: Final = Server(address=None)


class GatewayContext(Context):
    """A connection's context. Its server is none: what a tunnel leads to is known to the layer that dialled it."""

    def __init__(self, client: Client, options: Options) -> None:
        self.client = client
        self.options = options
        self.server = _NOWHERE
        self.layers = []
