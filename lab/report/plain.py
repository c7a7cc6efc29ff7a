"""Text from elsewhere, made harmless for a terminal: names and refusals are data, whatever characters they hold."""

from __future__ import annotations


def plain_line(text: str) -> str:
    """The same in one line: lines become words that follow each other."""
    return plain(" ".join(text.splitlines()))


def plain(text: str) -> str:
    """`text` with every character that is not printable (escape sequences, direction marks) replaced."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
