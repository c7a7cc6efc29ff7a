"""block, allow and maintenance, as an operator types them, and an event that the UEM sends to a running gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import yaml
from running_gateway import PHONE, RunningGateway, Surroundings, call_gateway, configuration, run_gateway, wait_until

from lab.authority import write_private
from lab.uem.event_desk import Receiver
from lab.uem.inventory import ComplianceStatus

Start = Callable[..., RunningGateway]


def _ended(gateway: RunningGateway) -> str | None:
    return next((each["reason"] for each in reversed(gateway.decisions()) if each["event"] == "end"), None)


def test_block_cuts_and_refuses_until_it_is_taken_back(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    certificate = surroundings.device_certificate()
    config = ("--config", str(gateway.config))
    assert gateway.connect(certificate).status == 200

    done = run_gateway("block", *config, "--device", PHONE, "--reason", "lost on a train")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"blocked device {PHONE.lower()}; 1 cut\n"
    wait_until(lambda: _ended(gateway) == "cut-by-admin")
    answer = gateway.connect(certificate)
    assert (answer.status, answer.reason) == (403, "device-blocked-by-admin")

    done = run_gateway("allow", *config, "--device", PHONE, "--json")
    assert (done.returncode, json.loads(done.stdout)["allowed"]) == (0, True)
    assert gateway.connect(certificate).status == 200
    done = run_gateway("allow", *config, "--device", PHONE)
    assert (done.returncode, done.stdout) == (1, f"device {PHONE.lower()}: not blocked\n")

    until = datetime.now(UTC) + timedelta(hours=2)
    done = run_gateway("maintenance", *config, "--until", until.isoformat(), "--reason", "UEM upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    assert gateway.status()["posture"]["maintenance_reason"] == "UEM upgrade"


def test_names_and_times_that_cannot_be_used(start: Start) -> None:
    gateway = start(fresh=False)
    config = ("--config", str(gateway.config))
    for words, arguments in (
        ("one of them", ("block", *config, "--reason", "x")),
        ("is no UDID", ("block", *config, "--device", "\x1b[31m", "--reason", "x")),
        ("is no thumbprint", ("allow", *config, "--thumbprint", "12")),
        ("is no time", ("maintenance", *config, "--until", "tomorrow", "--reason", "x")),
        ("may last 24h here", ("maintenance", *config, "--until", "2099-01-01T00:00Z", "--reason", "x")),
    ):
        done = call_gateway(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert words in done.stderr
        assert "\x1b" not in done.stderr


def test_event_of_the_uem_cuts_before_the_next_synchronisation(
    start: Start, surroundings: Surroundings, tmp_path: Path
) -> None:
    device = surroundings.enrol()
    write_private(tmp_path / "events.password", b"a-password-for-events")
    posture = yaml.safe_load(configuration(surroundings, tmp_path).read_text())["posture"]
    listener = {"listen": "127.41.0.1:0", "user": "uem", "password-file": "events.password"}
    gateway = start(posture={**posture, "sync-every": "1h", "events": listener})
    assert gateway.connect(surroundings.device_certificate()).status == 200
    address = json.loads((gateway.directory / "ready.json").read_text())["events"]
    tenant = surroundings.tenant
    receiver = tenant.events.add(Receiver("gateway", f"http://{address}/", "uem", "a-password-for-events"))
    tenant.set_state(device, compliance=ComplianceStatus.NON_COMPLIANT)

    async def tell() -> list[int | None]:
        async with httpx.AsyncClient(trust_env=False) as tenant.events.http:
            tested = await tenant.events.test(receiver.id)
            await tenant.run_due()
        return [tested.status, tenant.events.history[-1].status]

    assert asyncio.run(tell()) == [200, 200]
    wait_until(lambda: _ended(gateway) == "cut-by-posture")
    assert gateway.connect(surroundings.device_certificate()).reason == "device-not-compliant"
