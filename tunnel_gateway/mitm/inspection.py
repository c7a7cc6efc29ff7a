"""Decrypt the inside of a tunnel, for labs: mitmproxy's own layers and add-ons between the device and the server.

The tunnel is what it is without inspection: admitted, judged and dialled in the same way. What goes through it ends and
begins anew here, so the device must trust this authority, and whatever binds a sign-in to its TLS connection breaks.
"""

from __future__ import annotations

from pathlib import Path

import mitmproxy.ctx
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers import tls as tls_layers

from tunnel_gateway.mitm.conversation import Ask
from tunnel_gateway.mitm.recorder import Recorder


class Inspector:
    """mitmproxy's TLS and records for the hosts that are inspected. `directory` gets its authority and its files."""

    def __init__(self, hosts: frozenset[str], directory: Path, ca_file: Path | None) -> None:
        self.hosts = hosts
        self._directory = directory
        self._ca_file = ca_file

    def begin(self) -> None:
        """Once the listener stands, since mitmproxy's add-ons live in its frame. Raises OSError."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        master = mitmproxy.ctx.master
        master.addons.add(TlsConfig(), Recorder(self._directory))
        # After that: it is the change that lets the add-on make its authority.
        master.options.update(
            confdir=str(self._directory),
            ssl_verify_upstream_trusted_ca=None if self._ca_file is None else str(self._ca_file),
        )

    def layer(self, context: Context, server: Server, host: str) -> Layer | None:
        """What to put inside the tunnel to `server`; None where the host is not inspected."""
        return InspectionLayer(context, server, host) if host in self.hosts else None


class InspectionLayer(Layer):
    """TLS to the server, TLS to the device, HTTP between them; add-ons are asked as the gateway itself is."""

    def __init__(self, context: Context, server: Server, host: str) -> None:
        inside = context.fork()
        super().__init__(inside)
        inside.server = server
        server.sni = host
        self._stack = tls_layers.ServerTLSLayer(inside)
        self._stack.child_layer = tls_layers.ClientTLSLayer(inside)
        self._stack.child_layer.child_layer = http.HttpLayer(inside, http.HTTPMode.transparent)

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        asked: list[commands.StartHook | commands.OpenConnection] = []
        for command in self._stack.handle_event(event):
            if isinstance(command, commands.StartHook | commands.OpenConnection):
                asked.append(command)
            elif not isinstance(command, commands.Log):
                yield command
        for command in asked:  # only now: the layers that asked are in the middle of the event until here
            if isinstance(command, commands.OpenConnection):
                words = "everything goes to the server that was judged and dialled for this tunnel, or nowhere"
                yield from self._handle_event(events.OpenConnectionCompleted(command, words))
            else:
                yield from self._tell(command)

    def _tell(self, hook: commands.StartHook) -> CommandGenerator[None]:
        ask = Ask(lambda: mitmproxy.ctx.master.addons.handle_lifecycle(hook))
        yield ask
        ask.outcome()
        if hook.blocking:
            yield from self._handle_event(events.HookCompleted(hook))
