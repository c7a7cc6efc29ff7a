"""A running gateway whose disk is full: what must count counts, what cannot be kept is said, nobody else suffers."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
from running_gateway import EGRESS, PHONE, RunningGateway, Surroundings, wait_until

Start = Callable[..., RunningGateway]
OTHER, LOST, NEW = (f"00008110-000A1C2E3F40802{number}" for number in range(3))


@contextmanager
def _full_disk(gateway: RunningGateway) -> Iterator[None]:
    """The system lets no file of the gateway grow, as a full disk would not."""
    before = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, before)


def test_full_disk_is_said_and_undoes_nothing(start: Start, surroundings: Surroundings) -> None:
    for udid in (PHONE, OTHER, LOST):
        surroundings.enrol(udid)
    phone, other = surroundings.device_certificate(), surroundings.device_certificate(OTHER)
    gateway = start(**{"decision-log": {"file": "decisions.jsonl", "on-failure": "go-on"}})
    assert gateway.connect(phone).status == 200
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    switch = {"pool": "default", "address": EGRESS[0], "state": "disabled"}
    asked = {
        "/blocks": {"device": PHONE, "reason": "lost"},
        "/blocks/allow": {"device": LOST},
        "/egress": switch,
        "/maintenance": {"until": until, "reason": "an upgrade"},
    }
    with gateway.operator() as operator:
        operator.post("/blocks", json={"device": LOST, "reason": "lost"}).raise_for_status()
        with _full_disk(gateway):
            answers = {path: operator.post(path, json=body) for path, body in asked.items()}
            assert gateway.connect(phone).reason == "device-blocked-by-admin"
            assert gateway.connect(surroundings.device_certificate(LOST)).reason == "device-blocked-by-admin"
            assert gateway.connect(other).status == 200
            surroundings.enrol(NEW)
            wait_until(lambda: gateway.status()["posture"]["unkept"])
            assert gateway.status()["posture"]["maintenance_until"] is None
            assert gateway.status()["decision_log"]["lost"] >= 2
            assert _states(operator) == ["active", "active"]
        assert [
            (path, each.status_code, each.json()["error"].partition(" (")[0]) for path, each in answers.items()
        ] == [
            ("/blocks", 507, "blocked until the gateway stops; the state file cannot be written"),
            ("/blocks/allow", 507, "still blocked; the state file cannot be written"),
            ("/egress", 503, "the state of egress addresses cannot be kept: disk I/O error"),
            ("/maintenance", 507, "the state file cannot be written: disk I/O error"),
        ]
        assert {path: operator.post(path, json=body).status_code for path, body in asked.items()} == dict.fromkeys(
            asked, 200
        )
        assert _states(operator) == ["disabled", "active"]
        wait_until(lambda: gateway.status()["posture"]["unkept"] is None)
    assert gateway.connect(surroundings.device_certificate(LOST)).status == 200
    _, errors, _ = gateway.stop()
    assert "Traceback" not in errors


def _states(operator: httpx.Client) -> list[str]:
    (pool,) = operator.get("/egress").json()["pools"]
    return [each["state"] for each in pool["addresses"]]
