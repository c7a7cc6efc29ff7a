"""The decision log: what is written of every connection, and what happens when it cannot be written.

Where a tunnel is admitted, its record comes first: if it cannot be written, the operator's choice holds, to refuse or
to go on without a record. Nothing rests on any other record, so a refusal that cannot be written, which anybody can
cause, changes nothing. What was lost is counted, and said when the log can be written again.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from dtr_rules.decision_log import DecisionRecord
from tunnel_gateway.log_file import LogFile, Rotation
from tunnel_gateway.reasons import Reason, RefusalError

RECENT: Final = 1000
"""Records that are kept in memory, for whoever asks the running gateway."""

logger = logging.getLogger(__name__)


class OnFailure(StrEnum):
    """What becomes of a CONNECT whose record cannot be written."""

    REFUSE = "refuse"
    GO_ON = "go-on"


@dataclass(frozen=True, slots=True)
class LogStatus:
    """`error` is why the last record could not be written, None where it could; `lost` counts since the start."""

    on_failure: str
    error: str | None
    lost: int


class DecisionLog:
    """An open log. Raises OSError on opening."""

    def __init__(self, path: Path, rotation: Rotation = Rotation(), on_failure: OnFailure = OnFailure.REFUSE) -> None:
        self._file = LogFile(path, rotation)
        self._on_failure = on_failure
        self._error: str | None = None
        self._lost = 0
        self.written = 0
        """Records since the start."""
        self._recent: deque[DecisionRecord] = deque(maxlen=RECENT)

    def write(self, record: DecisionRecord) -> None:
        """Write the record of an admission. Raises RefusalError with `decision-log-failed` where that is the choice."""
        if not self._append(record) and self._on_failure is OnFailure.REFUSE:
            raise RefusalError(Reason.DECISION_LOG_FAILED)

    def note(self, record: DecisionRecord) -> None:
        """Write the record of something that has already ended."""
        self._append(record)

    def recent(self, after: int = 0) -> list[tuple[int, DecisionRecord]]:
        """The last records that were written, numbered from 1 since the start, those behind `after`."""
        first = self.written - len(self._recent) + 1
        return [(number, record) for number, record in enumerate(self._recent, first) if number > after]

    @property
    def admits(self) -> bool:
        """Whether a CONNECT may be admitted as things stand."""
        return self._error is None or self._on_failure is OnFailure.GO_ON

    def status(self) -> LogStatus:
        return LogStatus(self._on_failure, self._error, self._lost)

    def reopen(self) -> None:
        """Go on in the file that has the log's name now. Raises OSError; the old file is kept then."""
        self._file.reopen()

    def close(self) -> None:
        self._file.close()

    def _append(self, record: DecisionRecord) -> bool:
        try:
            self._file.append(record.line().encode("ascii"))
        except OSError as error:
            self._failed(error.strerror or str(error))
            return False
        self.written += 1
        self._recent.append(record)
        if self._error is not None:
            self._error = None
            logger.warning("the decision log can be written again; %d records were lost since the start", self._lost)
        return True

    def _failed(self, words: str) -> None:
        self._lost += 1
        if self._error is None:
            refusing = self._on_failure is OnFailure.REFUSE
            choice = "nobody is admitted" if refusing else "the gateway goes on without records"
            logger.error("the decision log cannot be written: %s; as configured, %s", words, choice)
        self._error = words
