"""What cannot be done in a world as it is now."""

from __future__ import annotations


class NotPossibleError(Exception):
    """The text says what is missing, for the person who asked for it."""
