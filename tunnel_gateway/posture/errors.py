"""What the UEM cannot be asked, or cannot answer."""

from __future__ import annotations


class UemError(Exception):
    """The UEM could not be asked, or its answer cannot be used. The text never holds a secret."""


class UnusableAnswerError(UemError):
    """The UEM answered, and only about what it was asked: the next question may well be answered."""
