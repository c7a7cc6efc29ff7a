"""Addresses as a verb takes them, by their spelling: `203.0.113.10`, a CIDR block or a range."""

from __future__ import annotations

import typer

from okta_zones.addresses import AddressError, AddressSet, parse_addresses


def address(text: str) -> AddressSet:
    """What the text means. Raises typer.BadParameter."""
    try:
        return parse_addresses(text)
    except AddressError as error:
        raise typer.BadParameter(str(error)) from None
