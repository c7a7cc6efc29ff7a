"""The ClientHello reader: what real clients send, in pieces of any size, and what nobody may send."""

from __future__ import annotations

import contextlib
import itertools
import struct
from collections.abc import Iterable

import pytest
from captures import client_hello, in_records, with_extension
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.client_hello import (
    MAX_MESSAGE,
    ClientHello,
    ClientHelloError,
    ClientHelloReader,
    message_length,
    parse_client_hello,
)

HELLO = client_hello("acme.okta.com", alpn=("h2", "http/1.1"))
SAID = ClientHello("acme.okta.com", (b"h2", b"http/1.1"), encrypted_client_hello=False)
SERVER_NAME, ALPN, ECH = 0, 16, 0xFE0D


def fed(pieces: Iterable[bytes]) -> ClientHello | None:
    reader = ClientHelloReader()
    for piece in pieces:
        found = reader.feed(piece)
        if found is not None:
            return found
    return None


def bare(*extensions: tuple[int, bytes]) -> bytes:
    """A handshake message with these extensions alone."""
    data = b"".join(struct.pack(">HH", kind, len(value)) + value for kind, value in extensions)
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack(">H", len(data)) + data
    return b"\x01" + len(body).to_bytes(3, "big") + body


def names(*entries: tuple[int, bytes]) -> bytes:
    inner = b"".join(bytes([kind]) + struct.pack(">H", len(name)) + name for kind, name in entries)
    return struct.pack(">H", len(inner)) + inner


def test_a_real_hello_says_name_and_protocols() -> None:
    assert fed([HELLO]) == SAID


def test_a_hello_without_a_name_is_a_hello() -> None:
    assert fed([client_hello(None)]) == ClientHello(None, (), encrypted_client_hello=False)


def test_a_hello_without_extensions_is_a_hello() -> None:
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0"
    assert parse_client_hello(b"\x01" + len(body).to_bytes(3, "big") + body).server_name is None


def test_the_ech_extension_is_marked() -> None:
    found = fed([with_extension(HELLO, ECH, b"\0\0\x01\0\x01\x05\0\x01x\0\x01y")])
    assert found is not None
    assert (found.server_name, found.encrypted_client_hello) == ("acme.okta.com", True)


def test_grease_passes() -> None:
    assert fed([with_extension(HELLO, 0x2A2A, b"\0")]) == SAID


@pytest.mark.parametrize("record", [1, 2, 3, 5, 100, 511, 512])
@pytest.mark.parametrize("segment", [1, 4, 7, 1460])
def test_records_and_segments_of_any_size(record: int, segment: int) -> None:
    hello = client_hello("a.example")
    data = in_records(hello, max(record, len(hello[5:]) // 250))
    assert fed(data[at : at + segment] for at in range(0, len(data), segment)) is not None


def test_nothing_is_said_before_the_last_byte() -> None:
    reader = ClientHelloReader()
    assert reader.feed(HELLO[:-1]) is None
    assert reader.held == len(HELLO) - 6
    assert reader.feed(HELLO[-1:]) == SAID


@tried(100)
@given(st.lists(st.integers(0, len(HELLO)), max_size=8), st.integers(3, 600))
def test_how_it_is_cut_makes_no_difference(cuts: list[int], record: int) -> None:
    data = in_records(HELLO, record)
    edges = [0, *sorted(cuts), len(data)]
    assert fed(data[one:other] for one, other in itertools.pairwise(edges)) == SAID


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"\x17\x03\x03\0\x05", "record of type 23", id="application-data"),
        pytest.param(b"\x16\x02\x00\0\x05", "version does not start with 3", id="version"),
        pytest.param(b"\x16\x03\x01\0\0", "record of 0 bytes", id="empty-record"),
        pytest.param(b"\x16\x03\x01\x40\x01", "record of 16385 bytes", id="long-record"),
        pytest.param(b"\x16\x03\x01\0\x04\x02\0\0\0", "handshake message 2", id="server-hello"),
        pytest.param(b"\x16\x03\x01\0\x04\x01\x01\0\0", "no more than 65536", id="long-message"),
        pytest.param(HELLO[:3] + struct.pack(">H", 513) + HELLO[5:] + b"x", "more bytes behind", id="more-in-record"),
        pytest.param(in_records(HELLO, 1), "more than 256 records", id="too-many-records"),
        pytest.param(in_records(HELLO, 100)[:105] + b"\x15\x03\x03\0\x02\x02\x28", "type 21", id="alert-between"),
    ],
)
def test_what_is_no_hello_in_records(data: bytes, message: str) -> None:
    with pytest.raises(ClientHelloError, match=message):
        fed([data])


@pytest.mark.parametrize(
    ("message", "said"),
    [
        pytest.param(bare((SERVER_NAME, b"")), "ends within its server name list", id="empty-sni"),
        pytest.param(bare((SERVER_NAME, b"\0\0")), "0 bytes of server name list", id="no-name"),
        pytest.param(bare((SERVER_NAME, names((0, b"")))), "0 bytes of server name", id="empty-name"),
        pytest.param(bare((SERVER_NAME, names((0, b"a"), (0, b"b")))), "two host names", id="two-names"),
        pytest.param(bare((SERVER_NAME, names((0, b"a")) + b"x")), "more bytes behind its server", id="behind-names"),
        pytest.param(bare((SERVER_NAME, names((0, b"a\0b")))), "printable ASCII", id="nul"),
        pytest.param(bare((SERVER_NAME, names((0, "ä".encode())))), "printable ASCII", id="utf-8"),
        pytest.param(bare((5, b""), (5, b"")), "extension 5 stands there twice", id="twice"),
        pytest.param(bare((ALPN, b"\0\x02\x05h")), "ends within its ALPN protocol", id="alpn-cut"),
        pytest.param(bare((ALPN, b"\0\x02\0\0")), "0 bytes of ALPN protocol", id="alpn-empty"),
        pytest.param(bare()[:-2] + b"\0\x09", "ends within its extensions", id="extensions-cut"),
        pytest.param(b"\x01\0\0\0", "ends within its version", id="empty"),
        pytest.param(b"\x01\0\0\x05abc", "handshake header says", id="another-length"),
        pytest.param(b"\x01\0", "handshake header says", id="half-a-header"),
    ],
)
def test_what_no_client_may_send(message: bytes, said: str) -> None:
    with pytest.raises(ClientHelloError, match=said):
        parse_client_hello(message)


def test_bytes_behind_the_extensions_are_an_error() -> None:
    message = bytearray(bare() + b"x")
    message[3] += 1
    with pytest.raises(ClientHelloError, match="more bytes behind its extensions"):
        parse_client_hello(bytes(message))


def test_names_of_other_types_are_passed_over() -> None:
    assert parse_client_hello(bare((SERVER_NAME, names((9, b"\xff"), (0, b"a.example"))))).server_name == "a.example"
    assert parse_client_hello(bare((SERVER_NAME, names((9, b"x"))))).server_name is None


def test_the_length_is_known_from_the_first_four_bytes() -> None:
    assert message_length(b"\x01\0\x02") is None
    assert message_length(b"\x01\0\x02\0") == 516
    assert message_length(b"\x01\0\xff\xfc") == MAX_MESSAGE


@tried(200)
@given(st.binary(max_size=80), st.integers(0, len(HELLO)), st.integers(0, 40))
def test_any_bytes_are_a_hello_an_error_or_too_few(noise: bytes, at: int, cut: int) -> None:
    for data in (noise, HELLO[:at] + noise + HELLO[at + cut :], b"\x16\x03\x01\0\x50" + noise):
        with contextlib.suppress(ClientHelloError):
            found = fed([data])
            assert found is None or isinstance(found, ClientHello)
