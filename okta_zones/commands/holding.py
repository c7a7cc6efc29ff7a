"""Hold the journal's lease for as long as a verb is at work."""

from __future__ import annotations

import os
import platform
from contextlib import AbstractContextManager

from okta_zones.journal import Journal, leased


def held(journal: Journal, verb: str) -> AbstractContextManager[None]:
    """The lease, by this verb of this process. Raises LeaseHeldError when another instance holds it."""
    return leased(journal.path, f"{verb} (process {os.getpid()} on {platform.node()})")
