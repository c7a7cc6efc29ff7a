"""A gateway that is killed and started again while the UEM is out of reach."""

from __future__ import annotations

from collections.abc import Callable

from running_gateway import PHONE, RunningGateway, Surroundings, run_gateway

Start = Callable[..., RunningGateway]


def test_killed_gateway_starts_with_what_it_knew(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    lost = "00008110-000A1C2E3F40801F"
    surroundings.enrol(lost)
    gateway = start()
    assert gateway.connect(surroundings.device_certificate()).status == 200
    done = run_gateway("block", "--config", str(gateway.config), "--device", lost, "--reason", "lost")
    assert done.returncode == 0, done.stderr
    gateway.wait_for_sync()
    gateway.wait_for_sync()  # by then what the one before it read is kept
    before = gateway.status()["posture"]["revision"]
    gateway.process.kill()
    gateway.process.wait()
    (gateway.directory / "ready.json").unlink()

    surroundings.tenant.turn(requests_per_minute=0)
    again = start()
    assert again.status()["posture"]["revision"] >= before
    assert again.connect(surroundings.device_certificate(PHONE)).status == 200
    assert again.connect(surroundings.device_certificate(lost)).reason == "device-blocked-by-admin"
    unknown = again.connect(surroundings.device_certificate("00008110-FFFFFFFFFFFFFFFF"))
    assert unknown.reason == "posture-unavailable"
