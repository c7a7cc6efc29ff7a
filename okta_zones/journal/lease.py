"""Which of the instances that share a journal may act: the one that holds the lease.

The lease is a lock of the operating system on a file beside the journal, so it ends with its holder's life, whatever
ends that, and no clock is asked. Instances on several machines cannot share it, nor SQLite's WAL: they need journals
of their own, and then they are two writers.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from okta_zones.errors import Refusal, RefusedError
from okta_zones.journal.store import JournalError


class LeaseHeldError(RefusedError):
    """Another instance is at work."""

    def __init__(self, message: str) -> None:
        super().__init__(Refusal.JOURNAL_IN_USE, message)


@contextlib.contextmanager
def leased(journal: Path, holder: str) -> Iterator[None]:
    """Hold the journal's lease. `holder` says who that is, to those who have to wait.

    Raises LeaseHeldError at once when another instance holds it, JournalError when the file cannot be made.
    """
    path = journal.with_name(f"{journal.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise JournalError(f"the lease {path} cannot be used: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.pread(descriptor, 200, 0).decode("utf-8", "replace") or "another okta-zones"
            raise LeaseHeldError(f"{who} is at work with this journal; try again when it is done") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        yield
    finally:
        os.close(descriptor)
