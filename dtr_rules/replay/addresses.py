"""Addresses as they stand in packets, and the names that DNS answers gave them."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from dtr_rules.hosts import Address, Name
from dtr_rules.replay.dns_answer import Answer

MAX_NAMES: Final = 32_768


def address_of(packed: bytes) -> Address:
    """The address that 4 or 16 bytes are."""
    return Address(IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed))


class Names:
    """The name under which each address was last looked up. The oldest are forgotten; `forgotten` counts them."""

    def __init__(self, limit: int = MAX_NAMES) -> None:
        self._names: OrderedDict[bytes, Name] = OrderedDict()
        self._limit = limit
        self.forgotten = 0

    def learn(self, answer: Answer) -> None:
        for address in answer.addresses:
            self._names[address] = answer.name
            self._names.move_to_end(address)
            if len(self._names) > self._limit:
                self._names.popitem(last=False)
                self.forgotten += 1

    def of(self, address: bytes) -> Name | None:
        return self._names.get(address)
