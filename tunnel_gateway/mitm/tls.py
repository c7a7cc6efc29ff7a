"""TLS with the device: OpenSSL's settings, and mitmproxy's layer with what a gateway needs of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from cryptography import x509
from mitmproxy.connection import ConnectionState
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer
from mitmproxy.proxy.layers import tls as tls_layers
from mitmproxy.proxy.tunnel import TunnelState
from mitmproxy.tls import TlsData
from OpenSSL import SSL
from OpenSSL._util import ffi, lib

RECORD: Final = 1 << 14
"""Bytes of plaintext in one TLS record at the most (RFC 8446, 5.1)."""
SLICE: Final = 12 * RECORD
"""Bytes that are encrypted or decrypted in one go: OpenSSL keeps buffers of the size that it once needed."""
_ENCRYPTED: Final = SLICE + RECORD
"""Bytes that hold a whole slice once it is encrypted."""
_PARTIAL_WRITE: Final = 1  # SSL_MODE_ENABLE_PARTIAL_WRITE
_ACCEPT: Final[Any] = ffi.callback("int(int, X509_STORE_CTX *)", lambda _verified, _store: 1)


class BrokenTlsError(Exception):
    """The client's TLS broke after the handshake; nothing that comes behind it can be read."""


def server_context(certificate_chain: str, key: str, device_authorities: Sequence[x509.Certificate]) -> SSL.Context:
    """TLS 1.2 or later, asking for a client certificate and leaving the judgement of it to the gateway.

    Raises OpenSSL's SSL.Error when the files cannot be used together.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    _write_whole(context)
    context.use_certificate_chain_file(certificate_chain)
    context.use_privatekey_file(key)
    context.check_privatekey()
    # Without a context id every resumed session that asks for a certificate fails.
    context.set_session_id(secrets.token_bytes(16))
    # Tickets resume as well; OpenSSL's own cache would keep the whole chain of every stranger.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    for authority in device_authorities:
        context.add_client_ca(authority)
    _accept_any_chain(context)
    return context


def _write_whole(context: SSL.Context) -> None:
    """Let one call write many records: pyOpenSSL asks for one call each, which costs a fifth of what TLS does."""
    if hasattr(context, "clear_mode"):  # pyOpenSSL 25.1 and later
        context.clear_mode(_PARTIAL_WRITE)
    else:
        openssl: Any = lib
        openssl.SSL_CTX_clear_mode(context._context, _PARTIAL_WRITE)  # noqa: SLF001  it has no public word for it


def _accept_any_chain(context: SSL.Context) -> None:
    """The chain is verified at the CONNECT, where a reason can be given; a resumed session never comes past here.

    pyOpenSSL would wrap each certificate for a callback that looks at none.
    """
    openssl: Any = lib
    openssl.SSL_CTX_set_verify(context._context, openssl.SSL_VERIFY_PEER, _ACCEPT)  # noqa: SLF001  no public word either


class GatewayTlsLayer(tls_layers.ClientTLSLayer):
    """mitmproxy's TLS with a proper end: close_notify before the connection, or our half of it, is closed."""

    def __init__(self, context: Context, inside: Layer) -> None:
        tls_layers.TLSLayer.__init__(self, context, context.client)
        self.child_layer = inside

    @property
    def queues(self) -> bool:
        """Whether something has come while the layer inside waits for an answer: mitmproxy has queued it."""
        return bool(self.child_layer._paused_event_queue)  # noqa: SLF001  mitmproxy has no other word for it

    def start_handshake(self) -> CommandGenerator[None]:
        """Not before the client's first bytes: one that only connects is given no memory for TLS."""
        yield from ()

    def receive_handshake_data(self, data: bytes) -> CommandGenerator[tuple[bool, str | None]]:
        """Straight to OpenSSL, which bounds a ClientHello; mitmproxy's own reader is quadratic and has no bound."""
        if not self.client_hello_parsed:  # mitmproxy's flag for the same: its own reader would have set it by now
            self.client_hello_parsed = True
            yield from self.start_tls()
        self.tls.bio_write(data)
        try:
            self.tls.do_handshake()
        except SSL.WantReadError:
            yield from self.tls_interact()
            return False, None
        except SSL.Error as error:
            yield from self.tls_interact()  # the alert that says why
            return False, _last_words(error)
        self.conn.timestamp_tls_setup = time.time()
        yield tls_layers.TlsEstablishedClientHook(TlsData(self.conn, self.context, self.tls))
        yield from self._hand_on()
        return True, None

    def on_handshake_error(self, err: str) -> CommandGenerator[None]:
        """Without mitmproxy's advice, which is for somebody who intercepts."""
        yield from tls_layers.TLSLayer.on_handshake_error(self, err)
        self.event_to_child = self.errored  # type: ignore[method-assign]

    def receive_data(self, data: bytes) -> CommandGenerator[None]:
        """After the client's last word nothing counts; OpenSSL would only pile it up."""
        if self.tls.get_shutdown() & SSL.RECEIVED_SHUTDOWN:
            return
        yield from self._hand_on(data)

    def _hand_on(self, data: bytes = b"") -> CommandGenerator[None]:
        """What TLS itself has to answer goes out behind what is answered to the bytes, and waits for nothing else.

        A device's next bytes may wait for it (RFC 1122, 4.2.3.4, Nagle's algorithm), and what is not sent piles up.
        """
        parts: list[bytes] = []
        closed = self._decrypt(data, parts)
        if parts:
            yield from self.event_to_child(events.DataReceived(self.conn, b"".join(parts)))
        yield from self.tls_interact()
        if closed:
            self.conn.state &= ~ConnectionState.CAN_READ
            yield from self.event_to_child(events.ConnectionClosed(self.conn))

    def _decrypt(self, data: bytes, parts: list[bytes]) -> bool:
        """Append what has come, record by record; whether close_notify was behind it. Raises BrokenTlsError.

        A slice at a time, as in `send_data`. Without `data`: what the handshake has left.
        """
        whole = memoryview(data)
        for start in range(0, len(whole) or 1, SLICE):
            if whole:
                self.tls.bio_write(whole[start : start + SLICE])  # type: ignore[arg-type]  # takes any buffer, too
            try:
                while True:
                    parts.append(self.tls.recv(RECORD))
            except SSL.WantReadError:
                continue
            except SSL.ZeroReturnError:
                return True
            except SSL.Error as error:
                raise BrokenTlsError(_last_words(error)) from error
        return False

    def receive_close(self) -> CommandGenerator[None]:
        """An end without close_notify is no half close (RFC 8446, 6.1): the device is gone."""
        if self.tls.get_shutdown() & SSL.RECEIVED_SHUTDOWN and self.conn.state is not ConnectionState.CLOSED:
            return
        self.conn.state = ConnectionState.CLOSED
        yield from self.event_to_child(events.ConnectionClosed(self.conn))

    def send_data(self, data: bytes) -> CommandGenerator[None]:
        """A slice at a time."""
        whole = memoryview(data)
        with suppress(SSL.ZeroReturnError, SSL.SysCallError):
            for start in range(0, len(whole), SLICE):
                self.tls.sendall(whole[start : start + SLICE])  # type: ignore[arg-type]  # takes any buffer, it says
                yield from self.tls_interact()

    def tls_interact(self) -> CommandGenerator[None]:
        with suppress(SSL.WantReadError):
            while True:
                data = self.tls.bio_read(_ENCRYPTED)
                yield commands.SendData(self.conn, data)
                if len(data) < _ENCRYPTED:
                    return

    def send_close(self, command: commands.CloseConnection) -> CommandGenerator[None]:
        if self.client_hello_parsed and self.tunnel_state is not TunnelState.ESTABLISHING:
            with suppress(SSL.Error):
                self.tls.shutdown()
            yield from self.tls_interact()
        yield from super().send_close(command)


def _last_words(error: SSL.Error) -> str:
    """OpenSSL's reason, without the place in its source."""
    if error.args and isinstance(error.args[0], list) and error.args[0]:
        return str(error.args[0][-1][-1])
    return str(error) or "the connection ended"
