"""watch as a process: one of two acts, on change; the endpoint answers this machine alone; it ends when told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from egress_gateway import EgressGateway, egress_gateway
from zone_worlds import ADMIN_TOKEN, THERE, ZoneWorld, zone_world

PATIENCE = 60.0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)


@contextmanager
def watching(config: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "okta_zones", "watch", "--config", str(config), "--json"]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def events(log: Path) -> list[str]:
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneWorld]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def gateway() -> Iterator[EgressGateway]:
    with egress_gateway(ADMIN_TOKEN, a_127_42_0_10="active", a_127_42_0_11="disabled") as made:
        yield made


def test_it_acts_on_change_and_its_understudy_takes_over(world: ZoneWorld, gateway: EgressGateway) -> None:
    source = f'{{gateway: {{admin: "{gateway.url}", token-file: admin.token}}}}'
    config = world.configure(sources=source, top='watch: {poll: 1s, listen: "127.0.0.1:0"}\n')
    first_log, second_log = world.directory / "first.jsonl", world.directory / "second.jsonl"
    with watching(config, first_log) as first:
        until(lambda: "written" in events(first_log))
        assert first.stderr is not None
        url = first.stderr.readline().rpartition(" ")[2].strip()
        assert httpx.get(f"{url}/readyz", trust_env=False).text == "ready\n"
        assert httpx.get(f"{url}/metrics", trust_env=False).text.startswith("# HELP okta_zones_")
        foreign = httpx.get(f"{url}/healthz", headers={"Host": "evil.example"}, trust_env=False)
        page = httpx.get(f"{url}/healthz", headers={"Origin": "https://evil.example"}, trust_env=False)
        assert (foreign.status_code, page.status_code) == (403, 403)
        with watching(config, second_log) as second:
            until(lambda: "standby" in events(second_log))
            gateway.states["127.42.0.11"] = "active"
            until(lambda: "127.42.0.10-127.42.0.11" in world.gateways())
            os.kill(first.pid, signal.SIGKILL)
            until(lambda: "acting" in events(second_log))
            second.send_signal(signal.SIGTERM)
            assert second.wait(PATIENCE) == 0
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.11"]
    assert len(world.zone_events()) == 2
