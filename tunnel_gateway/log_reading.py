"""Read the decision log while a gateway writes and rotates it: every line once, in order."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line without its line feed, and where it stood."""

    text: str
    file: str
    number: int


class LogReader:
    """An open log. Opening it, and reading on, raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def so_far(self) -> Iterator[Line]:
        """The lines of all rotated files that are there, oldest first, then those of the log."""
        for path in self._rotated():
            with path.open(encoding="utf-8", errors="replace") as stream:
                if not os.path.samestat(os.fstat(stream.fileno()), self._identity):  # rotated since we opened it
                    for number, text in enumerate(stream, start=1):
                        yield Line(text.rstrip("\n"), str(path), number)
        yield from self._rest()

    def since(self) -> Iterator[Line]:
        """The lines that have come since the last call; a log that was rotated meanwhile is read to its end first."""
        yield from self._rest()
        if self._was_replaced():
            yield from self._rest()  # what was written between the two looks
            self.close()
            self._open()
            yield from self._rest()

    def close(self) -> None:
        self._stream.close()

    def _open(self) -> None:
        self._stream = self._path.open(encoding="utf-8", errors="replace")
        self._identity = os.fstat(self._stream.fileno())
        self._begun = ""
        self._number = 0

    def _rest(self) -> Iterator[Line]:
        while text := self._stream.readline():
            self._begun += text
            if self._begun.endswith("\n"):
                self._number += 1
                line, self._begun = self._begun[:-1], ""
                yield Line(line, str(self._path), self._number)

    def _was_replaced(self) -> bool:
        try:
            now = self._path.stat()
        except FileNotFoundError:  # between two steps of a rotation
            return False
        if os.path.samestat(now, self._identity) and now.st_size < self._stream.tell():  # truncated in place
            self._stream.seek(0, io.SEEK_SET)
            self._begun, self._number = "", 0
        return not os.path.samestat(now, self._identity)

    def _rotated(self) -> list[Path]:
        numbered = []
        for path in self._path.parent.glob(f"{self._path.name}.*"):
            suffix = path.name.removeprefix(f"{self._path.name}.")
            if suffix.isascii() and suffix.isdigit():
                numbered.append((int(suffix), path))
        return [path for _, path in sorted(numbered, reverse=True)]
