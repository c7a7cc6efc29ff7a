"""Property lists (Apple's XML plist) as plain data, with the place of every key and value.

Also a `<dict>` alone, as Custom XML fields take it, and several in a row. Entities of a document's own are refused, so
that nothing expands; no external thing is ever fetched.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from dtr_rules.mistakes import Mistake, Place, UnusableFileError
from dtr_rules.source import KeyPath

MAX_DEPTH: Final = 50
MAX_VALUES: Final = 50_000
ROOT: Final = "fragment"  # around a fragment, which has no root of its own
_PROLOG = re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*", re.DOTALL)
_TEXTS: Final = ("string", "integer", "real", "date", "data", "key")
_TRUTHS: Final = {"true": True, "false": False}


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet."""

    name: str
    path: KeyPath
    value: Any = None
    key: str | None = None
    text: list[str] = field(default_factory=list)


class PlistDocument:
    """One document on its way to plain data."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, Place] = {}
        self.keys: dict[KeyPath, Place] = {}
        self.roots: list[Any] = []
        self._stack: list[_Open] = []
        self._values = 0
        self._shift = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def load(self, text: str) -> list[Any]:
        """The values at the top: one of a plist, each of a fragment. Raises UnusableFileError."""
        is_whole = "<plist" in text[:2000]
        body = text if is_whole else text[_prolog(text) :]
        self._shift = 0 if is_whole else text[: _prolog(text)].count("\n")
        try:
            if not is_whole:
                self._parser.Parse(f"<{ROOT}>", False)
            self._parser.Parse(body, is_whole)
            if not is_whole:
                self._parser.Parse(f"</{ROOT}>", True)
        except expat.ExpatError as error:
            raise self._unusable(f"not XML: {expat.ErrorString(error.code)}") from None
        if not self.roots:
            raise self._unusable("holds no value of a property list")
        return self.roots

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes  # a plist's elements have none that mean anything
        parent = self._stack[-1] if self._stack else None
        if name in ("plist", ROOT):
            self._stack.append(_Open(name, ()))
            return
        self._count(name)
        path = self._path(parent, name)
        if name == "key":
            self._stack.append(_Open(name, path, self._place()))
            return
        self.places[path] = self._place()
        value: Any = {} if name == "dict" else [] if name == "array" else None
        self._stack.append(_Open(name, path, value))

    def _count(self, name: str) -> None:
        if name not in (*_TEXTS, *_TRUTHS, "dict", "array"):
            raise self._unusable(f"<{name[:40]}> is no element of a property list")
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._unusable(f"more than {MAX_VALUES} values")
        if len(self._stack) > MAX_DEPTH:
            raise self._unusable(f"nested more than {MAX_DEPTH} deep")

    def _path(self, parent: _Open | None, name: str) -> KeyPath:
        if parent is None or parent.name in ("plist", ROOT):
            return (len(self.roots),)
        if parent.name == "array":
            return (*parent.path, len(parent.value))
        if parent.name != "dict":
            raise self._unusable(f"<{name}> inside <{parent.name}>; only <dict> and <array> hold others")
        if name == "key":
            if parent.key is not None:
                raise self._unusable(f"the key '{parent.key[:80]}' has no value")
            return parent.path
        if parent.key is None:
            raise self._unusable(f"<{name}> without a <key> before it")
        return (*parent.path, parent.key)

    def _end(self, name: str) -> None:
        done = self._stack.pop()
        if name in ("plist", ROOT):
            return
        parent = self._stack[-1] if self._stack else _Open(ROOT, ())
        if name == "key":
            self._take_key(parent, "".join(done.text), done.value)
            return
        if name == "dict" and done.key is not None:
            raise self._unusable(f"the key '{done.key[:80]}' has no value")
        value = done.value if name in ("dict", "array") else self._scalar(name, "".join(done.text))
        if parent.name == "dict":
            parent.value[parent.key] = value
            parent.key = None
        elif parent.name == "array":
            parent.value.append(value)
        else:
            self.roots.append(value)

    def _take_key(self, parent: _Open, key: str, place: Place) -> None:
        if parent.name != "dict":
            raise self._unusable("<key> outside a <dict>")
        path = (*parent.path, key)
        if path in self.keys:
            raise self._unusable(f"'{key[:80]}' stands here for the second time (first at line {self.keys[path].line})")
        self.keys[path] = place
        parent.key = key

    def _scalar(self, name: str, text: str) -> Any:
        try:
            return _scalar(name, text)
        except (ValueError, binascii.Error):
            raise self._unusable(f"{text.strip()[:40]!r} is no value of <{name}>") from None

    def _characters(self, text: str) -> None:
        if not self._stack or self._stack[-1].name not in _TEXTS:
            if text.strip():
                raise self._unusable("text outside an element")
            return
        self._stack[-1].text.append(text)

    def _entity(self, *_declaration: object) -> None:
        raise self._unusable("declares an entity of its own; this is refused, because entities can expand without end")

    def _place(self) -> Place:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        inside = len(ROOT) + 2 if self._shift_column(line) else 0
        return Place(self.file, line + self._shift, max(column - inside, 0) + 1)

    def _shift_column(self, line: int) -> bool:
        """Whether the line begins with the element that was put around a fragment."""
        return line == 1 and bool(self._stack) and self._stack[0].name == ROOT

    def _unusable(self, message: str) -> UnusableFileError:
        return UnusableFileError([Mistake(self._place(), message)])


def _scalar(name: str, text: str) -> Any:
    if name in _TRUTHS:
        return _TRUTHS[name]
    if name == "integer":
        return int(text.strip(), 0)
    if name == "real":
        return float(text.strip())
    if name == "date":
        return dt.datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    if name == "data":
        return base64.b64decode("".join(text.split()), validate=True)
    return text


def _prolog(text: str) -> int:
    found = _PROLOG.match(text)
    return found.end() if found else 0
