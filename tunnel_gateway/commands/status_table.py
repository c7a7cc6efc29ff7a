"""The status of a gateway as a table. Words from outside are text: neither markup nor anything a terminal obeys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from dtr_rules.terminal import styled
from tunnel_gateway.commands.speaking import duration


def status_table(answer: dict[str, Any]) -> Table:
    """Raises KeyError and TypeError where the answer is none of this version."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value, style in _rows(answer):
        table.add_row(styled(name, "bold"), styled(value, style))
    return table


def _rows(answer: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    rules, log = answer["rules"], answer["decision_log"]
    yield "gateway", f"{answer['gateway']} on {answer['listen']}", ""
    ready = answer["ready"]
    yield "ready", "yes" if ready else f"no: {'; '.join(answer['not_ready'])}", "green" if ready else "red"
    if answer["inspected_hosts"]:
        yield "INSPECTION", f"DECRYPTS {', '.join(answer['inspected_hosts'])}", "bold red"
    yield "posture", _posture(answer["posture"]), "" if answer["posture"]["state"] == "fresh" else "red"
    yield "rules", f"{rules['name']} ({rules['digest'][:12]})", ""
    for pool in answer["pools"]:
        yield f"pool {pool['name']}", ", ".join(map(_address, pool["addresses"])), ""
    yield "tunnels", _tunnels(answer), ""
    yield "admitted", _counts(answer["admitted"]), ""
    yield "refused", _counts(answer["refused"]), ""
    yield "log", _log(log), "red" if log["error"] else ""


def _posture(posture: dict[str, Any]) -> str:
    if posture["state"] == "unavailable":
        return f"unavailable: {posture['error'] or 'not read yet'}; nobody is admitted"
    words = "{state}, revision {revision}, {devices} devices".format(**posture)
    words = f"{words}, {duration(posture['age'])} old"
    if posture["alert"]:
        words = f"{words}, which is more than half of what is allowed"
    if posture["alarms"]:
        words = f"{words}; {posture['alarms']} alarms by events"
    if posture["maintenance_until"]:
        words = f"{words}; maintenance until {posture['maintenance_until']}: {posture['maintenance_reason']}"
    if posture["unkept"]:
        words = f"{words}; cannot be kept: {posture['unkept']}"
    return f"{words}; last attempt failed: {posture['error']}" if posture["error"] else words


def _tunnels(answer: dict[str, Any]) -> str:
    words = f"{answer['tunnels']} open, of {answer['connections']} connections"
    kept = answer["tunnels_on_stale_posture"]
    return f"{words}; {kept} kept though posture is too old" if kept else words


def _address(address: dict[str, Any]) -> str:
    state = "" if address["state"] == "active" else f" {address['state']}"
    return f"{address['address']}{state} ({address['tunnels']} tunnels)"


def _counts(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    total = sum(counts.values())
    return f"{total}: {', '.join(f'{reason} {count}' for reason, count in ordered)}" if ordered else "0"


def _log(log: dict[str, Any]) -> str:
    if log["error"]:
        then = "nobody is admitted" if log["on_failure"] == "refuse" else "the gateway goes on without records"
        return f"{log['file']} cannot be written: {log['error']}; {then}; {log['lost']} records lost"
    lost = f"; {log['lost']} records lost since the start" if log["lost"] else ""
    return f"{log['file']}{lost}"
