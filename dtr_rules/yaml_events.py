"""YAML's events, from libyaml where PyYAML has it, else from PyYAML's own parser: the same ones either way.

libyaml is some twenty times as fast. Where it refuses a text, PyYAML's own parser is asked, and its answer counts, so
that a mistake has the same words and the same place everywhere. Neither builds anything: whoever reads the events
bounds nesting and aliases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

try:
    from yaml import CSafeLoader as CParser
except ImportError:  # a PyYAML that was built without libyaml
    CParser = None  # type: ignore[assignment,misc]

T = TypeVar("T")


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
    """PyYAML's own parser, which takes a tab for a space between the tokens of JSON, as libyaml does."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_to_next_token(self) -> None:
        while True:
            super().scan_to_next_token()
            if not (self.flow_level and self.peek() == "\t"):
                return
            while self.peek() in "\t ":
                self.forward()


def from_events(text: str, read: Callable[[Iterator[Any]], T]) -> T:
    """What `read` makes of the events of `text`. Raises NotYamlError, and so may `read`."""
    if CParser is not None:
        try:
            return read(_events(CParser(text)))
        except TooLargeError:
            raise
        except (yaml.YAMLError, NotYamlError):
            pass  # the other parser says why
    return _from_own_parser(text, read)


def _events(parser: CParser | _OwnParser) -> Iterator[Any]:
    while (event := parser.get_event()) is not None:
        yield event


def _from_own_parser(text: str, read: Callable[[Iterator[Any]], T]) -> T:
    parser = _OwnParser(text)
    try:
        return read(_events(parser))
    except yaml.MarkedYAMLError as error:
        raise _in_words(error, text) from None
    except (ValueError, OverflowError):  # from `\U00110000` and from numbers of thousands of digits in a directive
        raise NotYamlError.at(parser.get_mark(), "not YAML: an escape or a number is out of range") from None


def _in_words(error: yaml.MarkedYAMLError, text: str) -> NotYamlError:
    """Where YAML's grammar is broken, and how to say so."""
    problem, mark = error.problem or "cannot be read", error.problem_mark
    start = error.context_mark or mark
    if start is None or mark is None:
        return NotYamlError(f"not YAML: {problem}", 0, 0)
    at = text[start.index : start.index + 1]
    if at == "*":
        return NotYamlError.at(start, quote_it(text, start.index))
    if error.context == "while scanning a quoted scalar" and "end of stream" in problem:
        return NotYamlError.at(start, f"not YAML: the quote {at} that opens here is not closed")
    if "got '?'" in problem and text[mark.index] == "?":
        return NotYamlError.at(mark, "a value with '?' in it must be quoted between brackets and braces")
    context = f" ({error.context})" if error.context else ""
    return NotYamlError.at(mark, f"not YAML: {problem}{context}")


def quote_it(text: str, index: int) -> str:
    """What to say of a value that starts with `*` at `index`, which YAML takes for an alias."""
    found = re.match(r"[^\s,\]}#]{1,80}", text[index : index + 80])
    return f"a value that starts with '*' must be quoted: write \"{found[0] if found else '*'}\""
