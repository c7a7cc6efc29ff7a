"""Characters that must not stand in a file: what cannot be seen, and what makes a text read otherwise than it is.

An editor shows none of them, and a reviewer takes such a file for another one: bidirectional controls turn the order of
what is read ("Trojan Source", CVE-2021-42574), and a line break that only YAML sees ends a comment (YAML 1.1, 4.2; in
YAML 1.2 and in most editors it is no line break).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

SHOWN_AT_MOST: Final = 20
MAX_DIRECTIVES: Final = 100  # libyaml compares each with all before it; a file of ours needs one at most

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control property
_UNSEEN_BREAKS = "\x85\u2028\u2029"
_PRINTABLE = "\t\n\r -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"  # YAML 1.2, 5.1, without U+FEFF

_STRANGE = re.compile(rf"[^{_PRINTABLE}]|[{_BIDI}{_UNSEEN_BREAKS}]|\r(?!\n)")
_BIDI_CONTROL = re.compile(f"[{_BIDI}]")
_JSON = re.compile(r"\s*[\[{]")


def printable(text: str) -> str:
    """`text` with control characters, bidirectional overrides and the like as visible escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def strange(text: str) -> Iterator[tuple[int, str]]:
    """The index of every character of a file that must not stand there, and how to mend it."""
    for found in _STRANGE.finditer(text):
        yield found.start(), _words(found[0])
    directives = islice(re.finditer(r"^%", text, re.MULTILINE), MAX_DIRECTIVES, None)
    yield from ((each.start(), f"more than {MAX_DIRECTIVES} lines start with '%'") for each in islice(directives, 1))
    if "\t" in text:
        yield from ((at, "a tab stands here; write spaces") for at in _tabs(text))


def strange_in_value(text: str) -> str | None:
    """What is wrong with a text that an escape may have smuggled a character into; None where nothing is."""
    for found in _STRANGE.finditer(text):
        if found[0] not in _UNSEEN_BREAKS and found[0] != "\r":
            return _words(found[0])
    return None


def bidi_control(text: str) -> str | None:
    """The first bidirectional control character of `text` in words: `U+202E (right-to-left override)`."""
    found = _BIDI_CONTROL.search(text)
    return None if found is None else _named(found[0])


def _words(char: str) -> str:
    if _BIDI_CONTROL.match(char):
        return f"the character {_named(char)} makes text read otherwise than it stands; remove it"
    if char in _UNSEEN_BREAKS:
        return f"the character {_named(char)} ends a line, and no editor shows it; remove it"
    if char == "\r":
        return "a carriage return (U+000D) without a line feed ends a line unseen; remove it"
    return f"the character {_named(char)} may not stand in YAML; remove it"


def _named(char: str) -> str:
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"


def _tabs(text: str) -> Iterator[int]:
    """The first tab of every line that holds one where it could mean something.

    Programs differ in what a tab means in YAML, so it may stand in comments only, and in the indentation of JSON.
    """
    json = _JSON.match(text) is not None
    start = 0
    for line in text.split("\n"):
        at = line.find("\t", len(line) - len(line.lstrip()) if json else 0)
        if at >= 0 and not re.search(r"(?:^|\s)#", line[:at]):
            yield start + at
        start += len(line) + 1
