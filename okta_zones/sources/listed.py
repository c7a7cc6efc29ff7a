"""A source that is a list in the configuration file."""

from __future__ import annotations

from dataclasses import dataclass

from okta_zones.addresses import AddressSet
from okta_zones.sources.report import Report


@dataclass(frozen=True, slots=True)
class Listed:
    """The addresses that the file lists."""

    addresses: AddressSet
    key: str = "list"
    title: str = "the list in the file"

    def report(self) -> Report:
        return Report(self.title, self.addresses)
