"""Hosts: one form for each, and a reason for everything that is none."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.hosts import Address, HostError, Name, is_loopback, parse_address, parse_host

LABEL = "a" * 63
NAME_253 = f"{LABEL}.{LABEL}.{LABEL}.{'a' * 61}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("acme.okta.com", "acme.okta.com", id="as-it-stands"),
        pytest.param("ACME.Okta.COM", "acme.okta.com", id="case-is-folded"),
        pytest.param("acme.okta.com.", "acme.okta.com", id="one-trailing-dot-is-dropped"),
        pytest.param("intranet", "intranet", id="single-label"),
        pytest.param("3com.com", "3com.com", id="label-starts-with-digit"),
        pytest.param("1.2.3.4.example", "1.2.3.4.example", id="numeric-labels-before-the-last"),
        pytest.param("a--b.example", "a--b.example", id="hyphens-in-the-middle"),
        pytest.param("bücher.example", "xn--bcher-kva.example", id="umlaut-to-a-label"),
        pytest.param("BÜCHER.example", "xn--bcher-kva.example", id="upper-case-umlaut"),
        pytest.param("bu\u0308cher.example", "xn--bcher-kva.example", id="decomposed-umlaut"),
        pytest.param("faß.de", "xn--fa-hia.de", id="sharp-s-is-kept-not-ss"),
        pytest.param("日本。jp", "xn--wgv71a.jp", id="ideographic-full-stop-is-a-dot"),
        pytest.param("ｅｘａｍｐｌｅ.com", "example.com", id="fullwidth-letters"),
        pytest.param("exa\u00admple.com", "example.com", id="soft-hyphen-is-ignored"),
        pytest.param("xn--999999999.example", "xn--999999999.example", id="a-labels-are-opaque"),
        pytest.param(f"{LABEL}.example", f"{LABEL}.example", id="label-of-63"),
        pytest.param(NAME_253, NAME_253, id="name-of-253"),
        pytest.param(f"{NAME_253}.", NAME_253, id="name-of-253-and-a-dot"),
        pytest.param("example.1a", "example.1a", id="last-label-not-all-digits"),
    ],
)
def test_names_come_out_in_one_form(text: str, name: str) -> None:
    assert parse_host(text) == Name(name)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("192.0.2.1", "192.0.2.1", id="ipv4"),
        pytest.param("192.0.2.1.", "192.0.2.1", id="ipv4-with-trailing-dot"),
        pytest.param("2001:DB8:0::1", "2001:db8::1", id="ipv6-compressed"),
        pytest.param("[2001:db8::1]", "2001:db8::1", id="ipv6-in-brackets"),
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", id="ipv4-mapped-dotted-is-unwrapped"),
        pytest.param("[::ffff:c000:201]", "192.0.2.1", id="ipv4-mapped-hex-is-unwrapped"),
        pytest.param("64:ff9b::192.0.2.1", "64:ff9b::c000:201", id="nat64-stays-ipv6"),
    ],
)
def test_addresses_come_out_in_one_form(text: str, address: str) -> None:
    assert parse_host(text) == Address(ip_address(address))
    assert str(parse_host(text)) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(".", "empty", id="dot-alone"),
        pytest.param("a..b", "empty label", id="empty-label"),
        pytest.param(".a", "empty label", id="leading-dot"),
        pytest.param("a.com..", "empty label", id="two-trailing-dots"),
        pytest.param("127.1", "ends in a number.*plain form", id="short-ipv4"),
        pytest.param("0x7f.1", "hexadecimal.*plain form", id="hex-ipv4"),
        pytest.param("2130706433", "plain form", id="ipv4-as-one-number"),
        pytest.param("0x7f000001", "plain form", id="ipv4-as-one-hex-number"),
        pytest.param("010.0.0.1", "octal.*plain form", id="octal-ipv4"),
        pytest.param("192.0.2.256", "plain form", id="octet-over-255"),
        pytest.param("192.0.2.1.5", "plain form", id="five-octets"),
        pytest.param("example.1", "plain form", id="name-ends-in-number"),
        pytest.param("example.0x", "plain form", id="name-ends-in-0x"),
        pytest.param("１.2.3.4", "plain form", id="fullwidth-digit"),
        pytest.param("1。2。3。4", "plain form", id="ipv4-with-ideographic-stops"),
        pytest.param("a b", "space", id="space"),
        pytest.param(" a", "space", id="leading-space"),
        pytest.param("a\n", "control", id="line-feed"),
        pytest.param("a\x00b", "control", id="null"),
        pytest.param("a\u3000b", "space", id="ideographic-space"),
        pytest.param("a%2eb", "percent", id="percent-encoding"),
        pytest.param("a\u200eb.example", r"U\+200E \(left-to-right mark\)", id="bidi-mark"),
        pytest.param("\u2067a.example", r"U\+2067", id="bidi-isolate"),
        pytest.param("\u043ekta.com", "Cyrillic and Latin.*A-label form, 'xn--kta-red.com'", id="look-alike"),
        pytest.param("fe80::1%eth0", "zone id", id="zone-id"),
        pytest.param("[fe80::1%25eth0]", "zone id", id="zone-id-in-brackets"),
        pytest.param("a_b.example", "'_'", id="underscore"),
        pytest.param("a!b.example", "'!'", id="exclamation-mark"),
        pytest.param("a*.example", r"'\*'", id="asterisk"),
        pytest.param("a\uff0fb.example", "'/'", id="fullwidth-slash"),
        pytest.param("-a.example", "hyphen", id="label-starts-with-hyphen"),
        pytest.param("a-.example", "hyphen", id="label-ends-with-hyphen"),
        pytest.param("xn--", "hyphen", id="bare-xn-prefix"),
        pytest.param(f"{LABEL}a.example", "63", id="label-of-64"),
        pytest.param(f"{NAME_253}a", "253", id="name-of-254"),
        pytest.param("ä" * 2000, "253", id="huge-input-is-not-even-mapped"),
        pytest.param("ü" * 60, "A-label", id="a-label-too-long"),
        pytest.param("\u200d.example", "A-label", id="joiner-out-of-context"),
        pytest.param("0à.א", "A-label", id="bidi-rule-over-the-whole-name"),
        pytest.param("\ufffd.example", "A-label", id="replacement-character"),
        pytest.param("[192.0.2.1]", "not an IPv6", id="ipv4-in-brackets"),
        pytest.param("[::1", "brackets", id="open-bracket"),
        pytest.param("[::1].", "brackets", id="bracket-then-dot"),
        pytest.param("[[::1]]", "IPv6", id="double-brackets"),
        pytest.param("1:2:3", "not an IPv6", id="short-ipv6"),
        pytest.param("::1::", "not an IPv6", id="two-compressions"),
        pytest.param("::192.0.2.010", "not an IPv6", id="octal-inside-ipv6"),
        pytest.param("a.example:443", "without a port", id="port"),
        pytest.param("https://a.example/", "URL", id="url"),
        pytest.param("a.example/path", "path", id="path"),
        pytest.param("a\\b", "path", id="backslash"),
        pytest.param("user@a.example", "user name", id="user-name"),
    ],
)
def test_what_is_no_host_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(HostError, match=reason):
        parse_host(text)


def test_a_parsed_host_parses_to_itself() -> None:
    for text in ("Bücher.Example.", "[2001:DB8::1]", "::ffff:192.0.2.1"):
        assert parse_host(str(parse_host(text))) == parse_host(text)


@given(st.text(max_size=40) | st.from_regex(r"[a-z0-9.:%\[\]x-]{1,20}", fullmatch=True))
@tried(100)
def test_any_text_is_a_host_in_its_final_form_or_refused(text: str) -> None:
    try:
        host = parse_host(text)
    except HostError:
        return
    assert parse_host(str(host)) == host


@given(st.ip_addresses())
def test_every_address_survives_printing(ip: IPv4Address | IPv6Address) -> None:
    address = Address(IPv4Address(ip) if isinstance(ip, IPv4Address) else IPv6Address(ip))
    assert parse_address(str(address)) == address


def test_an_address_from_a_socket_is_unwrapped_too() -> None:
    assert Address(IPv6Address("::ffff:192.0.2.1")) == Address(IPv4Address("192.0.2.1"))


def test_an_address_object_with_a_zone_id_is_refused() -> None:
    with pytest.raises(HostError, match="zone id"):
        Address(IPv6Address("fe80::1%1"))


def test_a_name_is_no_address() -> None:
    with pytest.raises(HostError, match="is a name"):
        parse_address("example.com")


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        pytest.param("localhost", True, id="localhost"),
        pytest.param("LocalHost.", True, id="localhost-upper-case-with-dot"),
        pytest.param("app.localhost", True, id="below-localhost"),
        pytest.param("127.0.0.1", True, id="the-usual-address"),
        pytest.param("127.255.255.254", True, id="far-end-of-the-block"),
        pytest.param("::1", True, id="ipv6"),
        pytest.param("::ffff:127.0.0.1", True, id="ipv4-mapped"),
        pytest.param("notlocalhost", False, id="look-alike"),
        pytest.param("localhost.example.com", False, id="localhost-as-a-first-label"),
        pytest.param("128.0.0.1", False, id="next-block"),
        pytest.param("::2", False, id="next-ipv6"),
    ],
)
def test_loopback_is_the_device_itself(text: str, loopback: bool) -> None:
    assert is_loopback(parse_host(text)) is loopback
