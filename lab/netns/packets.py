"""Captured packets as conversations: who sent to whom, by TCP or UDP."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from dtr_rules.replay.ip_layer import TCP, UDP, segment
from dtr_rules.replay.link_layer import ip_start
from dtr_rules.replay.packet_file import packets
from dtr_rules.replay.reading import LeftOut
from lab.netns.way import Sighting, Way


def sightings(path: Path) -> tuple[Sighting, ...]:
    """Every way of TCP and UDP in a capture, in the order in which they were first seen.

    Raises dtr_rules.replay.packet_file.PacketFileError where the file is cut or damaged.
    """
    first: dict[Way, int] = {}
    with path.open("rb") as stream:
        for number, (frame, link, _length) in enumerate(packets(stream), 1):
            for way in _ways(frame, link):
                first.setdefault(way, number)
    return tuple(Sighting(way, path.name, number) for way, number in first.items())


def _ways(frame: bytes, link: int) -> Iterator[Way]:
    start = ip_start(frame, link)
    if isinstance(start, LeftOut):
        return
    found = segment(frame, start)
    if isinstance(found, LeftOut) or found.protocol not in (TCP, UDP):
        return
    ports = (
        int.from_bytes(frame[found.start : found.start + 2]),
        int.from_bytes(frame[found.start + 2 : found.start + 4]),
    )
    source, target = (str(ipaddress.ip_address(raw)) for raw in (found.source, found.target))
    yield Way(found.protocol, source, ports[0], target, ports[1])
