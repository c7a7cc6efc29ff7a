"""Captures read back: ways with the number of their first packet."""

from __future__ import annotations

from pathlib import Path

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.utils import wrpcap

from lab.netns.packets import sightings


def test_each_way_is_told_once_with_its_first_packet(tmp_path: Path) -> None:
    path = tmp_path / "link.pcap"
    there = Ether() / IP(src="192.0.2.11", dst="198.51.100.10") / TCP(sport=40001, dport=443, flags="S")
    back = Ether() / IP(src="198.51.100.10", dst="192.0.2.11") / TCP(sport=443, dport=40001, flags="SA")
    quic = Ether() / IP(src="192.0.2.11", dst="198.51.100.10") / UDP(sport=40002, dport=443) / b"\xc3"
    wrpcap(str(path), [Ether() / ARP(), there, back, there, quic])
    assert [str(each) for each in sightings(path)] == [
        "link.pcap packet 2: TCP 192.0.2.11:40001 > 198.51.100.10:443",
        "link.pcap packet 3: TCP 198.51.100.10:443 > 192.0.2.11:40001",
        "link.pcap packet 5: UDP 192.0.2.11:40002 > 198.51.100.10:443",
    ]
