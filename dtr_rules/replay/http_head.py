"""Where a plain HTTP/1 request leads (RFC 9112, 3.2): its Host field, or its target where that names the host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dtr_rules.hosts import Host, HostError
from dtr_rules.replay.authority import parse_authority, parse_url

MAX_HEAD: Final = 32768
MAX_USER_AGENT: Final = 1000
_METHOD = re.compile(rb"[A-Z][A-Z-]{0,19}")
_REQUEST_LINE = re.compile(rb"([A-Z][A-Z-]{0,19}) (\S{1,16384}) HTTP/1\.[01]")


class HttpHeadError(ValueError):
    """Bytes that are no HTTP/1 request with a host."""


@dataclass(frozen=True, slots=True)
class HttpHead:
    """What the head names. `port` is None where the head says nothing of it: then it is the connection's."""

    host: Host
    port: int | None
    user_agent: str | None


class HttpHeadReader:
    """A request's head out of a client's byte stream, from its first byte on."""

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    @property
    def held(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> HttpHead | None:
        """The head once it is whole; None as long as more is needed. Raises HttpHeadError."""
        searched = max(0, len(self._data) - 3)
        self._data += data
        end = self._data.find(b"\r\n\r\n", searched)
        if end >= 0 and end <= MAX_HEAD:
            return parse_head(bytes(self._data[:end]))
        if len(self._data) > MAX_HEAD:
            raise HttpHeadError("a head that does not end")
        start = bytes(self._data[:21]).partition(b" ")[0]
        if not _METHOD.fullmatch(start):
            raise HttpHeadError("no HTTP/1 request")
        return None


def parse_head(head: bytes) -> HttpHead:
    """The head without the empty line behind it. Raises HttpHeadError."""
    first, *lines = head.split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        raise HttpHeadError("no HTTP/1 request line")
    fields = _fields(lines)
    agent = fields.get(b"user-agent")
    try:
        host, port = _destination(request[1], request[2].decode("latin-1"), fields)
    except HostError as error:
        raise HttpHeadError(f"the host {error}") from error
    return HttpHead(host, port, None if agent is None else agent[:MAX_USER_AGENT].decode("latin-1"))


def _destination(method: bytes, target: str, fields: dict[bytes, bytes]) -> tuple[Host, int | None]:
    if method == b"CONNECT":
        return parse_authority(target)
    absolute = parse_url(target)
    if absolute is not None:
        return absolute
    return parse_authority(fields.get(b"host", b"").decode("latin-1"))[0], None


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    """The first value of every field."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.lower(), value.strip(b" \t"))
    return found
