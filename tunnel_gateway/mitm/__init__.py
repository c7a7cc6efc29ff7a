"""Everything that this project takes from mitmproxy's inside, in one place.

mitmproxy's core carries the bytes: modes, connection handling, the TLS layer, commands and events. Its internals are
no public API, so nothing else in the project imports them, and contract tests say what is relied on. What the core
lacks for a gateway is added here: time limits, a limit on connections, an abort that really cuts, close_notify, and an
end for a connection whose code failed, which mitmproxy would log and leave hanging.
"""

from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer

from tunnel_gateway.mitm.begun import Begun
from tunnel_gateway.mitm.conversation import Ask, Conversation, Dial, Host, Limits, Onward
from tunnel_gateway.mitm.dialling import DialError, EgressUnusableError, OutOfFilesError
from tunnel_gateway.mitm.inspection import Inspector
from tunnel_gateway.mitm.listener import CannotListenError, Listener
from tunnel_gateway.mitm.live import FarEnd
from tunnel_gateway.mitm.tls import server_context

__all__ = [
    "Ask",
    "Begun",
    "CannotListenError",
    "CommandGenerator",
    "ConnectionState",
    "Context",
    "Conversation",
    "Dial",
    "DialError",
    "EgressUnusableError",
    "FarEnd",
    "Host",
    "Inspector",
    "Layer",
    "Limits",
    "Listener",
    "Onward",
    "OutOfFilesError",
    "Server",
    "commands",
    "events",
    "server_context",
]
