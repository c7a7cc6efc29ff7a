"""TLS with the device: OpenSSL's settings, and mitmproxy's layer with what a gateway needs of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cryptography import x509
from mitmproxy.proxy import commands
from mitmproxy.proxy.layer import CommandGenerator
from mitmproxy.proxy.layers import tls as tls_layers
from mitmproxy.proxy.tunnel import TunnelState
from OpenSSL import SSL, crypto


def server_context(certificate_chain: str, key: str, device_authorities: Sequence[x509.Certificate]) -> SSL.Context:
    """TLS 1.2 or later, asking for a client certificate and leaving the judgement of it to the gateway.

    Raises OpenSSL's SSL.Error when the files cannot be used together.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.use_certificate_chain_file(certificate_chain)
    context.use_privatekey_file(key)
    context.check_privatekey()
    # Without a context id every resumed session that asks for a certificate fails.
    context.set_session_id(secrets.token_bytes(16))
    # Tickets resume as well; OpenSSL's own cache would keep the whole chain of every stranger.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_client_ca_list([_name_of(authority) for authority in device_authorities])
    context.set_verify(SSL.VERIFY_PEER, _accept_any)
    return context


def _name_of(certificate: x509.Certificate) -> Any:
    return crypto.X509.from_cryptography(certificate).get_subject()


def _accept_any(*_: object) -> bool:
    """The chain is verified at the CONNECT, where a reason can be given; a resumed session never comes past here."""
    return True


class GatewayTlsLayer(tls_layers.ClientTLSLayer):
    """mitmproxy's TLS with a proper end: close_notify before the connection, or our half of it, is closed."""

    def receive_handshake_data(self, data: bytes) -> CommandGenerator[tuple[bool, str | None]]:
        """Straight to OpenSSL, which bounds a ClientHello; mitmproxy's own reader is quadratic and has no bound."""
        if not self.client_hello_parsed:  # mitmproxy's flag for the same: its own reader would have set it by now
            self.client_hello_parsed = True
            yield from self.start_tls()
        try:
            return (yield from tls_layers.TLSLayer.receive_handshake_data(self, data))
        except x509.InvalidVersion as error:  # the one parse error that mitmproxy lets through
            return False, f"the client's certificate cannot be read: {error}"

    def on_handshake_error(self, err: str) -> CommandGenerator[None]:
        """Without mitmproxy's advice, which is for somebody who intercepts."""
        reason = re.search(r"'([^']+)'\)\]\)$", err)
        yield from tls_layers.TLSLayer.on_handshake_error(self, reason[1] if reason else err)
        self.event_to_child = self.errored  # type: ignore[method-assign]

    def receive_data(self, data: bytes) -> CommandGenerator[None]:
        """After the client's last word nothing counts; OpenSSL would only pile it up."""
        if not self.tls.get_shutdown() & SSL.RECEIVED_SHUTDOWN:
            yield from super().receive_data(data)

    def send_close(self, command: commands.CloseConnection) -> CommandGenerator[None]:
        if self.client_hello_parsed and self.tunnel_state is not TunnelState.ESTABLISHING:
            with suppress(SSL.Error):
                self.tls.shutdown()
            yield from self.tls_interact()
        yield from super().send_close(command)
