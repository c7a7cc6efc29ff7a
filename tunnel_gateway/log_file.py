"""The file behind the decision log: one `write` for each line, rotated by size, reopened when told, its owner's alone.

It can be left to logrotate as well: after a rename, `reopen` goes on in a new file; a truncated one is simply gone on
with.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rotation:
    """A file that has reached `size` bytes becomes NAME.1, NAME.1 becomes NAME.2, and so on up to `keep` of them."""

    size: int = 100 * MEGABYTE
    keep: int = 10


class LogFile:
    """An open log. Opening raises OSError, and so does a line that cannot be written: it is then not there in part."""

    def __init__(self, path: Path, rotation: Rotation) -> None:
        self.path = path
        self._rotation = rotation
        self._file: int | None = None
        self._size = 0
        self._open()

    def append(self, line: bytes) -> None:
        """Write a whole line, or nothing."""
        if self._file is None:
            self._open()
        if self._size + len(line) > self._rotation.size:
            self._rotate()
        assert self._file is not None
        written = os.write(self._file, line)
        self._size += written
        if written != len(line):  # half a line would spoil the one that follows it
            self._take_back(written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def reopen(self) -> None:
        """Go on in the file that has the name now. Where that fails, the old one is kept, and OSError raised."""
        old = self._file
        self._open()
        if old is not None:
            os.close(old)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.fchmod(file, 0o600)  # one that was there before may have been open to others
        self._file, self._size = file, os.fstat(file).st_size

    def _take_back(self, written: int) -> None:
        assert self._file is not None
        os.ftruncate(self._file, os.fstat(self._file).st_size - written)
        self._size -= written

    def _rotate(self) -> None:
        """Where the files cannot be renamed the log goes on as it is: better a long file than none."""
        assert self._file is not None
        self._size = os.fstat(self._file).st_size  # somebody may have truncated it
        if self._size < self._rotation.size // 2:
            return
        try:
            for number in range(self._rotation.keep - 1, 0, -1):
                if self._numbered(number).exists():
                    self._numbered(number).replace(self._numbered(number + 1))
            if self._rotation.keep:
                self.path.replace(self._numbered(1))
            else:
                self.path.unlink()
        except OSError:
            self._size = 0  # until as much again has been written
            return
        os.close(self._file)
        self._file = None
        self._open()

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
