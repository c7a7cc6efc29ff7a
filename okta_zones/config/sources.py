"""`sources`: who says which addresses are in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainValidator

from dtr_rules import source
from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union
from okta_zones.config.names import FileName, Text
from okta_zones.config.reading import Reading
from okta_zones.config.urls import HttpsOrLoopback


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """A gateway to ask."""

    admin: str
    token: Secret


def _addresses(value: object) -> AddressSet:
    try:
        return parse_addresses(value if isinstance(value, str) else "")
    except AddressError:
        raise ValueError("must be an IP address, a CIDR block or a range 'first-last'") from None


class GatewayEntry(source.Model):
    """`sources.gateway`."""

    admin: HttpsOrLoopback
    token_file: FileName | None = None
    token_env: Text | None = None


class SourcesEntry(source.Model):
    """`sources`."""

    addresses: Annotated[list[Annotated[AddressSet, PlainValidator(_addresses)]], Field(min_length=1)] | None = None
    gateway: GatewayEntry | None = None


def read_sources(entry: SourcesEntry, reading: Reading) -> tuple[AddressSet | None, GatewaySettings | None]:
    """The list of the file and the gateway to ask; at least one of them must be there."""
    if entry.addresses is None and entry.gateway is None:
        reading.add("name at least one source: addresses or gateway", "sources")
    return (
        union(entry.addresses) if entry.addresses else None,
        _gateway(entry.gateway, reading) if entry.gateway else None,
    )


def _gateway(entry: GatewayEntry, reading: Reading) -> GatewaySettings:
    token = reading.secret("token", entry.token_file, entry.token_env, ("sources", "gateway"))
    return GatewaySettings(entry.admin, token)
