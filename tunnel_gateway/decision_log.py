"""Write the decision log: JSON Lines, one `write` for each line, the file readable by its owner alone.

What has no identity behind it can be sent by anybody, so such refusals are counted out to each source: a stranger's
traffic cannot fill the disk. What was left out is told by the next line that is written for that source.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Final

from dtr_rules.decision_log import DecisionRecord

BURST: Final = 20
REFILL: Final = 0.5
"""Lines a second that a source regains, up to BURST."""
MAX_SOURCES: Final = 4096


class DecisionLog:
    """An open log. Raises OSError on opening; a line that cannot be written raises OSError, too."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, record: DecisionRecord) -> None:
        line = record.line().encode("ascii")
        if os.write(self._file, line) != len(line):
            raise OSError("the decision log took only a part of a line; is the disk full?")

    def close(self) -> None:
        os.close(self._file)


class StrangerLimit:
    """How many lines each source without an identity may still cause. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, tuple[float, float, int]] = OrderedDict()

    def admit(self, source: str, now: float) -> int | None:
        """How many lines were left out for this source before this one; None when this one is left out as well."""
        tokens, last, left_out = self._sources.pop(source, (float(BURST), now, 0))
        tokens = min(float(BURST), tokens + (now - last) * REFILL)
        admitted = tokens >= 1.0
        self._sources[source] = (tokens - 1.0, now, 0) if admitted else (tokens, now, left_out + 1)
        while len(self._sources) > MAX_SOURCES:
            self._sources.popitem(last=False)
        return left_out if admitted else None
