"""Packets out of pcap and pcapng files, on scapy's raw readers.

scapy reads the headers of file and interfaces. The loops over the records are here: they are the hot path, they never
ask for more memory than a packet can need, and they say where a file is cut or damaged.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO, Final, TypeAlias

from scapy.error import Scapy_Exception
from scapy.utils import RawPcapNgReader, RawPcapReader

MAX_PACKET: Final = 1 << 20
"""No link has longer packets (libpcap's largest snap length is 262,144): a longer one is damage."""
MAX_BLOCK: Final = 16 << 20
"""Blocks that hold names, secrets or statistics may be longer; beyond this it is damage."""
MAX_INTERFACES: Final = 4096

Packet: TypeAlias = tuple[bytes, int, int]
"""The captured bytes, the link type, the length on the wire."""

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_UNREADABLE = (OSError, EOFError, OverflowError, zlib.error, struct.error, Scapy_Exception)


class PacketFileError(Exception):
    """The file cannot be read any further; the message says why."""


def packets(stream: IO[bytes]) -> Iterator[Packet]:
    """The packets of a capture, read from its first byte on. Raises PacketFileError at a cut and at damage."""
    with _scapys_warnings() as warnings:
        try:
            reader = RawPcapReader(stream)  # type: ignore[arg-type]  # a stream is fine; the annotation is of the file name
            yield from _Blocks(reader) if isinstance(reader, RawPcapNgReader) else _records(reader)
        except _UNREADABLE as error:
            raise PacketFileError(warnings[-1] if warnings else str(error) or "damaged") from error


def _records(reader: RawPcapReader) -> Iterator[Packet]:
    """The records of a pcap file (draft-ietf-opsawg-pcap, 5)."""
    read, header, link = reader.f.read, struct.Struct(f"{reader.endian}IIII"), reader.linktype & 0xFFFF
    while head := read(16):
        if len(head) < 16:
            raise PacketFileError(f"the file ends within a record's header, {len(head)} of 16 bytes")
        _seconds, _fraction, captured, length = header.unpack(head)
        if captured > MAX_PACKET:
            raise PacketFileError(f"damaged: a record claims a packet of {captured:,} bytes")
        data = read(captured)
        yield data, link, length
        if len(data) < captured:
            raise PacketFileError(f"the file ends within a packet, {len(data):,} of {captured:,} bytes")


class _Blocks:
    """The packets in the blocks of a pcapng file (draft-ietf-opsawg-pcapng, 4)."""

    def __init__(self, reader: RawPcapNgReader) -> None:
        self._reader = reader
        self._read = reader.f.read

    def __iter__(self) -> Iterator[Packet]:
        while True:
            kind = yield from self._packets_of_section()
            if kind != _SECTION:
                return

    def _packets_of_section(self) -> Generator[Packet, None, int]:
        """The packets up to the next section; what the generator returns is the block type it stopped at."""
        read, interfaces = self._read, self._reader.interfaces
        head, packet = struct.Struct(f"{self._reader.endian}II"), struct.Struct(f"{self._reader.endian}5I")
        tail = struct.Struct(f"{self._reader.endian}I")
        while start := read(8):
            if len(start) < 8:
                raise PacketFileError(f"the file ends within a block's header, {len(start)} of 8 bytes")
            kind, length = head.unpack(start)
            if kind == _SECTION:
                self._new_section(start[4:])
                return _SECTION
            if length < 12 or length % 4 or length > MAX_BLOCK:
                raise PacketFileError(f"damaged: a block claims {length:,} bytes")
            block = read(length - 8)
            if len(block) < length - 8:
                raise PacketFileError(f"the file ends within a block, {len(block) + 8:,} of {length:,} bytes")
            if tail.unpack_from(block, length - 12)[0] != length:
                raise PacketFileError("damaged: a block ends with another length than it starts with")
            if kind != _PACKET:
                yield from self._other_block(kind, block[:-4])
                continue
            interface, _high, _low, captured, wire = packet.unpack_from(block)
            if interface >= len(interfaces) or captured > length - 32:
                raise PacketFileError("damaged: a packet that contradicts its block, or whose interface is not there")
            yield block[20 : 20 + captured], interfaces[interface][0], wire
        return 0

    def _other_block(self, kind: int, block: bytes) -> Iterator[Packet]:
        if kind == _INTERFACE and len(self._reader.interfaces) >= MAX_INTERFACES:
            raise PacketFileError(f"damaged: more than {MAX_INTERFACES:,} interfaces")
        if kind not in (_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET):
            return
        found = self._reader.blocktypes[kind](block, MAX_PACKET)
        if found is not None:
            data, about = found
            yield data, about.linktype, about.wirelen

    def _new_section(self, length_field: bytes) -> None:
        """A section has its own byte order and its own interfaces."""
        rest = self._read(20)
        order = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}.get(rest[:4])
        if order is None or len(rest) < 20:
            raise PacketFileError("damaged: a section's header")
        (length,) = struct.unpack(f"{order}I", length_field)
        if not 28 <= length <= MAX_BLOCK or length % 4 or len(self._read(length - 28)) < length - 28:
            raise PacketFileError("damaged: a section's header, or the file ends within it")
        self._reader.endian = order
        self._reader.interfaces.clear()


class _Kept(logging.Handler):
    """scapy says what is wrong with a file in its log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[:-3] = []
        self.lines.append(record.getMessage())


@contextmanager
def _scapys_warnings() -> Iterator[list[str]]:
    """scapy's warnings, kept instead of shown."""
    handler, logger = _Kept(), logging.getLogger("scapy.runtime")
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield handler.lines
    finally:
        logger.propagate = before
        logger.removeHandler(handler)
