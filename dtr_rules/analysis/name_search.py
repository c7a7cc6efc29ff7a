"""The shortest host that holds some texts and none of some others: an exact search through an automaton.

Hosts are read from their end, because suffixes are the common case: `$`, the letters backwards, `^`. All texts go
into one Aho-Corasick automaton; a state in which a forbidden text has been read is dead, and for wanted texts
the state knows which have been read. Beside it runs an automaton of the universe of hosts. The search is A*: the
texts' own progress says how many letters are still needed at the least. It ends when a host is found or
when no state is left, which proves that there is none.

The length of the current label is part of a state only by its minimum: whatever may follow a long label may
follow a shorter one. The length of the name is left to the search, which finds shortest hosts first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final

from dtr_rules.analysis.budget import Budget
from dtr_rules.hosts import MAX_LABEL, MAX_NAME

_DIGITS: Final = "123456789"
_HEX: Final = "abcdef"
_LETTERS: Final = "hostnmgijklpqruvwyz"
_KINDS: Final = (_LETTERS, _HEX, _DIGITS, "0", "x", "-", ".")

# States of the universe, reading backwards. The last label must not be `[0-9]+` or `0x[0-9a-f]*`, and no label may
# start or end with a hyphen.
_LAST: Final = "before the last label"
_DECIMAL: Final = "last label: digits alone"
_HEXADECIMAL: Final = "last label: hexadecimal, and not digits alone"
_X: Final = "last label: x before hexadecimal"
_NUMBER: Final = "last label: 0x before hexadecimal"
_NEXT: Final = "before another label"
_INSIDE: Final = "in a label that may end here"
_HYPHEN: Final = "in a label, at a hyphen"

_MAY_END: Final = frozenset({_HEXADECIMAL, _X, _INSIDE})


def _after(state: str, char: str) -> str | None:
    """The state of the universe after `char`; None where no host goes on so."""
    if char == ".":
        return _NEXT if state in _MAY_END else None
    if char == "-":
        return None if state in (_LAST, _NEXT) else _HYPHEN
    if state in (_LAST, _DECIMAL, _HEXADECIMAL):
        if char == "x":
            return _X
        if char in _HEX or (char.isdigit() and state == _HEXADECIMAL):
            return _HEXADECIMAL
        return _DECIMAL if char.isdigit() else _INSIDE
    return _NUMBER if state == _X and char == "0" else _INSIDE


_STATES: Final = (_LAST, _DECIMAL, _HEXADECIMAL, _X, _NUMBER, _NEXT, _INSIDE, _HYPHEN)
_TABLE: Final = {
    state: {char: after for kind in _KINDS for char in kind if (after := _after(state, char)) is not None}
    for state in _STATES
}


class _Automaton:
    """Aho-Corasick over texts that are read backwards."""

    def __init__(self, wanted: Sequence[str], forbidden: Iterable[str], budget: Budget) -> None:
        self._budget = budget
        self._next: list[dict[str, int]] = [{}]
        self._fail: list[int] = [0]
        self.dead: list[bool] = [False]
        self.seen: list[int] = [0]
        paths = [self._add(text) for text in wanted]
        for bit, path in enumerate(paths):
            self.seen[path[-1]] |= 1 << bit
        for text in forbidden:
            self.dead[self._add(text)[-1]] = True
        self._link(wanted, paths)

    def _add(self, text: str) -> list[int]:
        self._budget.spend(len(text))
        node, path = 0, [0]
        for char in reversed(text):
            if char not in self._next[node]:
                self._next[node][char] = len(self._next)
                self._next.append({})
                self._fail.append(0)
                self.dead.append(False)
                self.seen.append(0)
            node = self._next[node][char]
            path.append(node)
        return path

    def _link(self, wanted: Sequence[str], paths: Sequence[list[int]]) -> None:
        # still[k][node]: letters of text k that must come yet; `^` and `$` cost nothing.
        costs = [[sum(char not in "^$" for char in text[: len(text) - at]) for at in range(len(text) + 1)]
                 for text in wanted]  # fmt: skip
        self.still = [[cost[0]] * len(self._next) for cost in costs]
        on_path = [dict(zip(path, cost, strict=True)) for path, cost in zip(paths, costs, strict=True)]
        queue = list(self._next[0].values())
        for still, own in zip(self.still, on_path, strict=True):
            for node in queue:
                still[node] = own.get(node, still[0])
        for node in queue:
            self._budget.spend()
            for char, child in self._next[node].items():
                fail = self.after(self._fail[node], char)
                self._fail[child] = fail
                self.dead[child] = self.dead[child] or self.dead[fail]
                self.seen[child] |= self.seen[fail]
                for still, own in zip(self.still, on_path, strict=True):
                    still[child] = own.get(child, still[fail])
                queue.append(child)

    def after(self, node: int, char: str) -> int:
        while char not in self._next[node]:
            if not node:
                return 0
            node = self._fail[node]
        return self._next[node][char]

    def missing(self, node: int, seen: int) -> int:
        """How many letters must come yet, at the least."""
        return max((still[node] for bit, still in enumerate(self.still) if not seen >> bit & 1), default=0)


def shortest_host(wanted: Sequence[str], forbidden: Iterable[str], budget: Budget) -> str | None:
    """The shortest host whose `^host$` holds every text of `wanted` and none of `forbidden`; None if there is none.

    Raises OutOfBudgetError.
    """
    forbidden = list(forbidden)
    if "" in forbidden or any(text in other for text in forbidden for other in wanted):
        return None
    automaton = _Automaton(wanted, forbidden, budget)
    return _search(automaton, _alphabet([*wanted, *forbidden]), (1 << len(wanted)) - 1, budget)


def _search(automaton: _Automaton, alphabet: str, everything: int, budget: Budget) -> str | None:
    start = automaton.after(0, "$")
    if automaton.dead[start]:
        return None
    seen = automaton.seen[start]
    turn = count()  # of two hosts that are equally near, the one with the more readable letter goes first
    heap = [(automaton.missing(start, seen), 0, next(turn), "", start, seen, _LAST, 0)]
    shortest_label: dict[tuple[int, int, str], int] = {}
    while heap:
        _, depth, _, name, node, seen, state, label = heapq.heappop(heap)
        known = shortest_label.get((node, seen, state))
        if known is not None and known <= label:
            continue
        shortest_label[node, seen, state] = label
        budget.spend(len(alphabet))
        if state in _MAY_END and _may_start(automaton, node, seen, everything):
            return name
        table = _TABLE[state]
        for char in alphabet:
            after = table.get(char)
            length = 0 if char == "." else label + 1
            if after is None or length > MAX_LABEL:
                continue
            there = automaton.after(node, char)
            if automaton.dead[there]:
                continue
            known_there = seen | automaton.seen[there]
            total = 1 - depth + automaton.missing(there, known_there)
            if total <= MAX_NAME:
                heapq.heappush(heap, (total, depth - 1, next(turn), char + name, there, known_there, after, length))
    return None


def _may_start(automaton: _Automaton, node: int, seen: int, everything: int) -> bool:
    """Whether the host may start before what has been read."""
    there = automaton.after(node, "^")
    return not automaton.dead[there] and seen | automaton.seen[there] == everything


def _alphabet(texts: Iterable[str]) -> str:
    """The letters of `texts`, and of each kind one that stands in none: the others behave like it."""
    used = set("".join(texts))
    return "".join(
        char
        for kind in _KINDS
        for char in (*filter(used.__contains__, kind), *[each for each in kind if each not in used][:1])
    )
