"""How something that an app wanted of a provider ended, in one word and in the words of whoever decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import httpx

from lab.device.refusal import Refusal, TunnelRefusedError


class Outcome(StrEnum):
    """How a sign-in ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """The provider said no."""
    NEVER_REACHED = "never reached"
    """The provider heard nothing of it."""
    BROKEN = "broken"
    """The provider answered, and what it answered is not to be believed or understood."""


class DeniedError(Exception):
    """The provider said no, in these words."""


class BrokenError(Exception):
    """An answer that the app does not believe."""


FAILURES: Final = (httpx.TransportError, DeniedError, BrokenError)
"""What ends an app's errand; `ending` says how."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an errand ended that did not succeed."""

    outcome: Outcome
    words: str
    refusal: Refusal | None = None


def ending(error: Exception) -> Ending:
    """What one of FAILURES comes to."""
    if isinstance(error, TunnelRefusedError):
        return Ending(Outcome.NEVER_REACHED, str(error.refusal), error.refusal)
    if isinstance(error, DeniedError):
        return Ending(Outcome.DENIED, str(error))
    if isinstance(error, BrokenError):
        return Ending(Outcome.BROKEN, str(error))
    return Ending(Outcome.NEVER_REACHED, str(error) or type(error).__name__)
