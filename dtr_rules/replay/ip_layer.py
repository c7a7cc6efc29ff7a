"""IPv4 and IPv6 headers (RFC 791, RFC 8200): from the IP header to the TCP or UDP segment behind it."""

from __future__ import annotations

from typing import Final, NamedTuple

from dtr_rules.replay.reading import LeftOut

TCP: Final = 6
UDP: Final = 17
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSIONS: Final = frozenset({_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION, 135, 139, 140})
_MAX_EXTENSIONS: Final = 16


class Segment(NamedTuple):
    """A TCP or UDP header and what is behind it: `data[start:end]` of the frame. Addresses as 4 or 16 bytes."""

    protocol: int
    source: bytes
    target: bytes
    start: int
    end: int


def segment(frame: bytes, at: int) -> Segment | LeftOut:
    """The segment in the IP packet that starts at `at`, or why there is none."""
    if at >= len(frame):
        return LeftOut.BROKEN_HEADERS
    version = frame[at] >> 4
    if version == 4:
        return _ipv4(frame, at)
    return _ipv6(frame, at) if version == 6 else LeftOut.BROKEN_HEADERS


def is_multicast(address: bytes) -> bool:
    """Whether the address is for many: multicast, or IPv4's limited broadcast."""
    if len(address) == 4:
        return 224 <= address[0] <= 239 or address == b"\xff\xff\xff\xff"
    return address[0] == 0xFF


def _ipv4(frame: bytes, at: int) -> Segment | LeftOut:
    header = (frame[at] & 0x0F) * 4
    if header < 20 or at + header > len(frame):
        return LeftOut.BROKEN_HEADERS
    total = int.from_bytes(frame[at + 2 : at + 4], "big")
    end = _end(frame, at, total) if total else len(frame)  # 0: the network card was to fill it in
    if total and total < header:
        return LeftOut.BROKEN_HEADERS
    if int.from_bytes(frame[at + 6 : at + 8], "big") & 0x1FFF:
        return LeftOut.FRAGMENTS
    protocol = frame[at + 9]
    if protocol not in (TCP, UDP):
        return LeftOut.OTHER_PROTOCOL
    return Segment(protocol, frame[at + 12 : at + 16], frame[at + 16 : at + 20], at + header, end)


def _ipv6(frame: bytes, at: int) -> Segment | LeftOut:
    if at + 40 > len(frame):
        return LeftOut.BROKEN_HEADERS
    length = int.from_bytes(frame[at + 4 : at + 6], "big")
    end = _end(frame, at, 40 + length) if length else len(frame)
    following, start = frame[at + 6], at + 40
    for _ in range(_MAX_EXTENSIONS):
        if following not in _EXTENSIONS:
            break
        if start + 8 > end:
            return LeftOut.BROKEN_HEADERS
        if following == _FRAGMENT and int.from_bytes(frame[start + 2 : start + 4], "big") & 0xFFF8:
            return LeftOut.FRAGMENTS
        following, start = frame[start], start + _extension_length(frame, start, following)
    if following not in (TCP, UDP):
        return LeftOut.OTHER_PROTOCOL
    if start > end:
        return LeftOut.BROKEN_HEADERS
    return Segment(following, frame[at + 8 : at + 24], frame[at + 24 : at + 40], start, end)


def _extension_length(frame: bytes, start: int, kind: int) -> int:
    if kind == _FRAGMENT:
        return 8
    if kind == _AUTHENTICATION:  # RFC 4302, 2.2: counted in four bytes, less two of them
        return (frame[start + 1] + 2) * 4
    return (frame[start + 1] + 1) * 8


def _end(frame: bytes, at: int, length: int) -> int:
    """Where the packet ends; what an Ethernet card adds behind it (padding, checksum) does not count."""
    return min(len(frame), at + length)
