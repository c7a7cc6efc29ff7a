"""Section `egress`: whether connections can leave from the egress addresses, and come in where the gateway listens."""

from __future__ import annotations

from ipaddress import ip_address

from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.egress import Address, why_not_local


async def egress(subject: Subject) -> list[Finding]:
    file = subject.draft.file
    return [
        *(_finding("egress", each.address) for plan in subject.draft.plans for each in plan.standings),
        _finding("listen", ip_address(file.listen[0])),
    ]


def _finding(role: str, address: Address) -> Finding:
    words = why_not_local(address)
    if words is not None:
        return Finding(Level.PROBLEM, role, f"{address} cannot be used on this machine: {words}")
    return Finding(Level.OK, role, str(address))
