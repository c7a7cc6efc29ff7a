"""What a long verb tells programs: JSON Lines, versioned; its progress goes to a terminal beside them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from lab.report.progress import Progress


class JsonLines:
    """`write` takes a line without its end."""

    def __init__(self, write: Callable[[str], None], progress: Progress) -> None:
        self._write = write
        self._progress = progress

    def step(self, words: str) -> contextlib.AbstractContextManager[None]:
        return self._progress.step(words)

    def _say(self, **fields: Any) -> None:
        self._write(json.dumps({"v": 1, **fields}))
