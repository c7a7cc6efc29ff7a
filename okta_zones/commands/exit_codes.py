"""How the program ends."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
REFUSED: Final = 1
UNUSABLE: Final = 2
NOT_DONE: Final = 3
INTERRUPTED: Final = 130
