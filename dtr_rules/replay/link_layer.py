"""Where in a captured frame the IP packet starts, for the link types that captures of devices have.

Numbers: the registry of link types (draft-ietf-opsawg-pcaplinktype; tcpdump.org/linktypes.html).
"""

from __future__ import annotations

from typing import Final

from dtr_rules.replay.reading import LeftOut

NULL: Final = 0
ETHERNET: Final = 1
RAW: Final = frozenset({12, 14, 101, 228, 229})
"""IP without anything before it; 12 and 14 as some BSDs number it, 228 and 229 for IPv4 and IPv6 alone."""
LOOP: Final = 108
LINUX_COOKED: Final = 113
LINUX_COOKED_2: Final = 276

_IPV4, _IPV6 = b"\x08\x00", b"\x86\xdd"
_VLAN_TAGS: Final = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
_MAX_TAGS: Final = 4
_FAMILIES: Final = frozenset({2, 10, 24, 28, 30})  # AF_INET, and AF_INET6 of Linux, NetBSD, FreeBSD, macOS


def ip_start(frame: bytes, link: int) -> int | LeftOut:
    """The offset of the IP header, or why there is none."""
    if link == ETHERNET:
        return _behind_type(frame, 12)
    if link in RAW:
        return 0
    if link == LINUX_COOKED:
        return _behind_type(frame, 14)
    if link == LINUX_COOKED_2:
        return 20 if frame[:2] in (_IPV4, _IPV6) else LeftOut.NOT_IP
    if link in (NULL, LOOP):
        families = int.from_bytes(frame[:4], "big"), int.from_bytes(frame[:4], "little")
        return 4 if any(family in _FAMILIES for family in families) else LeftOut.NOT_IP
    return LeftOut.OTHER_LINK


def _behind_type(frame: bytes, at: int) -> int | LeftOut:
    """Behind the two-byte EtherType at `at`, and behind VLAN tags where that names one."""
    for _ in range(_MAX_TAGS + 1):
        kind = frame[at : at + 2]
        if kind in (_IPV4, _IPV6):
            return at + 2
        if kind not in _VLAN_TAGS:
            break
        at += 4
    return LeftOut.NOT_IP
