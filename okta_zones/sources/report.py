"""What a source says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from okta_zones.addresses import AddressSet


@dataclass(frozen=True, slots=True)
class Report:
    """The egress addresses that one source knows of; `source` names it for people."""

    source: str
    addresses: AddressSet


class Source(Protocol):
    """Whoever knows egress addresses."""

    @property
    def key(self) -> str:
        """What the journal knows it by: the same for as long as it is the same source."""

    @property
    def title(self) -> str:
        """For people, also where it gives no answer."""

    def report(self) -> Report:
        """Ask it. Raises FarEndError."""
