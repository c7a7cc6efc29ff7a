"""Destination patterns: what each form matches, how it prints, and what a mistake in one says."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

import generated_rules
import pytest
from examples import tried
from hypothesis import assume, given
from hypothesis import strategies as st

from dtr_rules import Flow
from dtr_rules.destinations import Destination, Fit, NamePattern, parse_destination
from dtr_rules.hosts import Name, parse_address, parse_host


def matches(pattern: str, host: str, *, port: int = 443, address: str | None = None, apex: bool = False) -> bool:
    return parse_destination(pattern).matches(
        parse_host(host),
        port,
        None if address is None else parse_address(address),
        wildcard_matches_apex=apex,
    )


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        pytest.param("acme.okta.com", "acme.okta.com", True, id="exact"),
        pytest.param("ACME.okta.com.", "acme.OKTA.com", True, id="exact-in-any-case-and-with-a-dot"),
        pytest.param("acme.okta.com", "login.acme.okta.com", False, id="exact-is-not-its-subdomain"),
        pytest.param("acme.okta.com", "evilacme.okta.com", False, id="exact-is-not-its-look-alike"),
        pytest.param("*.okta.com", "acme.okta.com", True, id="dotted-suffix"),
        pytest.param("*.okta.com", "a.b.okta.com", True, id="dotted-suffix-covers-dots"),
        pytest.param("*.okta.com", "okta.com", False, id="dotted-suffix-is-not-its-apex"),
        pytest.param("*.okta.com", "evilokta.com", False, id="dotted-suffix-is-not-its-look-alike"),
        pytest.param("*.tenant.okta.com", "tenant.okta.com", False, id="dotted-suffix-misses-the-orgs-own-host"),
        pytest.param("*tenant.okta.com", "tenant.okta.com", True, id="dotless-suffix-is-its-apex"),
        pytest.param("*tenant.okta.com", "eviltenant.okta.com", True, id="dotless-suffix-takes-look-alikes"),
        pytest.param("*com", "a.b.com", True, id="top-level-suffix"),
        pytest.param("*okta*", "acme.okta-emea.com", True, id="middle"),
        pytest.param("*okta*", "okta", True, id="middle-with-nothing-around-it"),
        pytest.param("*okta*", "okt.a", False, id="middle-absent"),
        pytest.param("login*", "login.microsoftonline.com", True, id="prefix"),
        pytest.param("login*", "my.login.example", False, id="prefix-is-anchored"),
        pytest.param("*.okta.*", "acme.okta.com", True, id="domain-in-the-middle"),
        pytest.param("*.okta.*", "okta.com", False, id="domain-in-the-middle-not-at-the-start"),
        pytest.param("*.*", "a.b", True, id="any-name-with-a-dot"),
        pytest.param("*.*", "intranet", False, id="no-dot-no-match"),
        pytest.param("*", "intranet", True, id="everything-a-name"),
        pytest.param("*", "192.0.2.1", True, id="everything-an-ipv4-literal"),
        pytest.param("*", "2001:db8::1", True, id="everything-an-ipv6-literal"),
        pytest.param("*.1a", "192.0.2.1", False, id="name-patterns-never-match-literals"),
        pytest.param("1*", "192.0.2.1", False, id="digit-prefix-never-matches-literals"),
        pytest.param("*.bücher.example", "www.bücher.example", True, id="idna-suffix"),
        pytest.param("bücher.example", "xn--bcher-kva.example", True, id="idna-exact"),
        pytest.param("xn--b*", "bücher.example", True, id="a-label-prefix"),
    ],
)
def test_names(pattern: str, host: str, expected: bool) -> None:
    assert matches(pattern, host) is expected


@pytest.mark.parametrize(
    ("pattern", "host", "off", "on"),
    [
        pytest.param("*.example.com", "example.com", False, True, id="the-apex"),
        pytest.param("*.example.com", "a.example.com", True, True, id="below-it-either-way"),
        pytest.param("*.example.com", "badexample.com", False, False, id="a-look-alike-never"),
        pytest.param("*.okta.*", "okta.com", False, True, id="domain-in-the-middle"),
        pytest.param("*.okta.*", "notokta.com", False, False, id="domain-in-the-middle-look-alike"),
        pytest.param("*example.com", "example.com", True, True, id="dotless-needs-no-switch"),
        pytest.param("*.com", "192.0.2.1", False, False, id="a-literal-has-no-apex"),
    ],
)
def test_the_apex_is_matched_by_the_switch_alone(pattern: str, host: str, off: bool, on: bool) -> None:
    assert (matches(pattern, host), matches(pattern, host, apex=True)) == (off, on)


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", True, id="ipv4"),
        pytest.param("192.0.2.7", "192.0.2.8", False, id="other-ipv4"),
        pytest.param("192.0.2.0/24", "192.0.2.255", True, id="cidr-last"),
        pytest.param("192.0.2.0/24", "192.0.3.0", False, id="cidr-next"),
        pytest.param("0.0.0.0/0", "255.255.255.255", True, id="all-ipv4"),
        pytest.param("0.0.0.0/0", "::1", False, id="all-ipv4-is-not-ipv6"),
        pytest.param("::/0", "192.0.2.1", False, id="all-ipv6-is-not-ipv4"),
        pytest.param("::/0", "::ffff:192.0.2.1", False, id="ipv4-mapped-counts-as-ipv4"),
        pytest.param("192.0.2.0/24", "::ffff:192.0.2.1", True, id="ipv4-mapped-matches-ipv4"),
        pytest.param("192.0.2.3-192.0.2.9", "192.0.2.3", True, id="range-first"),
        pytest.param("192.0.2.3-192.0.2.9", "192.0.2.9", True, id="range-last"),
        pytest.param("192.0.2.3-192.0.2.9", "192.0.2.10", False, id="range-behind"),
        pytest.param("2001:db8::/32", "2001:db8:ffff::1", True, id="ipv6-cidr"),
        pytest.param("2001:db8::1-2001:db8::9", "2001:db8::5", True, id="ipv6-range"),
        pytest.param("[2001:db8::1]", "2001:db8::1", True, id="ipv6-in-brackets"),
    ],
)
def test_addresses_match_a_literal_and_a_resolved_name_alike(pattern: str, address: str, expected: bool) -> None:
    assert matches(pattern, address) is expected
    assert matches(pattern, "host.example", address=address) is expected


def test_a_literal_host_is_its_own_address() -> None:
    assert not matches("192.0.2.0/24", "198.51.100.1", address="192.0.2.1")


def test_an_address_pattern_does_not_match_a_name_nobody_resolved() -> None:
    assert not matches("0.0.0.0/0", "host.example")


@pytest.mark.parametrize(
    ("pattern", "port", "expected"),
    [
        pytest.param("a.example", 1, True, id="no-port-is-every-port"),
        pytest.param("a.example:443", 443, True, id="this-port"),
        pytest.param("a.example:443", 80, False, id="other-port"),
        pytest.param("a.example:8000-8100", 8000, True, id="first-of-range"),
        pytest.param("a.example:8000-8100", 8100, True, id="last-of-range"),
        pytest.param("a.example:8000-8100", 8101, False, id="behind-the-range"),
        pytest.param("*:443", 443, True, id="everything-on-a-port"),
        pytest.param("*:443", 444, False, id="everything-on-another-port"),
        pytest.param("*.example:1-65535", 65535, True, id="last-port-there-is"),
    ],
)
def test_ports(pattern: str, port: int, expected: bool) -> None:
    assert matches(pattern, "a.example", port=port) is expected


@pytest.mark.parametrize(
    ("pattern", "host", "port", "fit"),
    [
        pytest.param("a.example:443", "a.example", 443, Fit.YES, id="match"),
        pytest.param("a.example:443", "a.example", 80, Fit.OTHER_PORT, id="port-alone"),
        pytest.param("a.example:443", "b.example", 80, Fit.NO, id="host-and-port"),
        pytest.param("*.a.example", "a.example", 443, Fit.APEX, id="apex"),
        pytest.param("*.a.example:80", "a.example", 443, Fit.NO, id="apex-on-another-port"),
        pytest.param("192.0.2.0/24:443", "a.example", 443, Fit.ADDRESS_UNKNOWN, id="address-unknown"),
        pytest.param("192.0.2.0/24:80", "a.example", 443, Fit.NO, id="port-rules-it-out-whatever-the-address"),
        pytest.param("192.0.2.0/24:80", "192.0.2.1", 443, Fit.OTHER_PORT, id="address-on-another-port"),
    ],
)
def test_how_near_a_destination_comes(pattern: str, host: str, port: int, fit: Fit) -> None:
    assert parse_destination(pattern).fit(parse_host(host), port) is fit


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        pytest.param("ACME.Okta.com.", "acme.okta.com", id="case-and-dot"),
        pytest.param("*.Bücher.example:443-443", "*.xn--bcher-kva.example:443", id="a-label-and-one-port"),
        pytest.param("192.0.2.7/32", "192.0.2.7", id="full-prefix-is-an-address"),
        pytest.param("192.0.2.7-192.0.2.7", "192.0.2.7", id="range-of-one-is-an-address"),
        pytest.param("192.0.2.0-192.0.2.255", "192.0.2.0/24", id="range-of-a-network-is-a-network"),
        pytest.param("192.0.2.1-192.0.2.8", "192.0.2.1-192.0.2.8", id="range-off-the-grid-stays"),
        pytest.param("0.0.0.0-255.255.255.255", "0.0.0.0/0", id="all-of-ipv4"),
        pytest.param("::/80", "::/80", id="network-that-ends-where-mapped-addresses-end"),
        pytest.param("[2001:DB8::1]", "2001:db8::1", id="brackets-without-port"),
        pytest.param("[2001:db8::/32]:443", "[2001:db8::/32]:443", id="ipv6-network-with-port"),
        pytest.param("[2001:db8::1-2001:db8::9]:1-2", "[2001:db8::1-2001:db8::9]:1-2", id="ipv6-range-with-port"),
        pytest.param("192.0.2.1-static.example", "192.0.2.1-static.example", id="a-name-with-an-address-in-it"),
        pytest.param("2001:db8::1:443", "2001:db8::1:443", id="without-brackets-it-is-all-address"),
    ],
)
def test_one_meaning_has_one_printed_form(written: str, printed: str) -> None:
    destination = parse_destination(written)
    assert str(destination) == printed
    assert destination.written == written
    assert parse_destination(printed) == destination


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "write a host", id="empty"),
        pytest.param("a .example", "remove it", id="space"),
        pytest.param("a.example\n", "remove it", id="line-feed"),
        pytest.param("192.0.2.1 - 192.0.2.9", "remove it", id="range-with-spaces"),
        pytest.param("https://a.example/x", "no scheme; write 'a.example'", id="scheme"),
        pytest.param("a.example/x", "no path", id="path"),
        pytest.param("*.a.example/x", "'/'", id="path-behind-a-wildcard"),
        pytest.param("a.example,b.example", "an item of its own", id="list"),
        pytest.param("a.example;b.example", "an item of its own", id="list-with-semicolon"),
        pytest.param("a*b.example", "at the start, at the end", id="wildcard-inside"),
        pytest.param("*.*.example", "at the start, at the end", id="two-wildcards"),
        pytest.param("**", "at the start, at the end", id="wildcards-alone"),
        pytest.param("*.", "at the start, at the end", id="wildcard-and-a-dot"),
        pytest.param("a.*.b*", "at the start, at the end", id="wildcard-inside-and-behind"),
        pytest.param(".example", r"write '\*.example'", id="leading-dot"),
        pytest.param("*..example", "empty label", id="empty-label"),
        pytest.param(".*", "empty label", id="dot-then-wildcard"),
        pytest.param("*.-a.example", "hyphen", id="hyphen-at-a-label-start"),
        pytest.param("*_a.example", "'_'", id="underscore"),
        pytest.param("*bücher.example", "A-label", id="wildcard-touches-a-unicode-label"),
        pytest.param("*.1", "network", id="suffix-that-is-a-number"),
        pytest.param("*.0.0.1", "network", id="suffix-of-an-address"),
        pytest.param("10.*", "write the network '10.0.0.0/8'", id="address-by-wildcard"),
        pytest.param("192.168.1.*", "write the network '192.168.1.0/24'", id="longer-address-by-wildcard"),
        pytest.param(f"*{'a' * 64}", "63", id="label-too-long"),
        pytest.param(f"*.{'.'.join(['a' * 60] * 5)}", "253", id="literal-too-long"),
        pytest.param("a" * 5000, "longer than", id="huge"),
        pytest.param("127.1", "plain form", id="short-address"),
        pytest.param("192.0.2.7/24", "write '192.0.2.0/24', or '192.0.2.7'", id="host-bits"),
        pytest.param("192.0.2.0/33", "from 0 to 32", id="prefix-too-long"),
        pytest.param("192.0.2.0/024", "from 0 to 32", id="prefix-with-leading-zero"),
        pytest.param("192.0.2.0/", "from 0 to 32", id="prefix-missing"),
        pytest.param("192.0.2.0/255.255.255.0", "from 0 to 32", id="netmask"),
        pytest.param("2001:db8::/129", "from 0 to 128", id="ipv6-prefix-too-long"),
        pytest.param("::ffff:192.0.2.1", "write '192.0.2.1'", id="ipv4-mapped"),
        pytest.param("::ffff:192.0.2.0/120", "IPv4-mapped", id="ipv4-mapped-network"),
        pytest.param("192.0.2.9-192.0.2.1", "write '192.0.2.1-192.0.2.9'", id="reversed-range"),
        pytest.param("192.0.2.1-2001:db8::1", "both be IPv4 or both be IPv6", id="mixed-range"),
        pytest.param("192.0.2.1-9", "both ends of the range in full", id="short-range"),
        pytest.param("192.0.2.1-192.0.2.256", "both ends of the range in full", id="range-to-no-address"),
        pytest.param("a.example:", "port is missing", id="empty-port"),
        pytest.param("a.example:*", "leave", id="wildcard-port"),
        pytest.param("a.example:0", "from 1 to 65535", id="port-zero"),
        pytest.param("a.example:65536", "from 1 to 65535", id="port-too-high"),
        pytest.param("a.example:0443", "from 1 to 65535", id="port-with-leading-zero"),
        pytest.param("a.example:https", "from 1 to 65535", id="service-name"),
        pytest.param("a.example:443-80", "write '80-443'", id="reversed-ports"),
        pytest.param("a.example:80-", "from 1 to 65535", id="open-ports"),
        pytest.param(":443", "no host", id="port-alone"),
        pytest.param("2001:db8::/32:443", r"write '\[2001:db8::/32\]:443'", id="ipv6-network-and-port"),
        pytest.param("2001:db8::g", r"\[address\]:port", id="bad-ipv6"),
        pytest.param("[2001:db8::1", "not closed", id="open-bracket"),
        pytest.param("[2001:db8::]/32", "inside it", id="prefix-behind-the-bracket"),
        pytest.param("[a.example]:443", "remove them", id="name-in-brackets"),
        pytest.param("fe80::1%eth0", "zone id", id="zone-id"),
        pytest.param("[fe80::1%25eth0]:443", "zone id", id="zone-id-in-brackets"),
        pytest.param("fe80::%eth0/64", "zone id", id="zone-id-in-a-network"),
        pytest.param("a%2eexample", "percent-encoding", id="percent-encoded-dot"),
        pytest.param("*.%6fkta.com", "percent-encoding", id="percent-encoded-letter-behind-a-wildcard"),
        pytest.param("0x7f.0.0.1", "hexadecimal", id="hex-address"),
        pytest.param("0X7F000001:443", "hexadecimal", id="hex-address-as-one-number"),
        pytest.param("010.0.0.1", "octal to some", id="octal-address"),
        pytest.param("010.0.0.1-010.0.0.9", "octal to some", id="range-of-octal-addresses"),
        pytest.param("0x7f.0.0.0/8", "'0x7f.0.0.0' before the '/'", id="network-of-a-hex-address"),
        pytest.param("192.168.0/16", "'192.168.0' before the '/'", id="network-of-a-short-address"),
        pytest.param("fe80::g/10", "'fe80::g' before the '/'", id="network-of-a-bad-ipv6-address"),
        pytest.param("192.0.2.0/-1", "from 0 to 32", id="negative-prefix"),
        pytest.param("192.0.2.0/24/24", "from 0 to 32", id="two-prefixes"),
        pytest.param("2001:db8::9-2001:db8::1", "write '2001:db8::1-2001:db8::9'", id="reversed-ipv6-range"),
        pytest.param("a.example:99999999999", "from 1 to 65535", id="port-far-too-high"),
        pytest.param("a.example:0-443", "'0' is not a port", id="range-from-port-zero"),
        pytest.param("a.example:443-65536", "'65536' is not a port", id="range-to-no-port"),
        pytest.param("*.\u043ekta.com", "Cyrillic and Latin.*'xn--kta-red.com'", id="look-alike-behind-a-wildcard"),
        pytest.param("a\u202eb.example", r"U\+202E \(right-to-left override\)", id="bidi-control"),
        pytest.param("*.a\u2066b.example", r"U\+2066", id="bidi-control-behind-a-wildcard"),
        pytest.param("a\x00.example", "control", id="null"),
        pytest.param("*.a\x00.example", r"'\\x00'", id="null-behind-a-wildcard"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_how_to_mend_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_destination(text)


# --- properties ----------------------------------------------------------------------------------------------

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=4).map(lambda found: ".".join([*found, "tld"]))
ports = st.sampled_from(["", ":1", ":443", ":8000-8100"])


@st.composite
def name_patterns(draw: st.DrawFn) -> str:
    name = draw(names)
    start = draw(st.integers(0, len(name) - 1))
    end = draw(st.integers(start + 1, len(name)))
    before, behind = draw(st.sampled_from([("*", ""), ("", "*"), ("*", "*")]))
    return f"{before}{name[start if before else 0 : end if behind else None]}{behind}"


@st.composite
def address_patterns(draw: st.DrawFn) -> str:
    kind, bits = draw(st.sampled_from([(IPv4Address, 32), (IPv6Address, 96)]))
    low, high = sorted(draw(st.lists(st.integers(0, 2**bits - 1), min_size=2, max_size=2)))
    base = 0 if kind is IPv4Address else 0x2001_0DB8 << 96
    first, last = kind(base + low), kind(base + high)
    text = draw(st.sampled_from([f"{first}", f"{first}-{last}", f"{first}/{first.max_prefixlen}"]))
    port = draw(ports)
    return f"[{text}]{port}" if port and kind is IPv6Address else f"{text}{port}"


def parsed(text: str) -> Destination:
    try:
        return parse_destination(text)
    except ValueError:
        assume(False)
        raise


@given(st.one_of(names, name_patterns(), address_patterns()), st.data())
@tried(100)
def test_printing_and_parsing_are_inverse(text: str, data: st.DataObject) -> None:
    destination = parsed(text if ":" in text else text + data.draw(ports))
    assert parse_destination(str(destination)) == destination
    assert str(parse_destination(str(destination))) == str(destination)


@given(st.text(alphabet="ab1.*-:/[]% ü", max_size=14))
@tried(400)
def test_any_text_is_a_destination_that_prints_and_parses_or_a_mistake(text: str) -> None:
    try:
        destination = parse_destination(text)
    except ValueError:
        return
    assert parse_destination(str(destination)) == destination


@given(st.one_of(name_patterns(), names), names)
@tried(100)
def test_a_name_pattern_means_what_the_anchored_glob_means(text: str, name: str) -> None:
    pattern = parsed(text).target
    assert isinstance(pattern, NamePattern)
    glob = re.compile(".*".join(map(re.escape, text.split("*"))))
    for candidate in (name, text.strip("*.-") or name, f"x.{text.strip('*.-')}"):
        assert pattern.matches(candidate) is (glob.fullmatch(candidate) is not None)


@given(address_patterns(), st.ip_addresses(v=4))
def test_an_address_pattern_holds_exactly_what_lies_between_its_ends(text: str, ip: IPv4Address) -> None:
    target = parse_destination(text).target
    assert not isinstance(target, NamePattern)
    address = parse_address(str(ip))
    inside = target.first.version == 4 and int(target.first) <= int(ip) <= int(target.last)
    assert (address in target) is inside
    assert parse_destination(text).fit(Name("a.tld"), 1, address) in (
        (Fit.YES, Fit.OTHER_PORT) if inside else (Fit.NO,)
    )


@given(generated_rules.destinations(), generated_rules.flows(), st.booleans())
@tried(300)
def test_it_matches_where_nothing_is_missing_to_fit(destination: Destination, flow: Flow, apex: bool) -> None:
    where = flow.host, flow.port, flow.address
    fits = destination.fit(*where, wildcard_matches_apex=apex) is Fit.YES
    assert destination.matches(*where, wildcard_matches_apex=apex) is fits
