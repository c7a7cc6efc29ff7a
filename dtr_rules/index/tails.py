"""How names end: a table that knows, for a name, every literal that it ends with.

A literal is taken apart at its first dot. `.okta.com` is all tail; `tenant.okta.com` is the tail `.okta.com` and the
half label `tenant` before it; `com` is a half label before the empty tail. So a name is asked once for each of its
dots, and where a tail has half labels, once for each of their lengths (1 to 63), however many literals there are.
"""

from __future__ import annotations

from dtr_rules.index.entries import Bucket, Entry, bucket

_Node = tuple[Bucket | None, tuple[tuple[int, dict[str, Bucket]], ...]]


class TailsMaker:
    """Collects literals and their entries, which come in the order of the rule set."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, list[Entry]]] = {}

    def add(self, literal: str, entry: Entry) -> None:
        half, dot, rest = literal.partition(".")
        self._entries.setdefault(dot + rest, {}).setdefault(half, []).append(entry)

    def table(self) -> Tails:
        return Tails({tail: _node(halves) for tail, halves in self._entries.items()})


def _node(halves: dict[str, list[Entry]]) -> _Node:
    by_length: dict[int, dict[str, Bucket]] = {}
    for half, entries in halves.items():
        by_length.setdefault(len(half), {})[half] = bucket(entries)
    whole = by_length.pop(0, {}).get("")
    return whole, tuple(sorted(by_length.items()))


class Tails:
    """The table, ready to be asked."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: dict[str, _Node]) -> None:
        self._nodes = nodes

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def collect(self, name: str, found: list[Bucket]) -> None:
        """Add to `found` the entries of every literal that `name` ends with."""
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


def _collect(node: _Node, name: str, at: int, found: list[Bucket]) -> None:
    whole, halves = node
    if whole is not None:
        found.append(whole)
    for length, table in halves:
        if length > at:
            return
        there = table.get(name[at - length : at])
        if there is not None:
            found.append(there)
