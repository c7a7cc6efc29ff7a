"""Write a file whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

COULD_NOT: Final = 3
"""The exit code where something could not be written."""

_PRIVATE: Final = 0o600


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write `text` to `path`, as UTF-8; another program sees the old text or the new one, nothing between.

    A file that exists keeps its permissions; a new one is for its owner alone where `private`. Raises OSError.
    """
    target = path.resolve()
    mode = _mode(target)
    if mode is None:
        target.write_text(text, encoding="utf-8", newline="\n")
        return
    beside = target.with_name(f".dtr-{secrets.token_hex(6)}")
    allowed = _PRIVATE if private else (mode or 0o666)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, allowed)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            if mode and not private:
                os.fchmod(stream.fileno(), mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int | None:
    """The permissions of a file; 0 where there is none; None for what cannot be replaced, such as a pipe."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return 0
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else None
