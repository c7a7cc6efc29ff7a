"""JSON (RFC 8259) as plain data, with the place of every key and value in it.

Stricter than most readers where they would guess: a key that stands twice, a number that no double holds, and
characters that a YAML file may not hold are mistakes with a place.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from typing import Final

from dtr_rules.characters import strange_in_value
from dtr_rules.mistakes import Mistake, Place
from dtr_rules.source import KeyPath

MAX_DEPTH: Final = 50
MAX_VALUES: Final = 500_000
_MAX_DIGITS: Final = 300

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class _BrokenError(Exception):
    """The text is no JSON from `offset` on."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


class JsonDocument:
    """One JSON document on its way to plain data: the place of every key and value, and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, Place] = {}
        self.keys: dict[KeyPath, Place] = {}
        self.mistakes: list[Mistake] = []
        self._text = ""
        self._lines: list[int] = []
        self._at = 0
        self._values = 0

    def load(self, text: str) -> object:
        """The document's data. None, and `mistakes`, where it is no JSON."""
        self._text, self._at = text, 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        try:
            data = self._value((), 0)
            self._end()
        except _BrokenError as error:
            self._add(error.offset, f"not JSON: {error}")
            return None
        return data

    def _end(self) -> None:
        self._skip()
        if self._at < len(self._text):
            raise _BrokenError(self._at, "something follows the end of the JSON document; remove it")

    def _value(self, path: KeyPath, depth: int) -> object:
        self._skip()
        start = self._at
        self.places[path] = self._place(start)
        self._values += 1
        if self._values > MAX_VALUES:
            raise _BrokenError(start, f"more than {MAX_VALUES} values")
        match self._text[start : start + 1]:
            case "{" | "[" if depth >= MAX_DEPTH:
                raise _BrokenError(start, f"nested more than {MAX_DEPTH} deep")
            case "{":
                return self._mapping(path, depth)
            case "[":
                return self._list(path, depth)
            case '"':
                return self._string()
            case "-" | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9":
                return self._number()
        return self._word()

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        opened, self._at = self._at, self._at + 1
        if self._next("}"):
            return found
        while True:
            self._skip()
            start = self._at
            if self._text[start : start + 1] != '"':
                hint = "; remove the comma before '}'" if self._text[start : start + 1] == "}" and found else ""
                raise _BrokenError(start, f"a key in double quotes is expected here{hint}")
            key = self._string()
            here = (*path, key)
            if key in found:
                self._add(start, f"'{key}' stands here for the second time (first at line {self.keys[here].line})")
                here = (*here, "again")  # the first one stays, with its places
            self.keys[here] = self._place(start)
            if not self._next(":"):
                raise _BrokenError(self._at, f"':' is missing after the key '{key}'")
            value = self._value(here, depth + 1)
            found.setdefault(key, value)
            if self._next("}"):
                return found
            self._comma(opened, "}")

    def _list(self, path: KeyPath, depth: int) -> list[object]:
        found: list[object] = []
        opened, self._at = self._at, self._at + 1
        if self._next("]"):
            return found
        while True:
            found.append(self._value((*path, len(found)), depth + 1))
            if self._next("]"):
                return found
            self._comma(opened, "]")
            self._skip()
            if self._text[self._at : self._at + 1] == "]":
                raise _BrokenError(self._at, "a value is expected here; remove the comma before ']'")

    def _comma(self, opened: int, close: str) -> None:
        if self._next(","):
            return
        if self._at >= len(self._text):
            line = self._place(opened).line
            raise _BrokenError(self._at, f"the text ends, and '{close}' for line {line} is missing")
        raise _BrokenError(self._at, f"',' or '{close}' is expected here")

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise _BrokenError(self._at, "this text in quotes is not closed, or has a wrong escape or line break in it")
        text = str(json.loads(found[0])) if "\\" in found[1] else found[1]
        strange = strange_in_value(text)
        if strange is not None:
            self._add(self._at, strange)
        self._at = found.end()
        return text

    def _number(self) -> int | float:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            raise _BrokenError(self._at, "'-' alone is no number")
        if len(found[0]) > _MAX_DIGITS:
            raise _BrokenError(self._at, f"a number longer than {_MAX_DIGITS} characters")
        value = float(found[0]) if found[1] or found[2] else int(found[0])
        if isinstance(value, float) and math.isinf(value):
            raise _BrokenError(self._at, "a number too large to be kept exactly")
        self._at = found.end()
        return value

    def _word(self) -> bool | None:
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise _BrokenError(self._at, "a value is expected here")
        if found[0] not in _WORDS:
            raise _BrokenError(self._at, f"'{found[0]}' is no value of JSON; text stands in double quotes")
        self._at = found.end()
        return _WORDS[found[0]]

    def _next(self, char: str) -> bool:
        self._skip()
        if self._text[self._at : self._at + 1] != char:
            return False
        self._at += 1
        return True

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _place(self, offset: int) -> Place:
        line = bisect.bisect_right(self._lines, offset)
        return Place(self.file, line, offset - self._lines[line - 1] + 1)

    def _add(self, offset: int, message: str) -> None:
        self.mistakes.append(Mistake(self._place(offset), message))
