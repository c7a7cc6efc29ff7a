"""Captures made by code: real ClientHellos, packets built and files written by scapy, QUIC by aioquic."""

from __future__ import annotations

import ssl
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import RawPcapNgWriter, RawPcapWriter

ETHERNET = 1
CLIENT, SERVER, RESOLVER = "192.0.2.10", "203.0.113.7", "192.0.2.53"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8:1::7"


def client_hello(name: str | None, *, alpn: Sequence[str] = ()) -> bytes:
    """What OpenSSL sends first for this name, in its record."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a handshake without a server")


def in_records(hello: bytes, size: int) -> bytes:
    """The handshake message of `hello` in records of `size` bytes."""
    message = hello[5:]
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(part)) + part for part in parts)


def with_extension(hello: bytes, kind: int, data: bytes) -> bytes:
    """`hello` (one record) with one extension more."""
    message = bytearray(hello[5:])
    at = 4 + 34
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2], "big")
    at += 1 + message[at]
    extension = struct.pack(">HH", kind, len(data)) + data
    message += extension
    message[at : at + 2] = struct.pack(">H", int.from_bytes(message[at : at + 2], "big") + len(extension))
    message[1:4] = (len(message) - 4).to_bytes(3, "big")
    return hello[:3] + struct.pack(">H", len(message)) + bytes(message)


def ip(source: str, target: str) -> Packet:
    return IPv6(src=source, dst=target) if ":" in source else IP(src=source, dst=target)


def tcp_talk(
    sent: Sequence[bytes],
    *,
    client: str = CLIENT,
    server: str = SERVER,
    client_port: int = 50000,
    port: int = 443,
    answer: bytes = b"",
    first: int = 1000,
    handshake: bool = True,
) -> list[bytes]:
    """IP packets of a TCP connection: its handshake, what the client sends, what the server answers."""
    there, back = ip(client, server), ip(server, client)
    up, down = {"sport": client_port, "dport": port}, {"sport": port, "dport": client_port}
    packets = []
    if handshake:
        packets += [
            there / TCP(**up, seq=first, flags="S"),
            back / TCP(**down, seq=7, ack=(first + 1) % 2**32, flags="SA"),
            there / TCP(**up, seq=(first + 1) % 2**32, ack=8, flags="A"),
        ]
    sequence = first + 1
    for data in sent:
        packets.append(there / TCP(**up, seq=sequence % 2**32, ack=8, flags="PA") / data)
        sequence += len(data)
    if answer:
        packets.append(back / TCP(**down, seq=8, ack=sequence % 2**32, flags="PA") / answer)
    return [bytes(packet) for packet in packets]


def udp(payload: bytes, *, source: str = CLIENT, target: str = SERVER, ports: tuple[int, int] = (50000, 443)) -> bytes:
    return bytes(ip(source, target) / UDP(sport=ports[0], dport=ports[1]) / payload)


def dns_answer(name: str, *records: tuple[str, str, str]) -> bytes:
    """A DNS message: records of owner, type and data."""
    answers = [DNSRR(rrname=owner, type=kind, rdata=data, ttl=60) for owner, kind, data in records]
    question = DNSQR(qname=name, qtype="AAAA" if any(kind == "AAAA" for _, kind, _ in records) else "A")
    return bytes(DNS(id=1, qr=1, rd=1, ra=1, qd=question, an=answers))


def quic_initials(name: str, *, version: int = 1, alpn: Sequence[str] = ("h3",), padding: int = 0) -> list[bytes]:
    """The datagrams that aioquic's client sends first."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=[*alpn, *("x" * 200 for _ in range(padding))])
    configuration.server_name = name
    configuration.original_version = configuration.supported_versions[0] = version
    configuration.supported_versions = [version]
    connection = QuicConnection(configuration=configuration)
    connection.connect(("203.0.113.7", 443), now=0.0)
    return [data for data, _address in connection.datagrams_to_send(now=0.0)]


def ethernet(packets: Iterable[bytes]) -> list[bytes]:
    return [bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=_type(each)) / each) for each in packets]


def _type(packet: bytes) -> int:
    return 0x86DD if packet[0] >> 4 == 6 else 0x0800


def write_pcap(path: Path, packets: Iterable[bytes], *, link: int = ETHERNET, **options: object) -> Path:
    with RawPcapWriter(str(path), linktype=link, **options) as writer:
        for packet in packets:
            writer.write(packet)
    return path


def write_pcapng(path: Path, packets: Iterable[bytes], *, link: int = ETHERNET) -> Path:
    with RawPcapNgWriter(str(path)) as writer:
        writer.linktype = link
        for packet in packets:
            writer.write(packet)
    return path


def phone() -> list[bytes]:
    """A phone that signs in: the capture in docs/examples."""
    device, lookups = "192.168.1.20", {
        "acme.okta.com": "203.0.113.7",
        "login.microsoftonline.com": "203.0.113.20",
        "outlook.office365.com": "203.0.113.30",
        "evilacme.okta.com": "198.51.100.66",
        "imap.acme.example": "198.51.100.25",
    }  # fmt: skip
    packets = [
        udp(dns_answer(name, (name, "A", address)), source="192.168.1.1", target=device, ports=(53, 50_000 + number))
        for number, (name, address) in enumerate(lookups.items())
    ]
    for number, (name, port, answer) in enumerate(
        [
            ("acme.okta.com", 443, 5_200),
            ("acme.okta.com", 443, 900),
            ("login.microsoftonline.com", 443, 5_300),
            ("outlook.office365.com", 443, 9_000),
            ("evilacme.okta.com", 443, 1_800),
            ("imap.acme.example", 993, 2_400),
        ]
    ):
        hello = client_hello(name) if port == 443 else b""
        sent = [hello[:300], hello[300:]] if hello else []
        server = lookups[name]
        packets += tcp_talk(sent, client=device, server=server, client_port=51_000 + number, port=port)
        packets += [
            bytes(ip(server, device) / TCP(sport=port, dport=51_000 + number, seq=8 + at, flags="A") / bytes(size))
            for at in range(0, answer, 1400)
            if (size := min(1400, answer - at))
        ]
    packets += [
        udp(each, source=device, target=lookups["login.microsoftonline.com"], ports=(52_000, 443))
        for each in quic_initials("login.microsoftonline.com")
    ]
    packets += tcp_talk(
        [b"GET /hotspot-detect.html HTTP/1.1\r\nHost: captive.example\r\nUser-Agent: CaptiveNetworkSupport\r\n\r\n"],
        client=device, server="198.51.100.80", port=80, answer=b"HTTP/1.1 200 OK\r\n\r\nSuccess",
    )  # fmt: skip
    packets += tcp_talk([b"\x17\x03\x03\x00\x20" + bytes(32)], client=device, server="198.51.100.99", handshake=False)
    return ethernet(packets)


if __name__ == "__main__":
    write_pcap(Path(sys.argv[1]), phone())
