"""What a source says."""

from __future__ import annotations

from dataclasses import dataclass

from okta_zones.addresses import AddressSet


@dataclass(frozen=True, slots=True)
class Report:
    """The egress addresses that one source knows of; `source` names it for people."""

    source: str
    addresses: AddressSet
