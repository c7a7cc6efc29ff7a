"""SCIM filter expressions (RFC 7644 3.4.2.2) over the API's own objects: `filter` and `search` of its lists.

`eq ne co sw ew gt ge lt le pr`, `and`, `or`, `not`, parentheses. Names and operators are case-insensitive, and so
are compared texts, as the API's are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

Selects = Callable[[Mapping[str, Any]], bool]

_TOKEN: Final = re.compile(r'\s*(?:(?P<mark>[()])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s()"]+))')
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda found, wanted: found == wanted,
    "co": lambda found, wanted: wanted in found,
    "sw": lambda found, wanted: found.startswith(wanted),
    "ew": lambda found, wanted: found.endswith(wanted),
    "gt": lambda found, wanted: found > wanted,
    "ge": lambda found, wanted: found >= wanted,
    "lt": lambda found, wanted: found < wanted,
    "le": lambda found, wanted: found <= wanted,
}
MOST_NESTED: Final = 20


class FilterError(Exception):
    """An expression that is none."""


def read_filter(text: str, names: Collection[str] | None = None) -> Selects:
    """What `text` selects; `names` are the attributes that may be compared, None for all. Raises FilterError."""
    reader = _Reader(_tokens(text), names)
    selects = reader.either(0)
    if reader.rest:
        raise FilterError(f"unexpected '{reader.rest[0]}'")
    return selects


class _Reader:
    """Recursive descent: `or` of `and` of terms."""

    def __init__(self, tokens: list[str], names: Collection[str] | None) -> None:
        self.rest = tokens
        self._names = None if names is None else {name.lower() for name in names}

    def either(self, depth: int) -> Selects:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return lambda found: any(part(found) for part in parts)

    def _both(self, depth: int) -> Selects:
        parts = [self._term(depth)]
        while self._takes("and"):
            parts.append(self._term(depth))
        return lambda found: all(part(found) for part in parts)

    def _term(self, depth: int) -> Selects:
        if depth > MOST_NESTED:
            raise FilterError("nested too deep")
        if self._takes("not"):
            inner = self._term(depth + 1)
            return lambda found: not inner(found)
        if self._takes("("):
            inner = self.either(depth + 1)
            if not self._takes(")"):
                raise FilterError("missing ')'")
            return inner
        return self._comparison()

    def _comparison(self) -> Selects:
        name = self._next().lower()
        if self._names is not None and name not in self._names:
            raise FilterError(f"'{name}' cannot be compared")
        path = name.split(".")
        operator = self._next().lower()
        if operator == "pr":
            return lambda found: any(value not in (None, "") for value in _values(found, path))
        if operator not in _COMPARISONS and operator != "ne":
            raise FilterError(f"unknown operator '{operator}'")
        wanted = _value(self._next())
        if operator == "ne":
            return lambda found: all(_folded(value) != wanted for value in _values(found, path))
        compare = _COMPARISONS[operator]
        return lambda found: any(_compares(compare, _folded(value), wanted) for value in _values(found, path))

    def _takes(self, word: str) -> bool:
        if self.rest and self.rest[0].lower() == word:
            self.rest = self.rest[1:]
            return True
        return False

    def _next(self) -> str:
        if not self.rest:
            raise FilterError("ends too early")
        first, *self.rest = self.rest
        return first


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise FilterError(f"unreadable from '{text[place:]}' on")
        tokens.append(found.group().strip())
        place = found.end()
    return tokens


def _value(token: str) -> Any:
    try:
        return _folded(json.loads(token))
    except ValueError as error:
        raise FilterError(f"not a value: {token}") from error


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _compares(compare: Callable[[Any, Any], bool], found: Any, wanted: Any) -> bool:
    return type(found) is type(wanted) and compare(found, wanted)


def _values(found: Any, path: list[str]) -> list[Any]:
    """What lies at `path`; of lists, each element."""
    if isinstance(found, list):
        return [value for element in found for value in _values(element, path)]
    if not path:
        return [found]
    if not isinstance(found, Mapping):
        return []
    return [value for name, inner in found.items() if name.lower() == path[0] for value in _values(inner, path[1:])]
