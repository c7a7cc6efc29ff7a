"""One destination of a rule set, as the tables of the index hold it."""

from __future__ import annotations

import sys
from typing import Final, TypeAlias

from dtr_rules.index.audiences import Audience
from dtr_rules.model import Decision

Entry: TypeAlias = tuple[int, int, int, Audience | None, Decision]
"""Place in the set (rules, and destinations within them, counted through), first and last port, audience (None for
every app on every platform), decision."""

EVERY_PORT: Final = (-sys.maxsize, sys.maxsize)
