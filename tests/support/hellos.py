"""ClientHellos as the ssl module writes them."""

from __future__ import annotations

import ssl

import pytest


def hello(name: str | None, *, extra: bytes = b"") -> bytes:
    """A ClientHello of the ssl module; `extra` is an extension put into it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return _with_extension(outgoing.read(), extra) if extra else outgoing.read()


def _with_extension(record: bytes, extension: bytes) -> bytes:
    body = record[9:]
    at = 34 + 1 + body[34]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    extensions = body[at + 2 :] + extension
    body = body[:at] + len(extensions).to_bytes(2, "big") + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return record[:3] + len(message).to_bytes(2, "big") + message
