"""Flows out of mitmproxy's flow files (`mitmdump -w`), read without mitmproxy and without holding bodies.

The files of mitmproxy 3 and later (flow format 6 to 21) name their parts alike as far as they are needed here; what an
older name was stands beside the newer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final, TypeAlias

from dtr_rules.hosts import Address, Host, HostError, Name, parse_address, parse_host
from dtr_rules.replay.authority import parse_authority
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.tnetstring import MAX_VALUE, Reader, TnetstringError, Value
from dtr_rules.replay.visit import NamedBy, Transport, Visit

Flow: TypeAlias = dict[str, Value]
"""What is wanted of a flow: values by their path, and for contents their length."""

_PARTS: Final = frozenset({"client_conn", "server_conn", "request", "response"})
_WANTED: Final = frozenset(
    {"type", "request.host", "request.port", "request.authority", "request.headers", "request.http_version"}
    | {f"{side}_conn.{name}" for side in ("client", "server") for name in ("address", "peername", "ip_address")}
    | {"client_conn.sni", "client_conn.transport_protocol"}
)
_MAX_FIELDS: Final = 1000
"""Entries of a flow or of a part of it; flows have some twenty."""


def visits(stream: IO[bytes], reading: Reading) -> Iterator[Visit]:
    """The flows of a file. Damage goes to `reading`; the flows before it count."""
    reader = Reader(stream)
    try:
        while (length := reader.length()) is not None:
            flow = _flow(reader, length)
            reading.counts["flows"] += 1
            visit = _visit(flow, reading)
            if visit is not None:
                yield visit
    except TnetstringError as error:
        reading.problem(f"after flow {reading.counts['flows']:,}: {error}")


def _flow(reader: Reader, length: int) -> Flow:
    flow: Flow = {}
    _mapping(reader, length, "", flow)
    if reader.kind() != ord("}"):
        raise TnetstringError("damaged: a flow is a mapping")
    return flow


def _mapping(reader: Reader, length: int, prefix: str, flow: Flow) -> None:
    for count, (key, inner) in enumerate(reader.pairs(length)):
        path = f"{prefix}{key}"
        if count > _MAX_FIELDS:
            raise TnetstringError("damaged: a flow with too many fields")
        if not prefix and key in _PARTS and inner:
            _mapping(reader, inner, f"{key}.", flow)
            reader.kind()
        elif path == "messages":
            _messages(reader, inner, flow)
            reader.kind()
        elif path in _WANTED and inner <= MAX_VALUE:
            flow[path] = reader.value(inner)
        else:
            if key == "content":
                flow[path] = inner
            reader.skip(inner)


def _messages(reader: Reader, length: int, flow: Flow) -> None:
    """The bytes each way of a TCP or UDP flow: its messages are lists of direction, content and time."""
    sums = {True: 0, False: 0}
    for inner in reader.items(length):
        parts = reader.items(inner)
        first, second = next(parts, None), None
        if first is not None:
            from_client = reader.value(first) is True
            second = next(parts, None)
        if second is not None:
            sums[from_client] += second
            reader.skip(second)
        for rest in parts:
            reader.skip(rest)
        reader.kind()
    flow["request.content"], flow["response.content"] = sums[True], sums[False]


def _visit(flow: Flow, reading: Reading) -> Visit | None:
    try:
        where = _destination(flow)
    except HostError:
        reading.leave_out(LeftOut.BAD_NAMES)
        return None
    if where is None:
        reading.leave_out(LeftOut.NO_HOST)
        return None
    return Visit(
        host=where[0],
        port=where[1],
        transport=_transport(flow),
        named_by=NamedBy.ADDRESS if isinstance(where[0], Address) else NamedBy.URL,
        address=_address(flow, "server_conn.peername", "server_conn.ip_address"),
        client=_address(flow, "client_conn.peername", "client_conn.address"),
        user_agent=_header(flow, "user-agent"),
        bytes_up=_size(flow, "request.content"),
        bytes_down=_size(flow, "response.content"),
    )


def _destination(flow: Flow) -> tuple[Host, int] | None:
    """Where a flow leads. A transparent proxy knows an address alone; the client may have named it in other places."""
    asked = _text(flow.get("request.host")), flow.get("request.port")
    if asked[0] is None:
        asked = _endpoint(flow.get("server_conn.address"))
    text, port = asked
    if text is None or not isinstance(port, int) or not 1 <= port <= 65535:
        return None
    host = parse_host(text)
    return (_named(flow) or host if isinstance(host, Address) else host), port


def _named(flow: Flow) -> Name | None:
    for text in (flow.get("client_conn.sni"), flow.get("request.authority"), _header(flow, "host")):
        try:
            host = parse_authority(_text(text) or "")[0]
        except HostError:
            continue
        if isinstance(host, Name):
            return host
    return None


def _transport(flow: Flow) -> Transport:
    version = _text(flow.get("request.http_version")) or ""
    udp = flow.get("type") in ("udp", b"udp") or version.startswith("HTTP/3")
    return Transport.UDP if udp or flow.get("client_conn.transport_protocol") == "udp" else Transport.TCP


def _header(flow: Flow, name: str) -> str | None:
    headers = flow.get("request.headers")
    for pair in headers if isinstance(headers, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and (_text(pair[0]) or "").lower() == name:
            return _text(pair[1])
    return None


def _address(flow: Flow, *paths: str) -> Address | None:
    for path in paths:
        text = _endpoint(flow.get(path))[0]
        try:
            if text is not None:
                return parse_address(text.partition("%")[0])
        except HostError:
            continue
    return None


def _endpoint(value: Value) -> tuple[str | None, Value]:
    """Host and port; old files put them into a mapping."""
    pair = value.get("address") if isinstance(value, dict) else value
    if isinstance(pair, list) and len(pair) >= 2:
        return _text(pair[0]), pair[1]
    return None, None


def _text(value: Value) -> str | None:
    if isinstance(value, bytes):
        return value.decode("latin-1") or None
    return value or None if isinstance(value, str) else None


def _size(flow: Flow, path: str) -> int:
    size = flow.get(path)
    return size if isinstance(size, int) else 0
