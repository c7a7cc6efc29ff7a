"""A device that asks for new keys all the time: what TLS answers by itself is sent at once, and so has its bound."""

from __future__ import annotations

import _ssl
import asyncio
import ctypes
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from inner_gateway import HEAD, Inner, inner_gateway

UPDATES = 300
_PEM = 1  # SSL_FILETYPE_PEM
_ASKED_BACK = 1  # SSL_KEY_UPDATE_REQUESTED


def _openssl() -> Any:
    """Python's own OpenSSL: its ssl module cannot update keys."""
    library = ctypes.CDLL(_ssl.__file__)
    if not hasattr(library, "SSL_key_update"):
        pytest.skip("this Python has OpenSSL built in, where no test can call it")
    for name in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def _updates(inner: Inner) -> int:
    """How many bytes came back to a device that asked for new keys and was told nothing by the far end."""
    library = _openssl()
    certificate, key = inner.credential.write(inner.directory, "updating")
    with socket.create_connection(inner.listener.address) as connection:
        context = ctypes.c_void_p(library.SSL_CTX_new(ctypes.c_void_p(library.TLS_client_method())))
        tls = ctypes.c_void_p(library.SSL_new(context))
        assert library.SSL_use_certificate_file(tls, bytes(certificate), _PEM) == 1
        assert library.SSL_use_PrivateKey_file(tls, bytes(key), _PEM) == 1
        assert library.SSL_set_fd(tls, connection.fileno()) == 1
        assert library.SSL_connect(tls) == 1
        assert library.SSL_write(tls, HEAD, len(HEAD)) == len(HEAD)
        answer = ctypes.create_string_buffer(1024)
        assert library.SSL_read(tls, answer, len(answer)) > 0
        assert answer.value.startswith(b"HTTP/1.1 200 ")
        for _ in range(UPDATES):
            assert library.SSL_key_update(tls, _ASKED_BACK) == 1
            assert library.SSL_write(tls, b"x", 1) == 1
        connection.settimeout(2)
        came = 0
        with suppress(TimeoutError):
            while came < UPDATES * 20:
                came += len(connection.recv(65_536))
        library.SSL_free(tls)
        library.SSL_CTX_free(context)
    return came


def test_answers_to_key_updates_are_sent_though_the_far_end_is_silent(tmp_path: Path) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path) as inner, asyncio.timeout(20):
            inner.destination.reply = b""
            assert await asyncio.to_thread(_updates, inner) >= UPDATES * 20  # a record of each, at the least

    asyncio.run(main())
