"""A capture file of any kind, told by its first bytes, as visits. gzip around it is taken off."""

from __future__ import annotations

import gzip
import importlib
import io
import re
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final, cast

from dtr_rules.replay.addresses import Names
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import Visit

BUFFER: Final = 1 << 20
_PEEKED: Final = 4096


class Format(StrEnum):
    """The kinds of files that can be replayed."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
    HAR = "har"
    MITMPROXY = "mitmproxy"
    DECISION_LOG = "decision-log"


class MissingPackageError(Exception):
    """A format needs a package that is not installed. The message says how to get it."""

    def __init__(self, kind: Format, package: str) -> None:
        super().__init__(
            f"reading {kind} needs the package '{package}', which is not installed; "
            "install it with: pip install 'tunnel-gateway[replay]'"
        )


_MAGICS: Final = {
    b"\xa1\xb2\xc3\xd4": Format.PCAP,
    b"\xd4\xc3\xb2\xa1": Format.PCAP,
    b"\xa1\xb2\x3c\x4d": Format.PCAP,
    b"\x4d\x3c\xb2\xa1": Format.PCAP,
    b"\x0a\x0d\x0d\x0a": Format.PCAPNG,
}
_PACKAGES: Final = {Format.PCAP: "scapy", Format.PCAPNG: "scapy", Format.HAR: "ijson"}
_RECORD: Final = re.compile(rb'\{\s*"(v|event|decision_id)"\s*:')
_NETSTRING: Final = re.compile(rb"[0-9]{1,12}:")
_BOM: Final = b"\xef\xbb\xbf"


def visits(path: Path, reading: Reading, names: Names, watch: Callable[[int], None]) -> Iterator[Visit]:
    """The visits in a capture; what cannot be read goes to `reading`. `watch` is told of bytes as they are read.

    Raises MissingPackageError.
    """
    try:
        with path.open("rb", buffering=0) as file:
            yield from _visits(io.BufferedReader(_Watched(file, watch), BUFFER), reading, names)
    except OSError as error:
        reading.problem(f"cannot read this file: {error.strerror or error}")
    except (EOFError, zlib.error) as error:
        reading.problem(f"its gzip compression is damaged or cut: {error}")


def _visits(stream: IO[bytes], reading: Reading, names: Names) -> Iterator[Visit]:
    start = cast("io.BufferedReader", stream).peek(_PEEKED)
    if start.startswith(b"\x1f\x8b"):
        stream = io.BufferedReader(cast("Any", gzip.GzipFile(fileobj=stream)), BUFFER)
        start = stream.peek(_PEEKED)
    if start.startswith(_BOM):
        stream.read(len(_BOM))
        start = start[len(_BOM) :]
    kind = detect(start)
    if kind is None:
        empty = "it is empty" if not start else "its first bytes are of no format that dtr reads"
        reading.problem(f"no capture: {empty} (pcap, pcapng, HAR, mitmproxy flows, decision log)")
        return
    reading.format = kind
    yield from _READ[kind](stream, reading, names)


def detect(start: bytes) -> Format | None:
    """The format of a file that starts so."""
    if start[:4] in _MAGICS:
        return _MAGICS[start[:4]]
    if _NETSTRING.match(start):
        return Format.MITMPROXY
    text = start.lstrip()
    if not text.startswith(b"{"):
        return None
    return Format.DECISION_LOG if _RECORD.match(text) else Format.HAR


def _packets(stream: IO[bytes], reading: Reading, names: Names) -> Iterator[Visit]:
    packet_file = _module("packet_file", reading)
    packet_visits = _module("packet_visits", reading)
    forgotten = names.forgotten
    yield from packet_visits.visits(packet_file.packets(stream), reading, names)
    if names.forgotten > forgotten:
        reading.left_out[LeftOut.NAMES_EVICTED] += names.forgotten - forgotten


def _har(stream: IO[bytes], reading: Reading, _names: Names) -> Iterator[Visit]:
    yield from _module("har", reading).visits(stream, reading)


def _flows(stream: IO[bytes], reading: Reading, _names: Names) -> Iterator[Visit]:
    yield from _module("mitm_flows", reading).visits(stream, reading)


def _decisions(stream: IO[bytes], reading: Reading, _names: Names) -> Iterator[Visit]:
    yield from _module("decisions", reading).visits(stream, reading)


_READ: Final[dict[Format, Callable[[IO[bytes], Reading, Names], Iterator[Visit]]]] = {
    Format.PCAP: _packets,
    Format.PCAPNG: _packets,
    Format.HAR: _har,
    Format.MITMPROXY: _flows,
    Format.DECISION_LOG: _decisions,
}


def _module(name: str, reading: Reading) -> Any:
    """A reader, loaded when it is needed: what it imports may be an extra that is not installed."""
    try:
        return importlib.import_module(f"dtr_rules.replay.{name}")
    except ModuleNotFoundError as error:
        kind = Format(reading.format or "")
        package = _PACKAGES.get(kind)
        if package is None or (error.name or "").partition(".")[0] != package:
            raise
        raise MissingPackageError(kind, package) from error


class _Watched(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: io.FileIO, watch: Callable[[int], None]) -> None:
        self._file = file
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count = self._file.readinto(buffer)
        self._watch(count or 0)
        return count
