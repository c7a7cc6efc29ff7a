"""What goes out as a form and what comes back, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What the body and the headers of an error say, in the words of the service."""

    code: str | None = None
    summary: str = ""
    causes: tuple[str, ...] = ()
    wait: float | None = None
    """Seconds to wait before the next request, where the service says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON (None for an empty body) and its links by relation."""

    json: Any
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A form to POST. It may hold secrets, so it shows nothing of itself."""

    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
