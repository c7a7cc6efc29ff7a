"""A UEM that fails while the gateway runs: what is known serves, nobody new is admitted, and it is over in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from faulty import Act, Call, Fault, Faulty, a_page, half_a_json, not_done, status
from running_gateway import RunningGateway, Surroundings, started, surrounded, wait_until

from lab.authority import Credential


@dataclass
class Scene:
    gateway: RunningGateway
    uem: Faulty
    known: Credential
    strangers: Iterator[Credential]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    faulty: list[Faulty] = []

    def before(app: object) -> Faulty:
        faulty.append(Faulty(app))  # type: ignore[arg-type]
        return faulty[0]

    with surrounded(before) as around:
        around.enrol()
        gateway = started(around, tmp_path_factory.mktemp("gateway"))
        try:
            yield Scene(gateway, faulty[0], around.device_certificate(), _strangers(around))
        finally:
            gateway.close()


def _strangers(around: Surroundings) -> Iterator[Credential]:
    """A certificate of the UEM's own authority each, for a device that nobody has seen."""
    number = 0
    while True:
        number += 1
        yield around.device_certificate(f"00008110-00000000000{number:05d}")


async def _half(call: Call) -> None:
    await call.answer(200, {"Devices": [], "Page": 0, "PageSize": 500, "Total": 7})


@pytest.mark.parametrize(
    ("act", "words"),
    [
        pytest.param(not_done, "failed", id="cut-off"),
        pytest.param(status(500, Retry_After="0"), "answered 500", id="broken"),
        pytest.param(status(401), "answered 401", id="credentials-no-longer-good"),
        pytest.param(status(429, Retry_After="0"), "429|pause", id="too-many-requests"),
        pytest.param(a_page, "not JSON", id="a-page"),
        pytest.param(half_a_json, "not JSON", id="half-a-document"),
        pytest.param(_half, "ended after 0 of 7 devices", id="half-an-inventory"),
    ],
)
def test_uem_that_fails_drops_nobody_admits_nobody_new_and_is_said(scene: Scene, act: Act, words: str) -> None:
    scene.uem.faults = [Fault("GET", "/API/mdm/devices", act, numbers=None)]
    try:
        found = wait_until(lambda: scene.gateway.status()["posture"]["error"])
        assert any(word in found for word in words.split("|")), found
        assert scene.gateway.connect(scene.known).status == 200
        assert scene.gateway.connect(next(scene.strangers)).reason == "posture-unavailable"
    finally:
        scene.uem.faults = []
    wait_until(lambda: scene.gateway.status()["posture"]["error"] is None)
    assert scene.gateway.connect(scene.known).status == 200
