"""The proxy of a proxy action: one form, or a reason."""

from __future__ import annotations

import pytest

from dtr_rules.proxies import parse_proxy


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("proxy.example:8080", "proxy.example:8080", id="host-and-port"),
        pytest.param("HTTPS://Proxy.Example:1234", "https://proxy.example:1234", id="scheme-in-any-case"),
        pytest.param("http://192.0.2.1:80", "http://192.0.2.1:80", id="address"),
        pytest.param("[2001:DB8::1]:80", "[2001:db8::1]:80", id="ipv6"),
    ],
)
def test_a_proxy_comes_out_in_one_form(written: str, read: str) -> None:
    assert parse_proxy(written) == read
    assert parse_proxy(read) == read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "port is missing", id="empty"),
        pytest.param("proxy.example", "port is missing", id="no-port"),
        pytest.param(":80", "host is empty", id="no-host"),
        pytest.param("proxy.example:0", "not a port", id="port-zero"),
        pytest.param("proxy.example:x", "write host:port", id="port-is-a-word"),
        pytest.param("socks5://proxy.example:80", "write host:port", id="other-scheme"),
        pytest.param("https://proxy.example:80/", "write host:port", id="path"),
        pytest.param("user:secret@proxy.example:80", "write host:port", id="user-name"),
        pytest.param("user@proxy.example:80", "user name", id="user-name-alone"),
        pytest.param("127.1:80", "plain form", id="short-address"),
        pytest.param("2001:db8::1:80", "write host:port", id="ipv6-without-brackets"),
    ],
)
def test_what_is_no_proxy_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_proxy(text)
