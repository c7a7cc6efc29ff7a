"""Mistakes in files, in the manner of a compiler: the place, what was found, what is allowed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: a file as the user named it, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to mend: its place, what was found and what is allowed."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class UnusableFileError(Exception):
    """A file that cannot be used, with every mistake that was found in it (never empty)."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


def suggestion(found: str, allowed: list[str]) -> str:
    """` (did you mean 'tunnel'?)`, or nothing when no allowed word is near."""
    near = difflib.get_close_matches(found.lower(), allowed, n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""
