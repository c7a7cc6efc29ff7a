"""Who signs in, and what they know and have."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """A person. `code` is what their simulated authenticator shows as a second factor; empty where they have none."""

    user: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
