"""From packets to visits: the loop that sees every packet, and what it does with those that it does not know yet.

Most packets of a large capture belong to conversations whose name is known. For them the loop does three slices, two
look-ups and three additions; everything else is for `_Wire`, which reads header after header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from dtr_rules.replay import ip_layer, link_layer
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.conversations import MAX_CONVERSATIONS, Conversation, Direction, Table
from dtr_rules.replay.naming import Naming
from dtr_rules.replay.packet_file import Packet, PacketFileError
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import Transport, Visit

_SYN, _ACK = 0x02, 0x10
_FIRST_OF_MANY: Final = 1024  # ports below are servers'


class _Layout(NamedTuple):
    """Where things stand in a frame whose IP header has no options."""

    fragment: slice
    protocol: slice
    key: slice
    flags: slice


def _layout(version: int, start: int) -> _Layout:
    if version == 4:
        return _Layout(
            slice(start + 6, start + 8), slice(start + 9, start + 10), slice(start + 12, start + 24),
            slice(start + 33, start + 34),
        )  # fmt: skip
    return _Layout(
        slice(0, 0), slice(start + 6, start + 7), slice(start + 8, start + 44), slice(start + 53, start + 54)
    )


_WHOLE: Final = frozenset({b"", b"\x00\x00", b"\x40\x00"})
"""The fragment field of a packet that is none; IPv6 has no such field."""
_WITH_SYN: Final = frozenset(bytes([flags]) for flags in range(256) if flags & _SYN)
_PLAIN: Final = {
    link_layer.ETHERNET: (
        slice(12, 15),
        {b"\x08\x00\x45": _layout(4, 14), **{b"\x86\xdd" + bytes([first]): _layout(6, 14) for first in range(96, 112)}},
    ),
    link_layer.LINUX_COOKED: (
        slice(14, 17),
        {b"\x08\x00\x45": _layout(4, 16), **{b"\x86\xdd" + bytes([first]): _layout(6, 16) for first in range(96, 112)}},
    ),
    **{
        link: (slice(0, 1), {b"\x45": _layout(4, 0), **{bytes([first]): _layout(6, 0) for first in range(96, 112)}})
        for link in link_layer.RAW
    },
}
_NOT_PLAIN: Final[tuple[slice, dict[bytes, _Layout]]] = (slice(0, 0), {})


def visits(
    packets: Iterable[Packet], reading: Reading, names: Names, max_conversations: int = MAX_CONVERSATIONS
) -> Iterator[Visit]:
    """What the packets of a capture come to. Damage to the capture goes to `reading`; what came before it counts."""
    wire = _Wire(reading, names, max_conversations)
    tables, current, number, total = wire.directions, -1, 0, 0
    first, layouts = _NOT_PLAIN
    try:
        for number, (data, link, length) in enumerate(packets, 1):
            total += length
            if link != current:
                current, (first, layouts) = link, _PLAIN.get(link, _NOT_PLAIN)
            layout = layouts.get(data[first])
            if layout is not None and data[layout.fragment] in _WHOLE:
                table = tables.get(data[layout.protocol])
                direction = None if table is None else table.get(data[layout.key])
                if direction is not None and direction.feed is None and data[layout.flags] not in _WITH_SYN:
                    direction.packets += 1
                    direction.bytes += length
                    direction.last = number
                    continue
            wire.packet(data, link, length, number)
            if wire.finished:
                yield from wire.let_go()
    except PacketFileError as error:
        reading.problem(f"after packet {number:,}: {error}")
    reading.counts.update(packets=number, bytes=total)
    yield from wire.rest()


class _Wire:
    """What the loop has no short way for: new conversations, first bytes, odd headers."""

    def __init__(self, reading: Reading, names: Names, max_conversations: int) -> None:
        self._reading = reading
        self._naming = Naming(names, reading)
        self._tcp = Table(reading, self._naming.ended, max_conversations)
        self._udp = Table(reading, self._naming.ended, max_conversations)
        self.directions = {
            bytes([ip_layer.TCP]): self._tcp.directions,
            bytes([ip_layer.UDP]): self._udp.directions,
        }

    @property
    def finished(self) -> bool:
        return bool(self._tcp.finished or self._udp.finished)

    def let_go(self) -> Iterator[Visit]:
        for table in (self._tcp, self._udp):
            yield from table.finished
            table.finished.clear()

    def rest(self) -> Iterator[Visit]:
        yield from self._tcp.rest()
        yield from self._udp.rest()

    def packet(self, data: bytes, link: int, length: int, number: int) -> None:
        """Count a packet, and read it as far as that is needed."""
        start = link_layer.ip_start(data, link)
        segment = start if isinstance(start, LeftOut) else ip_layer.segment(data, start)
        if isinstance(segment, LeftOut):
            self._reading.leave_out(segment)
            return
        header = 20 if segment.protocol == ip_layer.TCP else 8
        if segment.start + header > segment.end:
            self._reading.leave_out(LeftOut.BROKEN_HEADERS)
        elif ip_layer.is_multicast(segment.target):
            self._reading.leave_out(LeftOut.MULTICAST)
        elif segment.protocol == ip_layer.TCP:
            _count(self._tcp_segment(data, segment), length, number)
        else:
            _count(self._udp_datagram(data, segment), length, number)

    def _tcp_segment(self, data: bytes, segment: ip_layer.Segment) -> Direction:
        at = segment.start
        sequence, flags = int.from_bytes(data[at + 4 : at + 8], "big"), data[at + 13]
        direction = self._tcp.directions.get(_key(data, segment))
        opens = flags & (_SYN | _ACK) == _SYN
        if direction is None or (opens and direction.conversation.first != sequence):
            direction = self._new_tcp(data, segment, sequence if opens else None, flags)
        feed = direction.feed
        if feed is not None:
            behind_syn = (sequence + 1) & 0xFFFFFFFF if flags & _SYN else sequence
            feed(behind_syn, data[at + (data[at + 12] >> 4) * 4 : segment.end])
        return direction

    def _new_tcp(self, data: bytes, segment: ip_layer.Segment, first: int | None, flags: int) -> Direction:
        ports = data[segment.start : segment.start + 4]
        from_client = first is not None or (not flags & _SYN and _is_client(ports, either=False))
        conversation = _conversation(Transport.TCP, segment, ports, from_client=from_client)
        conversation.first = first
        self._tcp.add(conversation)
        self._naming.tcp(conversation)
        return conversation.up if from_client else conversation.down

    def _udp_datagram(self, data: bytes, segment: ip_layer.Segment) -> Direction:
        direction = self._udp.directions.get(_key(data, segment))
        payload = data[segment.start + 8 : segment.end]
        if direction is None:
            ports = data[segment.start : segment.start + 4]
            from_client = _is_client(ports, either=True)
            conversation = _conversation(Transport.UDP, segment, ports, from_client=from_client)
            self._udp.add(conversation)
            self._naming.udp(conversation, payload, from_client=from_client)
            direction = conversation.up if from_client else conversation.down
        if direction.feed is not None:
            direction.feed(0, payload)
        return direction


def _count(direction: Direction, length: int, number: int) -> None:
    direction.packets += 1
    direction.bytes += length
    direction.last = number


def _key(data: bytes, segment: ip_layer.Segment) -> bytes:
    return segment.source + segment.target + data[segment.start : segment.start + 4]


def _conversation(transport: Transport, segment: ip_layer.Segment, ports: bytes, *, from_client: bool) -> Conversation:
    if from_client:
        return Conversation(transport, segment.source, segment.target, ports)
    return Conversation(transport, segment.target, segment.source, ports[2:] + ports[:2])


def _is_client(ports: bytes, *, either: bool) -> bool:
    """Whether the sender is the client, where no SYN says so; `either` is the answer where the ports do not tell.

    Servers have the well-known port; where neither is one, a TCP server has the lower one.
    """
    source, target = int.from_bytes(ports[:2], "big"), int.from_bytes(ports[2:], "big")
    if (source < _FIRST_OF_MANY) != (target < _FIRST_OF_MANY):
        return target < _FIRST_OF_MANY
    return either or target <= source
