"""`$filter` of the sign-in log: comparisons and `startsWith`, joined by `and` (Graph, "List signIns")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.entra.errors import GraphError

Selects = Callable[[Mapping[str, Any]], bool]

FILTERED: Final = frozenset(
    {
        *("appDisplayName", "appId", "clientAppUsed", "conditionalAccessStatus", "correlationId", "createdDateTime"),
        *("id", "ipAddress", "isInteractive", "status/errorCode", "userDisplayName", "userId", "userPrincipalName"),
    }
)
_COMPARISON: Final = re.compile(r"([\w/]+)\s+(eq|ne|gt|ge|lt|le)\s+(?:'((?:[^']|'')*)'|([\w.:+-]+))", re.IGNORECASE)
_STARTS: Final = re.compile(r"startswith\(\s*([\w/]+)\s*,\s*'((?:[^']|'')*)'\s*\)", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)", re.IGNORECASE)
_COMPARES: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda found, wanted: found == wanted,
    "ne": lambda found, wanted: found != wanted,
    "gt": lambda found, wanted: found > wanted,
    "ge": lambda found, wanted: found >= wanted,
    "lt": lambda found, wanted: found < wanted,
    "le": lambda found, wanted: found <= wanted,
}


def read_odata_filter(text: str) -> Selects:
    """What `text` selects. Raises GraphError (400)."""
    parts = [_part(part.strip()) for part in _AND.split(text.strip())]
    return lambda entry: all(part(entry) for part in parts)


def _part(text: str) -> Selects:
    starts = _STARTS.fullmatch(text)
    if starts is not None:
        path, beginning = _path(starts[1]), starts[2].replace("''", "'")
        return lambda entry: str(_at(entry, path)).startswith(beginning)
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise GraphError(400, "BadRequest", f"Invalid filter clause: {text}")
    path, compare = _path(found[1]), _COMPARES[found[2].lower()]
    wanted = found[4] if found[3] is None else found[3].replace("''", "'")
    return lambda entry: compare(_text(_at(entry, path), wanted), wanted)


def _path(name: str) -> list[str]:
    known = {each.lower(): each for each in FILTERED}
    if name.lower() not in known:
        raise GraphError(400, "BadRequest", f"Invalid filter clause: the property '{name}' cannot be filtered by.")
    return known[name.lower()].split("/")


def _at(entry: Any, path: list[str]) -> Any:
    for name in path:
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    return entry


def _text(value: Any, wanted: str) -> str:
    """As `wanted` spells it: times of the log are whole seconds, and may be asked for with fractions."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if text.endswith("Z") and "." in wanted and "T" in text:
        return text.removesuffix("Z") + "." + "0" * len(wanted.partition(".")[2].rstrip("Zz")) + "Z"
    return text
