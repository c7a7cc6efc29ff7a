"""A source that is a list in the configuration file."""

from __future__ import annotations

from okta_zones.addresses import AddressSet
from okta_zones.sources.report import Report


def report(addresses: AddressSet) -> Report:
    """The addresses that the file lists."""
    return Report("the list in the file", addresses)
