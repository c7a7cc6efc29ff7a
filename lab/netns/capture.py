"""Every packet on a link, written to a pcap file (0600) while the lab goes on: a packet socket and the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import struct
import time
from pathlib import Path
from typing import Final

from scapy.utils import RawPcapWriter

from lab.netns.namespace import Namespace
from lab.netns.privilege import NetnsUnavailableError

_ETH_P_ALL: Final = 3
_LONGEST: Final = 1 << 17  # veth hands over segments that no card would send
_ROOM: Final = 32 << 20
_SOL_PACKET, _PACKET_STATISTICS = 263, 6  # linux/if_packet.h
_SO_RCVBUFFORCE: Final = 33  # asm-generic/socket.h; Python has no name for it
_ETHERNET: Final = 1  # tcpdump.org/linktypes.html


class Capture:
    """The capture of one interface, from its making until `stop`.

    Raises NetnsUnavailableError where the file cannot be written.
    """

    def __init__(self, namespace: Namespace, interface: str, path: Path) -> None:
        self.path: Final = path
        self.packets = 0
        self.lost = 0
        """Packets that the kernel had no room for: a capture with such proves nothing."""
        self._marker = b""
        self._marked: Final = asyncio.Event()
        self._loop: Final = asyncio.get_running_loop()
        with namespace.entered():
            self._socket: Final = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM)
        self._socket.setblocking(False)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            self._socket.close()
            raise NetnsUnavailableError(f"{path}: cannot be written: {error.strerror}") from error
        os.fchmod(descriptor, 0o600)
        self._file: Final = os.fdopen(descriptor, "wb")
        self._writer: Final = RawPcapWriter(self._file, linktype=_ETHERNET)
        self._writer.write_header(None)
        with namespace.entered():
            self._socket.bind((interface, _ETH_P_ALL))
        self._loop.add_reader(self._socket, self._read)

    async def seen(self, marker: bytes, patience: float) -> bool:
        """Whether a packet that holds `marker` has come by, within `patience` seconds."""
        self._marker = marker
        self._read()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._marked.wait()
        return self._marked.is_set()

    def stop(self) -> None:
        """Read what is left and close the file. Doing it again changes nothing."""
        if self._file.closed:
            return
        self._loop.remove_reader(self._socket)
        self._read()
        statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        _received, self.lost = struct.unpack("II", statistics)
        self._socket.close()
        self._file.close()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    packet = self._socket.recv(_LONGEST)
                except OSError as error:
                    if error.errno != errno.ENETDOWN:
                        raise
                    return  # the link went down; the marker at the end will be missed
                seconds, nanoseconds = divmod(time.time_ns(), 10**9)
                self._writer.write_packet(packet, sec=seconds, usec=nanoseconds // 1000)
                self.packets += 1
                if self._marker and self._marker in packet:
                    self._marked.set()
