"""How names end: a table that knows, for a name, every literal that it ends with.

A literal is taken apart at its first dot. `.okta.com` is all tail; `tenant.okta.com` is the tail `.okta.com` and the
half label `tenant` before it; `com` is a half label before the empty tail. So a name is asked once for each of its
dots, and where a tail has half labels, once for each of their lengths (1 to 63), however many literals there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeAlias, TypeVar

V = TypeVar("V")

_Node: TypeAlias = tuple[V | None, tuple[tuple[int, dict[str, V]], ...]]
"""What the tail itself holds, and its half labels by their lengths."""


class Tails(Generic[V]):
    """The table of some literals and what they hold. Nothing in it is None."""

    __slots__ = ("_nodes",)

    def __init__(self, literals: Mapping[str, V]) -> None:
        halves: dict[str, dict[int, dict[str, V]]] = {}
        for literal, value in literals.items():
            half, dot, rest = literal.partition(".")
            halves.setdefault(dot + rest, {}).setdefault(len(half), {})[half] = value
        self._nodes = {tail: _node(by_length) for tail, by_length in halves.items()}

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def collect(self, name: str, found: list[V]) -> None:
        """Add to `found` what every literal holds that `name` ends with."""
        nodes = self._nodes
        at = name.find(".")
        while at >= 0:
            node = nodes.get(name[at:])
            if node is not None:
                _collect(node, name, at, found)
            at = name.find(".", at + 1)
        node = nodes.get("")
        if node is not None:
            _collect(node, name, len(name), found)


def _node(by_length: dict[int, dict[str, V]]) -> _Node[V]:
    whole = by_length.pop(0, {}).get("")
    return whole, tuple(sorted(by_length.items()))


def _collect(node: _Node[V], name: str, at: int, found: list[V]) -> None:
    whole, halves = node
    if whole is not None:
        found.append(whole)
    for length, table in halves:
        if length > at:
            return
        there = table.get(name[at - length : at])
        if there is not None:
            found.append(there)
