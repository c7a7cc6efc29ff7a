"""YAML's events, from libyaml where PyYAML has it, else from PyYAML's own parser: the same ones either way.

libyaml is some twenty times as fast. Where it refuses a text, PyYAML's own parser is asked, and its answer counts, so
that a mistake has the same words and the same place everywhere. Neither builds anything: whoever reads the events
bounds nesting and aliases.

A value that starts with `*` and names no anchor is what people write who forget to quote a pattern. It is read as the
text that they mean, and told of, so that it hides none of the other mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from dtr_rules.characters import printable

try:
    from yaml import CSafeLoader as CParser
except ImportError:  # a PyYAML that was built without libyaml
    CParser = None  # type: ignore[assignment,misc]

T = TypeVar("T")

_ALIAS = re.compile(r"\*([-_0-9A-Za-z]+)(?=[\s?:,\]}%@`]|$)")


class NotYamlError(Exception):
    """Where YAML's grammar is broken (line and column from 0), and how to mend it."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column

    @classmethod
    def at(cls, mark: Any, message: str) -> NotYamlError:
        """With the place that a mark of PyYAML's says."""
        return cls(message, mark.line, mark.column)


class TooLargeError(NotYamlError):
    """What would take too long to read, so that asking a slower parser would only make it worse."""


class _OwnParser(Reader, Scanner, Parser):
    """PyYAML's own parser, which takes a tab for a space between the tokens of JSON, as libyaml does.

    It reads an alias that names nothing as the text that it is, and keeps its place in `stars`.
    """

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        self._text = text
        self._anchors: set[str] = set()
        self.stars: list[NotYamlError] = []

    def fetch_anchor(self) -> None:
        super().fetch_anchor()
        self._anchors.add(self.tokens[-1].value)

    def fetch_alias(self) -> None:
        mark = self.get_mark()
        named = _ALIAS.match(self._text, mark.index)
        if named is not None and named[1] in self._anchors:
            super().fetch_alias()
            return
        self.stars.append(NotYamlError.at(mark, _quote_it(self._text, mark.index)))
        self.fetch_plain()

    def scan_to_next_token(self) -> None:
        while True:
            super().scan_to_next_token()
            if not (self.flow_level and self.peek() == "\t"):
                return
            while self.peek() in "\t ":
                self.forward()


def from_events(text: str, read: Callable[[Iterator[Any]], T], stars: list[NotYamlError]) -> T:
    """What `read` makes of the events of `text`. Raises NotYamlError, and so may `read`.

    Every value that starts with a `*` without quotes is added to `stars`, also where something is raised.
    """
    if CParser is not None:
        try:
            return read(_events(CParser(text)))
        except TooLargeError:
            raise
        except (yaml.YAMLError, NotYamlError):
            pass  # the other parser says why
    return _from_own_parser(text, read, stars)


def _events(parser: CParser | _OwnParser) -> Iterator[Any]:
    while (event := parser.get_event()) is not None:
        yield event


def _from_own_parser(text: str, read: Callable[[Iterator[Any]], T], stars: list[NotYamlError]) -> T:
    parser = _OwnParser(text)
    try:
        return read(_events(parser))
    except yaml.MarkedYAMLError as error:
        raise _in_words(error, text) from None
    except (ValueError, OverflowError):  # from `\U00110000` and from numbers of thousands of digits in a directive
        raise NotYamlError.at(parser.get_mark(), "not YAML: an escape or a number is out of range") from None
    finally:
        stars += parser.stars


def _in_words(error: yaml.MarkedYAMLError, text: str) -> NotYamlError:
    """Where YAML's grammar is broken, and how to say so."""
    problem, mark = error.problem or "cannot be read", error.problem_mark
    start = error.context_mark or mark
    if start is None or mark is None:
        return NotYamlError(f"not YAML: {problem}", 0, 0)
    at = text[start.index : start.index + 1]
    if at == "*":
        return NotYamlError.at(start, _quote_it(text, start.index))
    if error.context == "while scanning a quoted scalar" and "end of stream" in problem:
        return NotYamlError.at(start, f"not YAML: the quote {at} that opens here is not closed")
    if "got '?'" in problem and text[mark.index] == "?":
        return NotYamlError.at(mark, "a value with '?' in it must be quoted between brackets and braces")
    context = f" ({error.context})" if error.context else ""
    return NotYamlError.at(mark, f"not YAML: {problem}{context}")


def _quote_it(text: str, index: int) -> str:
    """What to say of a value that starts with `*` at `index`, which YAML takes for an alias."""
    found = re.match(r"[^\s,\]}#]{1,80}", text[index : index + 80])
    return f"a value that starts with '*' must be quoted: write \"{printable(found[0]) if found else '*'}\""
