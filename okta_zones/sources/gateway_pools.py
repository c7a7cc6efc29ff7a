"""The egress pools of a running gateway, and the switch of one address: what a rotation needs beside the report.

`GET /egress` tells of each address `active`, `draining` or `disabled` and how many tunnels it carries; `POST /egress`
with `{"pool", "address", "state"}` switches one. The gateway refuses (409) what would leave a pool without an active
address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from okta_zones.addresses import AddressError, AddressSet, parse_addresses
from okta_zones.errors import StrangeAnswerError
from okta_zones.sources.gateway import SERVICE, Gateway


class State(StrEnum):
    """What an egress address does."""

    ACTIVE = "active"
    DRAINING = "draining"
    """It keeps the tunnels that it has and gets no new ones."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Egress:
    """One address of one pool of a gateway."""

    gateway: Gateway
    pool: str
    in_zone: bool
    address: AddressSet
    state: State
    tunnels: int


def pools(gateway: Gateway) -> tuple[Egress, ...]:
    """Every address of every pool. Raises FarEndError, also for a gateway that knows no pools yet."""
    with gateway.connected() as exchange:
        answer = exchange.read("/egress").json
    try:
        return tuple(_egress(gateway, answer))
    except (KeyError, TypeError, ValueError, AddressError):
        raise StrangeAnswerError(SERVICE, f"{gateway.admin} does not tell its egress pools (v 1)") from None


def switch(egress: Egress, state: State) -> None:
    """Let the address do something else. Raises FarEndError."""
    with egress.gateway.connected() as exchange:
        body = {"pool": egress.pool, "address": str(egress.address), "state": state.value}
        exchange.write("POST", "/egress", body)


def _egress(gateway: Gateway, answer: Any) -> Iterator[Egress]:
    if answer["v"] != 1:
        raise ValueError("another version")
    for pool in answer["pools"]:
        for each in pool["addresses"]:
            yield Egress(
                gateway=gateway,
                pool=str(pool["name"]),
                in_zone=pool["in-zone"] is True,
                address=parse_addresses(str(each["address"])),
                state=State(each["state"]),
                tunnels=int(each["tunnels"]),
            )
