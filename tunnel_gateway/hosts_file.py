"""The system's hosts file: names that this machine's administrator has given addresses to (hosts(5))."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dtr_rules.hosts import Address, HostError, parse_address

MAX_BYTES: Final = 4 * 1024 * 1024


class HostsFile:
    """Read anew whenever it has changed. One that is missing or cannot be read has no names."""

    def __init__(self, path: Path = Path("/etc/hosts")) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._names: Mapping[str, tuple[Address, ...]] = {}

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The addresses of `name` (lower case), in the file's order; none where it is not there."""
        try:
            status = self._path.stat()
            if self._read_at != (status.st_mtime_ns, status.st_ino):
                with self._path.open(encoding="utf-8", errors="replace") as file:
                    self._names = _parse(file.read(MAX_BYTES))
                self._read_at = (status.st_mtime_ns, status.st_ino)
        except OSError:
            return ()
        return self._names.get(name, ())


def _parse(text: str) -> Mapping[str, tuple[Address, ...]]:
    names: dict[str, tuple[Address, ...]] = {}
    for line in text.splitlines():
        first, *rest = line.partition("#")[0].split() or [""]
        try:
            address = parse_address(first)
        except HostError:
            continue
        for name in rest:
            names[name.lower()] = (*names.get(name.lower(), ()), address)
    return names
