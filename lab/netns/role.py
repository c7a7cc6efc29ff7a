"""What a party is to the check of the captures."""

from __future__ import annotations

from enum import Enum, auto


class Role(Enum):
    """On whose link a capture was made."""

    DEVICE = auto()
    GATEWAY = auto()
    SERVER = auto()
