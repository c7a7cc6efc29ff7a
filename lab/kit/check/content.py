"""The content of a file as plain data, with the place of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dtr_rules.lint.finding import Severity
from dtr_rules.mistakes import Place
from dtr_rules.source import KeyPath
from lab.kit.check.finding import Finding


@dataclass(frozen=True, slots=True)
class Content:
    """A file that was read. `keys` holds the places of keys, `places` those of values."""

    file: str
    data: Any
    places: Mapping[KeyPath, Place] = field(repr=False)
    keys: Mapping[KeyPath, Place] = field(repr=False)

    def value(self, path: KeyPath, message: str, fix: str, **more: Any) -> Finding:
        """An error at the value at `path`, or at the nearest thing around it that the file does hold."""
        return _finding(self._near(path), message, fix, **more)

    def key(self, path: KeyPath, message: str, fix: str, **more: Any) -> Finding:
        """An error at the key at `path`."""
        return _finding(self.keys.get(path) or self._near(path), message, fix, **more)

    def _near(self, path: KeyPath) -> Place:
        while path not in self.places:
            if not path:
                return Place(self.file, 1, 1)
            path = path[:-1]
        return self.places[path]


def _finding(place: Place, message: str, fix: str, severity: Severity = Severity.ERROR, source: str = "") -> Finding:
    return Finding(place, severity, message, fix, source)
