"""How the hosts of two destinations stand to each other."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """How the hosts of one box stand to those of another."""

    AROUND = "around"
    """All hosts of the other are among its own."""
    INSIDE = "inside"
    """All its own are among the other's."""
    CROSSING = "crossing"
    """They share some, as far as the patterns tell."""
    RESOLVED = "resolved"
    """One names hosts, the other addresses: shared is a name that resolves into the range."""
