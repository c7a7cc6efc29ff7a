"""Requests out of HAR files (HTTP Archive 1.2), read as a stream: entries come one by one, bodies are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

import ijson  # type: ignore[import-untyped]

from dtr_rules.hosts import Address, HostError, parse_address
from dtr_rules.replay.authority import parse_url
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.short_strings import ShortStrings
from dtr_rules.replay.visit import NamedBy, Transport, Visit

MAX_DEPTH: Final = 64
_ENTRIES: Final = ["log", "entries"]
_ENTRY: Final = ["log", "entries", "item"]
_HEADER: Final = [*_ENTRY, "request", "headers", "item"]
_SIZES_UP: Final = ("request.headersSize", "request.bodySize")
_SIZES_DOWN: Final = ("response.headersSize", "response.bodySize")
_WANTED: Final = frozenset(
    {"request.url", "response.httpVersion", "request.httpVersion", "response._transferSize", "serverIPAddress"}
    | {"_fromCache", *_SIZES_UP, *_SIZES_DOWN, "request.headers.item.name", "request.headers.item.value"}
)
_DEEPEST: Final = len(_HEADER) + 1


class _DepthError(ValueError):
    """Brackets within brackets beyond MAX_DEPTH."""


def visits(stream: IO[bytes], reading: Reading) -> Iterator[Visit]:
    """The requests of a HAR file. Damage goes to `reading`; the entries before it count."""
    entries = _Entries()
    try:
        for entry in entries.read(stream):
            reading.counts["entries"] += 1
            visit = _visit(entry, reading)
            if visit is not None:
                yield visit
    except _DepthError as error:
        reading.problem(f"after entry {reading.counts['entries']:,}: {error}")
    except (ijson.JSONError, ValueError, OverflowError) as error:
        said = str(error).partition("\n")[0].strip() or "damaged"
        reading.problem(f"after entry {reading.counts['entries']:,}: not JSON, or cut: {said}")
    else:
        if not entries.found:
            reading.problem("no HAR file: there is no log.entries in it")


class _Entries:
    """The entries of a HAR file: of each what is wanted, by its path in the entry."""

    def __init__(self) -> None:
        self.found = False
        """Whether the list of entries is there."""
        self._keys: list[str] = []
        """The key at which we are in each of the open objects and arrays."""
        self._entry: dict[str, Any] = {}

    def read(self, stream: IO[bytes]) -> Iterator[dict[str, Any]]:
        keys = self._keys
        for event, value in ijson.basic_parse(ShortStrings(stream), use_float=True):
            if event == "map_key":
                keys[-1] = value
            elif event in ("start_map", "start_array"):
                self._enter(event)
            elif event in ("end_map", "end_array"):
                keys.pop()
                if event == "end_map" and keys == _ENTRY:
                    yield self._entry
                    self._entry = {}
                elif keys == _HEADER:
                    _keep_header(self._entry)
            elif len(_ENTRY) < len(keys) <= _DEEPEST and keys[:3] == _ENTRY:
                path = ".".join(keys[3:])
                if path in _WANTED:
                    self._entry[path] = value

    def _enter(self, event: str) -> None:
        self.found = self.found or (event == "start_array" and self._keys == _ENTRIES)
        self._keys.append("item" if event == "start_array" else "")
        if len(self._keys) > MAX_DEPTH:
            raise _DepthError(f"more than {MAX_DEPTH} brackets within one another")


def _keep_header(entry: dict[str, Any]) -> None:
    name = entry.pop("request.headers.item.name", None)
    value = entry.pop("request.headers.item.value", None)
    if isinstance(name, str) and isinstance(value, str) and name.lower() == "user-agent":
        entry["user-agent"] = value


def _visit(entry: dict[str, Any], reading: Reading) -> Visit | None:
    if entry.get("_fromCache"):
        reading.leave_out(LeftOut.FROM_CACHE)
        return None
    url = entry.get("request.url")
    try:
        where = parse_url(url) if isinstance(url, str) else None
    except HostError:
        reading.leave_out(LeftOut.BAD_NAMES)
        return None
    if where is None:
        reading.leave_out(LeftOut.NO_HOST)
        return None
    return Visit(
        host=where[0],
        port=where[1],
        transport=Transport.UDP if _is_http_3(entry) else Transport.TCP,
        named_by=NamedBy.URL,
        address=_address(entry.get("serverIPAddress")),
        user_agent=entry.get("user-agent"),
        bytes_up=_size(entry, _SIZES_UP),
        bytes_down=_size(entry, ("response._transferSize",)) or _size(entry, _SIZES_DOWN),
    )


def _is_http_3(entry: dict[str, Any]) -> bool:
    versions = (entry.get("response.httpVersion"), entry.get("request.httpVersion"))
    return any(isinstance(each, str) and each.lower().startswith(("h3", "http/3")) for each in versions)


def _address(text: object) -> Address | None:
    try:
        return parse_address(text) if isinstance(text, str) else None
    except HostError:
        return None


def _size(entry: dict[str, Any], names: tuple[str, ...]) -> int:
    """The sum of sizes in bytes; -1 stands for one that is not known."""
    sizes = [entry.get(name) for name in names]
    return sum(size for size in sizes if isinstance(size, int) and size > 0)
