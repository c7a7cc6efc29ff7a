"""The same gateway by a changed configuration: what a reload may change, and what takes a restart."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dtr_rules.source import UnusableFileError
from tunnel_gateway.assembly.identity import identification
from tunnel_gateway.assembly.traffic import router
from tunnel_gateway.assembly.whole import Assembled, Draft
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.egress import why_not_local

RELOADED: Final = frozenset(
    {
        "tls",
        "device_authorities",
        "device_certificates",
        "rules",
        "egress",
        "pools",
        "sni",
        "connect_to",
        "allowed_addresses",
        "name_servers",
        "proxy_ca_file",
        "refusal",
        "limits",
    }
)
"""The parts of the file, and the files that they name, that a reload reads anew."""


def check_change(draft: Draft, running: Assembled) -> None:
    """Raises UnusableFileError where a change takes a restart, or this machine does not have an egress address."""
    for name in GatewayFile.model_fields.keys() - RELOADED:
        if getattr(draft.file, name) != getattr(running.file, name):
            draft.assembly.fail("this has changed, and takes a restart", name.replace("_", "-"))
    if draft.limits.connections > running.limits.connections:
        draft.assembly.fail("more connections take a restart", "limits", "connections")
    for plan in draft.plans:
        for standing in plan.standings:
            words = why_not_local(standing.address)
            if words is not None:
                place = ("egress",) if plan.name not in draft.file.pools else ("pools", plan.name, "addresses")
                draft.assembly.fail(f"{standing.address} cannot be used on this machine: {words}", *place)
    if draft.assembly.mistakes:
        raise UnusableFileError(draft.assembly.mistakes)


def put_in_place(draft: Draft, running: Assembled) -> Assembled:
    """Swap rules, certificates and pools of the running gateway, all at once: between two decisions."""
    gateway, memory = running.gateway, running.identity_memory
    way = router(draft.assembly, draft.book, draft.plans, draft.to_proxies, running.egress_store)
    identified = identification(draft.assembly, draft.authorities, draft.allowed, memory)
    gateway.adopt(way, identified, draft.limits, explains_refusals=draft.file.refusal == "explain")
    rules = draft.book.default.active.rule_set
    return replace(running, file=draft.file, rules=rules, tls=draft.tls, limits=draft.limits, expiries=draft.expiries)
