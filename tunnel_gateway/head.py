"""The head of a CONNECT request, read strictly.

A parser of our own, because the common ones accept what two readers can understand differently: bare line feeds, space
before a colon, folded lines, bodies. What RFC 9112 lets a server refuse is refused (sections 2.2, 3, 5 and 9.3.6 of
RFC 9110).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tunnel_gateway.reasons import Reason, RefusalError

MAX_HEAD: Final = 8 * 1024
MAX_FIELDS: Final = 64
MAX_APP: Final = 255

_END = b"\r\n\r\n"
_AUTHORITY = re.compile(r"(\[[0-9A-Za-z:.%]{1,64}\]|[0-9A-Za-z._~-]{1,255}):([1-9][0-9]{0,4})")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_APP = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class ConnectHead:
    """What a device asks for. `host` is as it was sent: not yet judged, not yet normalised."""

    host: str
    port: int
    app: str | None


def split_head(data: bytes) -> tuple[bytes, bytes] | None:
    """The head and what came after it; None while the head is not whole. Raises RefusalError when it is too long."""
    end = data.find(_END)
    if end + len(_END) > MAX_HEAD or (end < 0 and len(data) > MAX_HEAD):
        raise _malformed(f"the head is longer than {MAX_HEAD} bytes", status=431)
    if end < 0:
        return None
    return data[:end], data[end + len(_END) :]


def parse_head(head: bytes) -> ConnectHead:
    """The request in `head` (without its empty line). Raises RefusalError with `request-malformed`."""
    lines = head.split(b"\r\n")
    if any(b"\n" in line or b"\r" in line or b"\x00" in line for line in lines):
        raise _malformed("a line of the head ends with a bare CR or LF, or holds a NUL")
    host, port = _request_line(lines[0])
    fields = _fields(lines[1:])
    _same_host(fields.get("host", []), host, port)
    if fields.get("transfer-encoding") or any(value != "0" for value in fields.get("content-length", [])):
        raise _malformed("a CONNECT has no body")
    return ConnectHead(host, port, _app(fields.get("tunnel-app", [])))


def _request_line(line: bytes) -> tuple[str, int]:
    parts = line.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]):
        raise _malformed("the first line is not METHOD TARGET HTTP/1.1")
    method, target, version = parts
    if method != b"CONNECT":
        raise _malformed("only CONNECT is served here", status=405)
    if version != b"HTTP/1.1":
        raise _malformed("only HTTP/1.1 is served here")
    try:
        found = _AUTHORITY.fullmatch(target.decode("ascii"))
    except UnicodeDecodeError:
        raise _malformed("the target has letters outside ASCII; send the A-label form") from None
    if found is None or int(found[2]) > 65535:
        raise _malformed("the target is not HOST:PORT")
    return found[1], int(found[2])


def _fields(lines: list[bytes]) -> dict[str, list[str]]:
    if len(lines) > MAX_FIELDS:
        raise _malformed(f"more than {MAX_FIELDS} fields", status=431)
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            raise _malformed("a folded field")
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _malformed("a field that is not NAME: VALUE")
        fields.setdefault(name.decode("ascii").lower(), []).append(value.decode("latin-1").strip(" \t"))
    return fields


def _same_host(values: list[str], host: str, port: int) -> None:
    """RFC 9112, section 3.2: exactly one Host; for a CONNECT it repeats the target."""
    if len(values) != 1:
        raise _malformed("exactly one Host field is needed")
    if values[0].lower() not in (f"{host}:{port}".lower(), host.lower()):
        raise _malformed("the Host field differs from the target")


def _app(values: list[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1 or len(values[0]) > MAX_APP or not _APP.fullmatch(values[0]):
        raise _malformed(f"Tunnel-App must stand once, in printable ASCII, with at most {MAX_APP} letters")
    return values[0]


def _malformed(detail: str, *, status: int | None = None) -> RefusalError:
    return RefusalError(Reason.REQUEST_MALFORMED, detail, status=status)
