"""The head of a CONNECT: what is read, and what is refused because two readers could understand it differently."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunnel_gateway.head import MAX_HEAD, ConnectHead, parse_head, split_head
from tunnel_gateway.reasons import Reason, RefusalError


def _head(
    *fields: bytes, first: bytes = b"CONNECT a.example:443 HTTP/1.1", host: bytes = b"Host: a.example:443"
) -> bytes:
    return b"\r\n".join([first, host, *fields])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(_head(), ConnectHead("a.example", 443, None), id="plain"),
        pytest.param(_head(b"Tunnel-App:  com.x \t"), ConnectHead("a.example", 443, "com.x"), id="app"),
        pytest.param(
            _head(b"tunnel-app: C:\\Program Files\\x.exe"),
            ConnectHead("a.example", 443, r"C:\Program Files\x.exe"),
            id="windows-app",
        ),
        pytest.param(_head(host=b"HOST: A.example"), ConnectHead("a.example", 443, None), id="host-without-port"),
        pytest.param(_head(b"Content-Length: 0"), ConnectHead("a.example", 443, None), id="length-0"),
        pytest.param(
            _head(first=b"CONNECT [2001:db8::1]:8443 HTTP/1.1", host=b"Host: [2001:db8::1]:8443"),
            ConnectHead("[2001:db8::1]", 8443, None),
            id="ipv6",
        ),
    ],
)
def test_reads(head: bytes, expected: ConnectHead) -> None:
    assert parse_head(head) == expected


@pytest.mark.parametrize(
    ("status", "head"),
    [
        pytest.param(400, _head(b"X: a\nTunnel-App: com.x"), id="bare-lf"),
        pytest.param(400, _head(b"X: a\rTunnel-App: com.x"), id="bare-cr"),
        pytest.param(400, _head(b"X: a\x00b"), id="nul"),
        pytest.param(400, _head(b"Tunnel-App : com.x"), id="space-before-colon"),
        pytest.param(400, _head(b"X: a", b" folded"), id="obs-fold"),
        pytest.param(400, _head(b"no colon"), id="no-colon"),
        pytest.param(400, _head(b": no name"), id="no-name"),
        pytest.param(400, _head(b"Host: b.example:443"), id="two-hosts"),
        pytest.param(400, _head(host=b"X: y"), id="no-host"),
        pytest.param(400, _head(host=b"Host: b.example:443"), id="another-host"),
        pytest.param(400, _head(host=b"Host: a.example:444"), id="another-port"),
        pytest.param(400, _head(b"Content-Length: 3"), id="body"),
        pytest.param(400, _head(b"Content-Length: 0, 3"), id="two-lengths-in-one"),
        pytest.param(400, _head(b"Transfer-Encoding: chunked"), id="chunked"),
        pytest.param(400, _head(b"Tunnel-App: a", b"Tunnel-App: b"), id="two-apps"),
        pytest.param(400, _head(b"Tunnel-App: " + b"a" * 256), id="long-app"),
        pytest.param(400, _head(b"Tunnel-App:"), id="empty-app"),
        pytest.param(400, _head(b"Tunnel-App: caf\xe9"), id="app-outside-ascii"),
        pytest.param(431, _head(*[b"X: y"] * 64), id="many-fields"),
        pytest.param(405, _head(first=b"GET http://a.example/ HTTP/1.1"), id="get"),
        pytest.param(405, _head(first=b"connect a.example:443 HTTP/1.1"), id="lower-case-method"),
        pytest.param(400, _head(first=b"CONNECT a.example:443 HTTP/1.0"), id="http-1.0"),
        pytest.param(400, _head(first=b"CONNECT a.example:443 HTTP/2"), id="http-2"),
        pytest.param(400, _head(first=b"CONNECT  a.example:443 HTTP/1.1"), id="two-spaces"),
        pytest.param(400, _head(first=b"CONNECT\ta.example:443 HTTP/1.1"), id="tab"),
        pytest.param(400, _head(first=b"CONNECT a.example HTTP/1.1"), id="no-port"),
        pytest.param(400, _head(first=b"CONNECT a.example:0 HTTP/1.1"), id="port-0"),
        pytest.param(400, _head(first=b"CONNECT a.example:0443 HTTP/1.1"), id="port-with-zero-before"),
        pytest.param(400, _head(first=b"CONNECT a.example:65536 HTTP/1.1"), id="port-too-large"),
        pytest.param(400, _head(first=b"CONNECT a.example:+443 HTTP/1.1"), id="port-with-sign"),
        pytest.param(400, _head(first=b"CONNECT u@a.example:443 HTTP/1.1"), id="user"),
        pytest.param(400, _head(first=b"CONNECT a.example:443/x HTTP/1.1"), id="path"),
        pytest.param(400, _head(first="CONNECT bücher.example:443 HTTP/1.1".encode()), id="utf-8-host"),
        pytest.param(400, b"", id="nothing"),
    ],
)
def test_refuses(status: int, head: bytes) -> None:
    with pytest.raises(RefusalError) as refusal:
        parse_head(head)
    assert (refusal.value.reason, refusal.value.status) == (Reason.REQUEST_MALFORMED, status)


def test_what_follows_the_head_is_kept() -> None:
    assert split_head(b"head\r\n\r\nrest\r\n\r\n") == (b"head", b"rest\r\n\r\n")
    assert split_head(b"head\r\n\r") is None


@pytest.mark.parametrize("data", [b"x" * (MAX_HEAD + 1), b"x" * MAX_HEAD + b"\r\n\r\n"], ids=["endless", "whole"])
def test_long_head_is_refused(data: bytes) -> None:
    with pytest.raises(RefusalError) as refusal:
        split_head(data)
    assert refusal.value.status == 431


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fail_otherwise(data: bytes) -> None:
    with suppress(RefusalError):
        parse_head(data)
