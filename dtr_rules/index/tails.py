"""How names end: a label trie that knows, for a name, every literal that it ends with.

A literal is taken apart at its first dot. `.okta.com` is all tail; `tenant.okta.com` is the tail `.okta.com` and the
half label `tenant` before it; `com` is a half label before the empty tail. A name is followed from its last label to
the left as far as the trie knows it, and where a tail has half labels, it is asked once for each of their lengths (1
to 63), however many literals there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

V = TypeVar("V")


class _Tail(Generic[V]):
    """One tail; those that are a label longer are its children."""

    __slots__ = ("children", "halves", "whole")

    def __init__(self) -> None:
        self.children: dict[str, _Tail[V]] = {}
        self.halves: dict[int, dict[str, V]] = {}
        """What half labels before this tail hold, by their lengths, short ones first."""
        self.whole: V | None = None
        """What the literal holds that is all tail; a name has it where another label comes before."""


class Tails(Generic[V]):
    """The table of some literals and what they hold. Nothing in it is None."""

    __slots__ = ("_root",)

    def __init__(self, literals: Mapping[str, V]) -> None:
        self._root: _Tail[V] = _Tail()
        for literal, value in sorted(literals.items(), key=_size_of_half):
            half, dot, rest = literal.partition(".")
            tail = self._tail(rest.split(".") if dot else [])
            if half:
                tail.halves.setdefault(len(half), {})[half] = value
            else:
                tail.whole = value

    def _tail(self, labels: list[str]) -> _Tail[V]:
        tail = self._root
        for label in reversed(labels):
            tail = tail.children.setdefault(label, _Tail())
        return tail

    def __bool__(self) -> bool:
        root = self._root
        return bool(root.children or root.halves) or root.whole is not None

    def collect(self, name: str, found: list[V]) -> None:
        """Add to `found` what every literal holds that `name` ends with."""
        tail: _Tail[V] | None = self._root
        for label in reversed(name.split(".")):
            if tail is None:
                return
            if tail.whole is not None:
                found.append(tail.whole)
            if tail.halves:
                _collect(tail.halves, label, found)
            tail = tail.children.get(label)


def _size_of_half(item: tuple[str, object]) -> int:
    return item[0].find(".") if "." in item[0] else len(item[0])


def _collect(halves: dict[int, dict[str, V]], label: str, found: list[V]) -> None:
    for length, table in halves.items():
        if length > len(label):
            return
        there = table.get(label[-length:])
        if there is not None:
            found.append(there)
