"""A corpus of heads that attack: each one is refused with a clear 4xx, however it is cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from tunnel_gateway.head import MAX_FIELDS, MAX_HEAD, parse_head, split_head
from tunnel_gateway.reasons import Reason, RefusalError

LINE = b"CONNECT a.example:443 HTTP/1.1"
HOST = b"Host: a.example:443"

METHODS = (
    b"GET",
    b"POST",
    b"PUT",
    b"OPTIONS",
    b"PRI",
    b"connect",
    b"Connect",
    b"CONNECTX",
    b"XCONNECT",
    b"TRACE",
    b"HEAD",
    b"DELETE",
    b"PATCH",
    b"PROPFIND",
    b"CONNECT-UDP",
    b"QUIT",
)
BAD_METHODS = (
    b"",
    b" CONNECT",
    b"CONNECT\t",
    b"\x00CONNECT",
    b"CON NECT",
    b"CONNECT\x0b",
    b"C\xd3NNECT",
    b"\xffCONNECT",
)
TARGETS = (
    b"",
    b"/",
    b"*",
    b"a.example",
    b"a.example:",
    b":443",
    b"a.example:0",
    b"a.example:00443",
    b"a.example:65536",
    b"a.example:99999999",
    b"a.example:+443",
    b"a.example:-1",
    b"a.example:4 43",
    b"a.example:0x1bb",
    b"a.example:443:443",
    b"a.example:443/",
    b"a.example:443?x",
    b"a.example:443#x",
    b"http://a.example:443",
    b"https://a.example/",
    b"//a.example:443",
    b"user@a.example:443",
    b"user:pass@a.example:443",
    b"a.example\\:443",
    b"a.example%00:443",
    b"a.example\x00:443",
    b"a.example\x7f:443\x7f",
    b"[::1:443",
    b"::1]:443",
    b"[]:443",
    b"[::1]443",
    b"[::1]]:443",
    b"[a.example]:443x",
    b"a[.example:443",
    b"a.example:\xef\xbc\x94\xef\xbc\x94\xef\xbc\x93",  # fullwidth 443
    "аcme.example:443".encode(),
    "bücher.example:443".encode(),
    "acme。example:443".encode(),
    "a\u202eelpmaxe:443".encode(),
    "a.example\u200b:443".encode(),
    b"a" * 256 + b":443",
    b"a.example:443,b.example:443",
)
VERSIONS = (
    b"",
    b"HTTP/1.0",
    b"HTTP/0.9",
    b"HTTP/1.2",
    b"HTTP/2",
    b"HTTP/2.0",
    b"HTTP/1.1.1",
    b"http/1.1",
    b"HTTP/1.1 ",
    b"HTTP/01.1",
    b"HTTP/1",
    b"HTTPS/1.1",
    b"HTTP/ 1.1",
    b"HTTP/1,1",
    b"HTTP/1.1\x00",
    b"HTTP/1.1\t",
    b"FTP/1.1",
    b"RTSP/1.0",
    b"HTTP\\1.1",
)
SEPARATORS = (b"\t", b"  ", b"\x0b", b"\x0c", b"\xa0", b"\xc2\xa0", b"\x00", b"\x1c", b"", b" \t")
HOSTS = (
    b"",
    b"X: y",
    b"Host:",
    b"Host: b.example:443",
    b"Host: a.example:444",
    b"Host: a.example:0443",
    b"Host: a.example, b.example",
    b"Host: a.example:443, a.example:443",
    b"Host: user@a.example:443",
    b"Host: http://a.example",
    b"Host: a.example/",
    b"Host: a.example.evil.example",
    b"Host: xa.example:443",
    b"Host: a.example:443\r\nHost: a.example:443",
    b"Host: a.example:443\r\nhOST: b.example",
    b"Host : a.example:443",
    b" Host: a.example:443",
    b"Host\t: a.example:443",
    b"Host\x00: a.example:443",
    b"Host: a.example:443\x00",
    b"H\xf6st: a.example:443",
    b"Host; a.example:443",
    b"Host=a.example",
    b"Host:\x0ba.example:443",
    b"Host: a.example :443",
    b"Host: [a.example]:443",
    b"Host: a.example:443 a.example:443",
)
LENGTHS = (
    b"1",
    b"00",
    b"-1",
    b"+0",
    b"0, 0",
    b"0,1",
    b"0x0",
    b"",
    b" ",
    b"0;0",
    b"0 0",
    b"99999999999999999999",
    b"0\x00",
    b"0.0",
    b"1e1",
    b"\xef\xbc\x90",
)
CODINGS = (
    b"chunked",
    b"identity",
    b"gzip, chunked",
    b"chunked, identity",
    b"xchunked",
    b" chunked",
    b"\tchunked",
    b"CHUNKED",
    b"0",
)
NAMES = (b"Transfer-Encoding", b"transfer-encoding", b"TRANSFER-ENCODING")
FIELDS = (
    b"no colon",
    b": no name",
    b"a b: c",
    b"a\tb: c",
    b"a(b): c",
    b"a[b]: c",
    b"a{b}: c",
    b"a,b: c",
    b"a;b: c",
    b"a@b: c",
    b'a"b: c',
    b"a/b: c",
    b"a=b: c",
    b"a?b: c",
    b"a<b>: c",
    b"a\\b: c",
    b"\x01a: c",
    b"a\x80: c",
    b"a\xff: c",
    b"a : c",
    b"a\x0b: c",
    b"a: b\x00c",
    b"a: b\x01c",
    b"a: b\x0bc",
    b"a: b\x0cc",
    b"a: b\x1bc",
    b"a: b\x7fc",
    b"a: b\nc: d",
    b"a: b\rc: d",
    b"a: b\n c",
    b"a: b\n\nGET / HTTP/1.1",
    b"a: b\r\r",
    b"\na: b",
    b"\ra: b",
    b"a\n: b",
    b"a: b\n",
    b" folded",
    b"\tfolded",
    b"a: b\r\n folded",
    b"a: b\r\n\tfolded",
    b"a: b\r\n ",
    b"\x00",
    b"\x0b",
    b"HTTP/1.1 200 OK",
    b"GET http://b.example/ HTTP/1.1",
    b"\xef\xbb\xbfa: b",
)
APPS = (
    b"Tunnel-App:",
    b"Tunnel-App: ",
    b"Tunnel-App: \xff",
    b"Tunnel-App: caf\xc3\xa9",
    b"Tunnel-App: a\x00b",
    b"Tunnel-App: a\x1b[2Jb",
    b"Tunnel-App: a\tb",
    b"Tunnel-App: " + b"a" * 256,
    b"Tunnel-App: a\r\nTunnel-App: a",
    b"Tunnel-App: a\r\ntunnel-app: b",
)
SPLITS = (1, 7, 4096)


def _head(line: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((line, *fields)) + b"\r\n\r\n"


def corpus() -> Iterator[bytes]:
    """Whole requests, each with something wrong with it."""
    yield from (_head(method + b" a.example:443 HTTP/1.1", HOST) for method in METHODS + BAD_METHODS)
    yield from (_head(b"CONNECT " + target + b" HTTP/1.1", b"Host: " + target) for target in TARGETS)
    yield from (_head(b"CONNECT a.example:443 " + version, HOST) for version in VERSIONS)
    yield from (
        _head(b"CONNECT" + a + b"a.example:443" + b + b"HTTP/1.1", HOST) for a, b in product(SEPARATORS, (b" ", b"\t"))
    )
    yield from (_head(LINE, host) for host in HOSTS)
    yield from (_head(LINE, HOST, b"Content-Length: " + length) for length in LENGTHS)
    yield from (_head(LINE, HOST, b"Content-Length: 0", b"Content-Length: " + length) for length in LENGTHS)
    yield from (_head(LINE, HOST, name + b":" + coding) for name, coding in product(NAMES, CODINGS))
    yield from (_head(LINE, HOST, field) for field in FIELDS + APPS)
    yield from (_head(LINE, field, HOST) for field in FIELDS)
    yield _head(LINE, HOST, *[b"X: y"] * MAX_FIELDS)
    yield from (_head(LINE, HOST, b"X: " + b"a" * size) for size in (MAX_HEAD, MAX_HEAD - 40))
    yield from (
        before + _head(LINE, HOST)
        for before in (b"\r\n", b"\n", b" ", b"\x00", b"\x16\x03\x01", b"PROXY TCP4 1 2 3 4\r\n")
    )
    yield _head(LINE, HOST).replace(b"\r\n", b"\n") + b"\r\n\r\n"
    yield _head(LINE, HOST).replace(b"\r\n", b"\r") + b"\r\n\r\n"


def _refusal(data: bytes, size: int) -> RefusalError | None:
    """What the gateway says to the request when it comes in pieces of `size` bytes."""
    buffer = b""
    for at in range(0, len(data), size):
        buffer += data[at : at + size]
        try:
            parts = split_head(buffer)
            if parts is not None:
                parse_head(parts[0])
                return None
        except RefusalError as refusal:
            return refusal
    return None


def test_corpus_is_large_and_every_head_of_it_is_refused_with_a_4xx() -> None:
    heads = list(dict.fromkeys(corpus()))
    assert len(heads) >= 300
    for head in heads:
        for size in SPLITS:
            refusal = _refusal(head, size)
            assert refusal is not None, head
            assert refusal.reason is Reason.REQUEST_MALFORMED, head
            assert 400 <= refusal.status < 500, head


@pytest.mark.parametrize("size", SPLITS)
def test_a_good_head_passes_the_same_way(size: int) -> None:
    assert _refusal(_head(LINE, HOST, b"Tunnel-App: com.x", b"Content-Length: 0"), size) is None
