"""A source that is a running tunnel-gateway: its admin endpoint says from which addresses it leaves.

`GET /v1/egress` with a bearer token answers `{"v": 1, "gateway": NAME, "egress": [ADDRESS, …]}`.
"""

from __future__ import annotations

import httpx

from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressError, parse_addresses, union
from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange, FixedToken, Problem
from okta_zones.sources.report import Report

SERVICE = "the gateway"


def report(admin: str, token: Secret, *, transport: httpx.BaseTransport | None = None) -> Report:
    """Ask the gateway whose admin endpoint is at `admin` (an http or https origin).

    Raises FarEndError when it does not answer, or answers anything but version 1 of its report.
    """
    # A proxy of the environment is for the internet; it must not see the token of an endpoint on this
    # machine.
    with Exchange(
        admin,
        service=SERVICE,
        authorization=FixedToken("Bearer", token),
        read_problem=_read_problem,
        transport=transport,
        use_environment=not admin.startswith("http:"),
    ) as exchange:
        answer = exchange.read("/v1/egress").json
    if not isinstance(answer, dict) or answer.get("v") != 1 or not isinstance(answer.get("egress"), list):
        raise StrangeAnswerError(SERVICE, f"{admin} does not answer as a tunnel-gateway's admin endpoint (v 1)")
    try:
        addresses = union(parse_addresses(str(address)) for address in answer["egress"])
    except AddressError as error:
        raise StrangeAnswerError(SERVICE, f"{admin} reported {error}") from None
    return Report(f"the gateway {answer.get('gateway', '')!s} at {admin}", addresses)


def _read_problem(_response: httpx.Response) -> Problem:
    return Problem()
