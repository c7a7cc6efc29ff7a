"""Text from elsewhere, made harmless for a terminal: names and refusals are data, whatever characters they hold."""

from __future__ import annotations


def plain(text: str) -> str:
    """`text` with every character that is not printable (escape sequences, direction marks) replaced."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
