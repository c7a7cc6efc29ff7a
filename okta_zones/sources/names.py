"""A source that is DNS: the addresses of names, as this machine's resolver tells them."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from okta_zones.addresses import parse_addresses, union
from okta_zones.errors import UnreachableError
from okta_zones.sources.report import Report

PATIENCE: Final = 15.0
"""Seconds for all addresses of a name; the resolver itself knows no such limit."""

Resolve = Callable[[str], list[Any]]


def _resolve(name: str) -> list[Any]:
    return socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)


@dataclass(frozen=True, slots=True)
class Names:
    """The A and AAAA records of names: all of them must have some."""

    names: tuple[str, ...]
    patience: float = PATIENCE
    resolve: Resolve = _resolve

    @property
    def key(self) -> str:
        return f"dns {' '.join(self.names)}"

    @property
    def title(self) -> str:
        return f"DNS ({', '.join(self.names)})"

    def report(self) -> Report:
        """Ask for each. Raises UnreachableError when one has no address, or none in time."""
        found = [info[4][0] for name in self.names for info in self._asked(name)]
        return Report(self.title, union(parse_addresses(str(address)) for address in found))

    def _asked(self, name: str) -> list[Any]:
        answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.resolve(name))
            except OSError as error:
                answers.put(error)

        # A thread that nobody waits for at the end: the resolver cannot be interrupted.
        threading.Thread(target=ask, daemon=True, name=f"resolve {name}").start()
        try:
            answer = answers.get(timeout=self.patience)
        except queue.Empty:
            raise UnreachableError("DNS", f"no answer for {name} in {self.patience:.0f} s", passing=True) from None
        if isinstance(answer, OSError):
            raise UnreachableError("DNS", f"{name}: {answer.strerror or answer}", passing=True)
        return answer
