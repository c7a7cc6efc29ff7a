"""A source that is a running tunnel-gateway: its admin endpoint says from which addresses it leaves.

`GET /egress` with a bearer token answers `{"v": 1, "gateway": NAME, "pools": [{"name", "in-zone", "addresses":
[{"address", "state", "tunnels"}]}]}`. Into the zone belong the addresses of the pools with `in-zone` that are active
or still draining; a disabled one carries nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressError, parse_addresses, union
from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange, FixedToken, Problem
from okta_zones.sources.report import Report

SERVICE: Final = "the gateway"
CARRYING: Final = frozenset({"active", "draining"})
STATES: Final = CARRYING | {"disabled"}


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway whose admin endpoint is at `admin`: an http or https origin, or `unix:///path` of its socket."""

    admin: str
    token: Secret = field(repr=False)
    transport: httpx.BaseTransport | None = None

    @property
    def key(self) -> str:
        return f"gateway {self.admin}"

    @property
    def title(self) -> str:
        return f"the gateway at {self.admin}"

    def report(self) -> Report:
        """Ask it. Raises FarEndError when it does not answer, or answers anything but version 1 of its report."""
        with self.connected() as exchange:
            answer = exchange.read("/egress").json
        if not isinstance(answer, dict) or answer.get("v") != 1:
            raise self._strange("does not answer as a tunnel-gateway's admin endpoint (v 1)")
        try:
            addresses = union(map(parse_addresses, _in_zone(answer)))
        except AddressError as error:
            raise self._strange(f"reported {error}") from None
        except (KeyError, TypeError, ValueError):
            raise self._strange("does not answer as a tunnel-gateway's admin endpoint (v 1)") from None
        return Report(f"the gateway {answer.get('gateway', '')!s} at {self.admin}", addresses)

    def connected(self) -> Exchange:
        """Its admin endpoint, ready to be asked."""
        parts = urlsplit(self.admin)
        socket = unquote(parts.path) if parts.scheme == "unix" else None
        # A proxy of the environment is for the internet; it must not see the token of an endpoint on this machine.
        return Exchange(
            "http://localhost" if socket else self.admin,
            service=SERVICE,
            authorization=FixedToken("Bearer", self.token),
            read_problem=_read_problem,
            transport=httpx.HTTPTransport(uds=socket) if socket else self.transport,
            use_environment=parts.scheme == "https",
        )

    def _strange(self, words: str) -> StrangeAnswerError:
        return StrangeAnswerError(SERVICE, f"{self.admin} {words}")


def _in_zone(answer: dict[str, Any]) -> Iterator[str]:
    """Raises KeyError, TypeError or ValueError where the answer is none."""
    for pool in _list(answer["pools"]):
        in_zone = pool["in-zone"]
        for each in _list(pool["addresses"]):
            if not isinstance(in_zone, bool) or each["state"] not in STATES:
                raise ValueError("an unknown state: better no answer than a wrong one")
            if in_zone and each["state"] in CARRYING:
                yield str(each["address"])


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _read_problem(_response: httpx.Response) -> Problem:
    return Problem()
