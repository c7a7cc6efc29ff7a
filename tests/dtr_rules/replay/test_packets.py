"""From packets to visits: every link and IP form, names out of first bytes, whatever the network did to them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from captures import (
    CLIENT,
    CLIENT6,
    RESOLVER,
    SERVER,
    SERVER6,
    client_hello,
    dns_answer,
    ethernet,
    in_records,
    ip,
    quic_initials,
    tcp_talk,
    udp,
    with_extension,
    write_pcap,
    write_pcapng,
)
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_RR, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.l2 import ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback
from scapy.utils import RawPcapWriter

from dtr_rules.replay import capture, naming
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.packet_visits import visits
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import NamedBy, Transport, Visit

RAW_IP = 101
HELLO = client_hello("acme.okta.com")


def seen(packets: Iterable[bytes], link: int = RAW_IP, names: Names | None = None) -> tuple[list[Visit], Reading]:
    reading = Reading("x")
    source = ((packet, link, len(packet)) for packet in packets)
    return list(visits(source, reading, names or Names())), reading


def only(packets: Iterable[bytes], link: int = RAW_IP) -> Visit:
    (visit,), _reading = seen(packets, link)
    return visit


def about(visit: Visit) -> tuple[str, int, Transport, NamedBy]:
    return str(visit.host), visit.port, visit.transport, visit.named_by


BY_SNI = ("acme.okta.com", 443, Transport.TCP, NamedBy.SNI)


# --- link and network layers -----------------------------------------------------------------------------------


def framed(kind: str, packet: bytes) -> bytes:
    v6 = packet[0] >> 4 == 6
    kinds = 0x86DD if v6 else 0x0800
    return bytes(
        {
            "ethernet": lambda: Ether(dst="02:00:00:00:00:01", type=kinds) / packet,
            "vlan": lambda: Ether(dst="02:00:00:00:00:01") / Dot1Q(vlan=5, type=kinds) / packet,
            "q-in-q": lambda: Ether(dst="02:00:00:00:00:01") / Dot1AD(vlan=5) / Dot1Q(vlan=6, type=kinds) / packet,
            "linux-cooked": lambda: CookedLinux(proto=kinds) / packet,
            "linux-cooked-2": lambda: CookedLinuxV2(proto=kinds) / packet,
            "null": lambda: Loopback(type=30 if v6 else 2) / packet,
            "loop": lambda: Loopback(type=30 if v6 else 2) / packet,
            "raw": lambda: packet,
        }[kind]()
    )


LINKS = {"ethernet": 1, "vlan": 1, "q-in-q": 1, "linux-cooked": 113, "linux-cooked-2": 276, "null": 0, "loop": 108,
         "raw": RAW_IP}  # fmt: skip


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize(("client", "server"), [(CLIENT, SERVER), (CLIENT6, SERVER6)], ids=["ipv4", "ipv6"])
def test_every_link_leads_to_the_name(kind: str, client: str, server: str) -> None:
    packets = [framed(kind, each) for each in tcp_talk([HELLO], client=client, server=server, answer=b"x" * 100)]
    visit = only(packets, LINKS[kind])
    assert about(visit) == BY_SNI
    assert (str(visit.address), str(visit.client)) == (server, client)
    assert (visit.packets, visit.bytes_up + visit.bytes_down) == (len(packets), sum(map(len, packets)))
    assert visit.bytes_down == len(packets[1]) + len(packets[-1])


def test_ipv4_options_and_ethernet_padding_are_no_content() -> None:
    packets = []
    for packet in tcp_talk([HELLO[:20], HELLO[20:]]):
        layered = IP(packet)
        layered.options = [IPOption_RR(length=7, routers=["0.0.0.0"])]
        del layered.ihl, layered.len, layered.chksum
        packets.append(bytes(layered) + b"padding")
    assert about(only(packets)) == BY_SNI


def test_ipv6_extension_headers_are_walked() -> None:
    headers = IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(offset=0, m=0)
    packets = [
        bytes(IPv6(src=CLIENT6, dst=SERVER6) / headers / IPv6(packet).payload)
        for packet in tcp_talk([HELLO], client=CLIENT6, server=SERVER6)
        if IPv6(packet).src == CLIENT6
    ]
    assert about(only(packets)) == BY_SNI


def test_fragments_behind_the_first_are_counted_and_told() -> None:
    big = tcp_talk([HELLO + b"\x17\x03\x03\x0b\xb8" + b"x" * 3000])
    pieces = [bytes(piece) for packet in big for piece in fragment(IP(packet), fragsize=1480)]
    found, reading = seen(pieces)
    assert [about(each) for each in found] == [BY_SNI]
    assert reading.left_out == {LeftOut.FRAGMENTS: 2}

    whole = IPv6(src=CLIENT6, dst=SERVER6) / IPv6ExtHdrFragment() / UDP(sport=5, dport=443) / (b"x" * 3000)
    _found, reading = seen(bytes(piece) for piece in fragment6(whole, 1280))
    assert reading.left_out == {LeftOut.FRAGMENTS: 2}


@pytest.mark.parametrize(
    ("packet", "link", "why"),
    [
        pytest.param(bytes(Ether() / ARP()), 1, LeftOut.NOT_IP, id="arp"),
        pytest.param(bytes(IP(dst=SERVER) / ICMP()), RAW_IP, LeftOut.OTHER_PROTOCOL, id="icmp"),
        pytest.param(bytes(IPv6(dst=SERVER6, nh=58) / b"12345678"), RAW_IP, LeftOut.OTHER_PROTOCOL, id="icmpv6"),
        pytest.param(udp(b"x", target="224.0.0.251", ports=(5353, 5353)), RAW_IP, LeftOut.MULTICAST, id="mdns"),
        pytest.param(udp(b"x", target="255.255.255.255"), RAW_IP, LeftOut.MULTICAST, id="broadcast"),
        pytest.param(udp(b"x", source=CLIENT6, target="ff02::fb"), RAW_IP, LeftOut.MULTICAST, id="multicast-v6"),
        pytest.param(b"", RAW_IP, LeftOut.BROKEN_HEADERS, id="empty"),
        pytest.param(udp(b"x")[:24], RAW_IP, LeftOut.BROKEN_HEADERS, id="cut"),
        pytest.param(b"\x41" + udp(b"x")[1:], RAW_IP, LeftOut.BROKEN_HEADERS, id="ihl-1"),
        pytest.param(b"\x95" + udp(b"x")[1:], RAW_IP, LeftOut.BROKEN_HEADERS, id="version-9"),
        pytest.param(udp(b"x"), 105, LeftOut.OTHER_LINK, id="wifi"),
        pytest.param(bytes(4) + udp(b"x"), 0, LeftOut.NOT_IP, id="null-of-no-family"),
    ],
)
def test_what_counts_towards_nothing_is_told(packet: bytes, link: int, why: LeftOut) -> None:
    found, reading = seen([packet], link)
    assert found == []
    assert reading.left_out == {why: 1}
    assert reading.counts["packets"] == 1


# --- TCP -------------------------------------------------------------------------------------------------------


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 50, 500])
def test_a_hello_in_many_segments(size: int) -> None:
    assert about(only(tcp_talk(pieces(HELLO, max(size, 9))))) == BY_SNI


def test_records_within_segments() -> None:
    assert about(only(tcp_talk(pieces(in_records(HELLO, 97), 61)))) == BY_SNI


def test_segments_in_any_order_twice_and_overlapping() -> None:
    handshake, sent = tcp_talk([])[:3], tcp_talk(pieces(HELLO, 100))[3:]
    overlap = tcp_talk([HELLO[:150]])[3:]
    assert about(only([*handshake, *reversed(sent), *sent, *overlap])) == BY_SNI
    assert about(only([*handshake, sent[2], *overlap, *sent])) == BY_SNI


def test_a_later_copy_of_a_byte_does_not_count() -> None:
    other = client_hello("evil.example").ljust(len(HELLO), b"\0")
    handshake, sent, late = tcp_talk([])[:3], tcp_talk(pieces(HELLO, 80))[3:], tcp_talk(pieces(other, 80))[3:]
    mixed = [packet for pair in zip(sent, late, strict=True) for packet in pair]
    assert about(only([*handshake, *mixed])) == BY_SNI


def test_sequence_numbers_wrap_around() -> None:
    assert about(only(tcp_talk(pieces(HELLO, 100), first=2**32 - 150))) == BY_SNI
    assert about(only(tcp_talk(pieces(HELLO, 100), first=2**32 - 1))) == BY_SNI


def test_data_in_the_syn_counts() -> None:
    up = {"sport": 50000, "dport": 443}
    syn = bytes(ip(CLIENT, SERVER) / TCP(**up, seq=99, flags="S") / HELLO[:200])
    rest = bytes(ip(CLIENT, SERVER) / TCP(**up, seq=300, flags="PA") / HELLO[200:])
    assert about(only([syn, rest])) == BY_SNI


def test_a_missing_segment_leaves_the_address_and_is_told() -> None:
    handshake, sent = tcp_talk([])[:3], tcp_talk(pieces(HELLO, 100))[3:]
    (visit,), reading = seen([*handshake, *sent[1:]])
    assert about(visit) == (SERVER, 443, Transport.TCP, NamedBy.ADDRESS)
    assert reading.left_out == {LeftOut.STREAM_GAPS: 1}


def test_without_the_handshake_the_hello_says_who_is_the_client() -> None:
    ports = {"client_port": 40000, "port": 50443}
    answer_first = tcp_talk([HELLO], **ports, handshake=False, answer=b"\x16\x03\x03\0\x04\x02\0\0\0")
    for packets in (answer_first, answer_first[::-1]):
        visit = only(packets)
        assert about(visit) == ("acme.okta.com", 50443, Transport.TCP, NamedBy.SNI)
        assert (str(visit.client), visit.bytes_up) == (CLIENT, len(answer_first[0]))


def test_in_the_middle_of_a_connection_ports_tell_the_server() -> None:
    packets = tcp_talk([b"\x17\x03\x03\0\x05hello"], handshake=False, answer=b"x" * 50)
    for order in (packets, packets[::-1]):
        visit = only(order)
        assert about(visit) == (SERVER, 443, Transport.TCP, NamedBy.ADDRESS)
        assert visit.bytes_down == len(packets[1])


def test_ports_that_are_used_again_are_another_connection() -> None:
    first, second = tcp_talk([HELLO]), tcp_talk([client_hello("other.example")], first=99_000)
    found, _reading = seen([*first, *second])
    assert [str(each.host) for each in found] == ["acme.okta.com", "other.example"]
    assert [each.packets for each in found] == [4, 4]


def test_a_syn_that_is_sent_again_is_none() -> None:
    packets = tcp_talk([HELLO])
    assert only([packets[0], *packets]).packets == 5


def test_broken_hellos_and_names_that_are_none() -> None:
    broken = HELLO[:5] + b"\x01\0\0\x02zz" + HELLO[11:]
    for hello, why in (
        (broken, LeftOut.BROKEN_HELLOS),
        (client_hello("acme-okta.com").replace(b"acme-okta", b"acme_okta"), LeftOut.BAD_NAMES),
    ):
        (visit,), reading = seen(tcp_talk([hello]))
        assert about(visit) == (SERVER, 443, Transport.TCP, NamedBy.ADDRESS)
        assert reading.left_out == {why: 1}


def test_ech_is_marked() -> None:
    assert only(tcp_talk([with_extension(HELLO, 0xFE0D, b"\0" * 12)])).encrypted_client_hello


@pytest.mark.parametrize(
    ("request_head", "host", "port"),
    [
        pytest.param("GET / HTTP/1.1\r\nHost: Login.Acme.Example\r\n\r\n", "login.acme.example", 80, id="host"),
        pytest.param("GET / HTTP/1.1\r\nhost:a.example:8080\r\n\r\n", "a.example", 80, id="host-with-port"),
        pytest.param("CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", "acme.okta.com", 443, id="connect"),
        pytest.param("GET http://b.example/ HTTP/1.1\r\nHost: c\r\n\r\n", "b.example", 80, id="absolute"),
        pytest.param("GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n", "2001:db8::1", 80, id="ipv6"),
    ],
)
@pytest.mark.parametrize("size", [3, 1400])
def test_http_heads_name_the_host(request_head: str, host: str, port: int, size: int) -> None:
    visit = only(tcp_talk(pieces(request_head.encode(), size), port=80))
    assert about(visit) == (host, port, Transport.TCP, NamedBy.HTTP)


@pytest.mark.parametrize(
    "data",
    [b"EHLO a.example\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", b"\0"],
)
def test_other_first_words_leave_the_address(data: bytes) -> None:
    assert about(only(tcp_talk([data], port=25))) == (SERVER, 25, Transport.TCP, NamedBy.ADDRESS)


def test_the_user_agent_is_kept() -> None:
    visit = only(tcp_talk([b"GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Outlook/1\r\n\r\n"], port=80))
    assert visit.user_agent == "Outlook/1"


# --- QUIC ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 0x6B3343CF], ids=["v1", "v2"])
@pytest.mark.parametrize("padding", [0, 20], ids=["one-datagram", "several"])
def test_quic_initials_name_the_host(version: int, padding: int) -> None:
    datagrams = quic_initials("acme.okta.com", version=version, padding=padding)
    assert (len(datagrams) > 1) is bool(padding)
    for order in (datagrams, datagrams[::-1]):
        visit = only([udp(each) for each in order])
        assert about(visit) == ("acme.okta.com", 443, Transport.UDP, NamedBy.QUIC)


def test_quic_that_cannot_be_read_is_told() -> None:
    (datagram,) = quic_initials("acme.okta.com")
    draft = datagram[:1] + b"\xff\0\0\x1d" + datagram[5:]
    damaged = datagram[:200] + bytes([datagram[200] ^ 1]) + datagram[201:]
    for payload, why in ((draft, LeftOut.OTHER_QUIC), (damaged, LeftOut.UNREADABLE_QUIC)):
        (visit,), reading = seen([udp(payload)])
        assert about(visit) == (SERVER, 443, Transport.UDP, NamedBy.ADDRESS)
        assert reading.left_out == {why: 1}


def test_other_udp_is_no_quic() -> None:
    found, reading = seen([udp(b"\x40" + bytes(40)), udp(b"hello", ports=(50001, 4000))])
    assert [about(each)[1:3] for each in found] == [(443, Transport.UDP), (4000, Transport.UDP)]
    assert not reading.left_out


# --- DNS -------------------------------------------------------------------------------------------------------


ALIASES = dns_answer(
    "login.acme.example",
    ("login.acme.example", "CNAME", "acme.okta.com"),
    ("acme.okta.com", "CNAME", "edge.example.net"),
    ("edge.example.net", "A", SERVER),
    ("stranger.example", "A", "203.0.113.99"),
)


def resolved(message: bytes) -> bytes:
    return udp(message, source=RESOLVER, target=CLIENT, ports=(53, 50000))


def test_dns_answers_name_addresses_by_what_was_asked() -> None:
    names = Names()
    found, _reading = seen([resolved(ALIASES), *tcp_talk([b"\0binary"], port=993)], names=names)
    assert [about(each) for each in found] == [
        ("login.acme.example", 993, Transport.TCP, NamedBy.DNS),
        (RESOLVER, 53, Transport.UDP, NamedBy.ADDRESS),
    ]
    assert names.of(bytes([203, 0, 113, 99])) is None


def test_dns_answers_name_ipv6_addresses() -> None:
    answer = resolved(dns_answer("v6.example", ("v6.example", "AAAA", SERVER6)))
    found, _reading = seen([answer, *tcp_talk([], client=CLIENT6, server=SERVER6)])
    assert about(found[0]) == ("v6.example", 443, Transport.TCP, NamedBy.DNS)


def test_the_server_name_goes_before_dns() -> None:
    found, _reading = seen([resolved(ALIASES), *tcp_talk([HELLO])])
    assert about(found[0]) == BY_SNI


def test_a_later_answer_does_not_rename_a_connection() -> None:
    other = resolved(dns_answer("other.example", ("other.example", "A", SERVER)))
    found, _reading = seen([resolved(ALIASES), *tcp_talk([]), other, *tcp_talk([], client_port=50001)])
    assert [str(each.host) for each in found if each.port == 443] == ["login.acme.example", "other.example"]


def test_dns_over_tcp_is_read_too() -> None:
    framed_answer = len(ALIASES).to_bytes(2, "big") + ALIASES
    query = tcp_talk([b"\0\x05query"], server=RESOLVER, port=53, client_port=40001)
    answer = [
        bytes(ip(RESOLVER, CLIENT) / TCP(sport=53, dport=40001, seq=8 + at, flags="PA") / framed_answer[at : at + 30])
        for at in range(0, len(framed_answer), 30)
    ]
    found, _reading = seen([*query, *answer, *tcp_talk([])])
    assert about(found[1]) == ("login.acme.example", 443, Transport.TCP, NamedBy.DNS)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(ALIASES[:-3], id="cut"),
        pytest.param(ALIASES[:12] + b"\xc0\x0c" + ALIASES[14:], id="points-to-itself"),
        pytest.param(ALIASES[:12] + b"\xc0\xff" + ALIASES[14:], id="points-forward"),
        pytest.param(b"\0" * 5, id="short"),
    ],
)
def test_damaged_answers_are_told(message: bytes) -> None:
    _found, reading = seen([resolved(message)])
    assert reading.left_out == {LeftOut.BROKEN_DNS: 1}


def test_questions_and_errors_say_nothing() -> None:
    question = ALIASES[:2] + b"\x01\0" + ALIASES[4:]
    refused = ALIASES[:3] + b"\x85" + ALIASES[4:]
    _found, reading = seen([resolved(question), resolved(refused)])
    assert not reading.left_out


# --- bounds ----------------------------------------------------------------------------------------------------


def bounded(packets: Iterable[bytes], limit: int) -> tuple[list[Visit], Reading]:
    reading = Reading("x")
    source = ((packet, RAW_IP, len(packet)) for packet in packets)
    return list(visits(source, reading, Names(), max_conversations=limit)), reading


def test_the_table_of_conversations_is_bounded_and_nothing_is_lost() -> None:
    packets = [packet for number in range(100) for packet in tcp_talk([HELLO], client_port=10_000 + number)]
    found, reading = bounded(packets, 16)
    assert len(found) == 100
    assert reading.left_out[LeftOut.CONVERSATIONS_EVICTED] == 84
    assert {about(each) for each in found} == {BY_SNI}
    assert sum(each.bytes_up + each.bytes_down for each in found) == sum(map(len, packets))


def test_the_quietest_conversations_go_first() -> None:
    busy = tcp_talk([HELLO], client_port=9_999)
    others = [packet for number in range(100) for packet in [*tcp_talk([], client_port=10_000 + number), busy[2]]]
    found, _reading = bounded([*busy, *others], 16)
    assert [each.packets for each in found if str(each.host) == "acme.okta.com"] == [len(busy) + 100]


def test_bytes_kept_for_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming.Naming.__init__, "__defaults__", (2000,))
    half = [packet for number in range(20) for packet in tcp_talk([HELLO[:300]], client_port=10_000 + number)]
    found, reading = seen(half)
    assert len(found) == 20
    assert reading.left_out == {LeftOut.STREAMS_GIVEN_UP: 14, LeftOut.STREAM_GAPS: 6}


def test_names_are_bounded_and_the_oldest_go() -> None:
    names = Names(limit=4)
    answers = [resolved(dns_answer(f"h{n}.example", (f"h{n}.example", "A", f"203.0.113.{n}"))) for n in range(10)]
    seen(answers, names=names)
    assert names.forgotten == 6
    assert [str(names.of(bytes([203, 0, 113, n]))) for n in (5, 6, 9)] == ["None", "h6.example", "h9.example"]


# --- files -----------------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[list[Visit], Reading]:
    reading = Reading(str(path))
    return list(capture.visits(path, reading, Names(), lambda _count: None)), reading


FILES = {
    "pcap": lambda path, packets: write_pcap(path, packets),
    "pcap-big-endian": lambda path, packets: write_pcap(path, packets, endianness=">"),
    "pcap-nanoseconds": lambda path, packets: write_pcap(path, packets, nano=True),
    "pcap-gzip": lambda path, packets: write_pcap(path, packets, gz=True),
    "pcapng": lambda path, packets: write_pcapng(path, packets),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_of_every_kind(kind: str, tmp_path: Path) -> None:
    packets = ethernet([*tcp_talk([HELLO]), *(udp(each) for each in quic_initials("login.windows.net"))])
    found, reading = read(FILES[kind](tmp_path / "capture", packets))
    assert sorted(str(each.host) for each in found) == ["acme.okta.com", "login.windows.net"]
    assert (reading.format, reading.complete) == (kind.partition("-")[0], True)
    assert reading.counts == {"packets": 5, "bytes": sum(map(len, packets))}


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_file_may_end_anywhere(kind: str, tmp_path: Path) -> None:
    packets = ethernet(tcp_talk([b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"], answer=b"x"))
    whole = FILES[kind](tmp_path / "capture", packets).read_bytes()
    complete = 0
    for length in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        found, reading = read(tmp_path / "cut")
        complete += reading.complete
        assert sum(each.packets for each in found) <= len(packets)
        assert reading.complete or reading.problems[0]
    assert (
        complete == {"pcap": len(packets), "pcapng": len(packets) + 1}[kind]
    )  # between two records nothing is missing


def test_what_was_read_before_the_cut_counts(tmp_path: Path) -> None:
    whole = write_pcap(tmp_path / "capture", ethernet(tcp_talk([HELLO], answer=b"x" * 1000))).read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-500])
    (visit,), reading = read(tmp_path / "cut")
    assert about(visit) == BY_SNI
    assert reading.problems == ["after packet 5: the file ends within a packet, 554 of 1,054 bytes"]


def test_a_record_that_claims_too_much_ends_the_reading(tmp_path: Path) -> None:
    whole = write_pcap(tmp_path / "capture", ethernet(tcp_talk([HELLO]))).read_bytes()
    (tmp_path / "bad").write_bytes(whole + b"\xff" * 16 + bytes(100))
    (visit,), reading = read(tmp_path / "bad")
    assert about(visit) == BY_SNI
    assert "claims a packet of 4,294,967,295 bytes" in reading.problems[0]


def test_packets_cut_by_the_snap_length_still_count_whole(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    with RawPcapWriter(str(path), linktype=RAW_IP) as writer:
        writer.write_header(b"")
        for packet in tcp_talk([HELLO]):
            writer._write_packet(
                packet[:64], sec=0, usec=0, caplen=len(packet[:64]), wirelen=len(packet), linktype=RAW_IP
            )
    (visit,), reading = read(path)
    assert about(visit)[3] is NamedBy.ADDRESS
    assert visit.bytes_up + visit.bytes_down == sum(map(len, tcp_talk([HELLO])))
    assert reading.left_out == {LeftOut.STREAM_GAPS: 1}


def test_sections_of_a_pcapng_have_interfaces_of_their_own(tmp_path: Path) -> None:
    first = write_pcapng(tmp_path / "one", ethernet(tcp_talk([HELLO]))).read_bytes()
    second = write_pcapng(tmp_path / "two", tcp_talk([HELLO], client_port=50001), link=RAW_IP).read_bytes()
    (tmp_path / "both").write_bytes(first + second)
    found, reading = read(tmp_path / "both")
    assert [about(each) for each in found] == [BY_SNI, BY_SNI]
    assert reading.complete


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b"hello", "of no format that dtr reads", id="text"),
        pytest.param(b"\xd4\xc3\xb2\xa1\x02\0", "after packet 0", id="pcap-header-cut"),
        pytest.param(b"\x0a\x0d\x0d\x0a\x1c\0\0\0zzzz", "after packet 0", id="pcapng-header-bad"),
        pytest.param(b"\x1f\x8b\x08\0", "gzip", id="gzip-cut"),
        pytest.param(b"\x1f\x8bxxxxxxxxxxxxx", "cannot read this file", id="gzip-bad"),
    ],
)
def test_what_is_no_capture_is_told(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(content)
    found, reading = read(tmp_path / "bad")
    assert found == []
    assert reading.unusable
    assert words in reading.problems[0]


def test_files_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    assert "No such file" in read(tmp_path / "absent")[1].problems[0]
    assert "Is a directory" in read(tmp_path)[1].problems[0]
