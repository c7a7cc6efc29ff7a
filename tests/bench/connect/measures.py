"""What is measured of one server. Times are seconds, sizes bytes; a figure belongs to successes alone."""

from __future__ import annotations

import os
import signal
import ssl
import time
from dataclasses import dataclass
from itertools import chain
from statistics import quantiles

import httpx
from accounting import cpu_seconds, open_files, resident
from fleet import fleet
from servers import EVENTS_LOGIN, Server
from surroundings import World

from lab.uem.inventory import ComplianceStatus

PROCESSES = 2


@dataclass(frozen=True)
class Connects:
    """CONNECTs one after the other in each process of devices, each with a whole handshake, or resumed."""

    tried: int
    succeeded: int
    resumed: int
    cpu: float
    """Of the server, for each that succeeded."""
    per_second: float
    errors: dict[str, int]


def connects(world: World, server: Server, count: int, *, processes: int, resume: bool = False) -> Connects:
    share = count // processes
    with fleet(world, server, "connects", processes=processes, count=share, resume=resume, interval=None) as devices:
        before = _cpu(server)
        outcomes = devices.go()
        spent = _cpu(server) - before
    good = sum(len(each["took"]) for each in outcomes)
    errors: dict[str, int] = {}
    for each in outcomes:
        for words, number in each["errors"].items():
            errors[words] = errors.get(words, 0) + number
    return Connects(
        tried=share * processes,
        succeeded=good,
        resumed=sum(each["reused"] for each in outcomes),
        cpu=spent / max(good, 1),
        per_second=good / max(each["seconds"] for each in outcomes),
        errors=errors,
    )


@dataclass(frozen=True)
class Latency:
    p50: float
    p99: float
    failed: int


def connect_latency(world: World, server: Server, rate: float, seconds: float, processes: int) -> Latency:
    """From the moment a connection is due to the far end's answer through it, at a rate that does not yield."""
    count, interval = int(rate * seconds / processes), processes / rate
    with fleet(world, server, "connects", processes=processes, count=count, resume=False, interval=interval) as devices:
        outcomes = devices.go()
    return _latency([each["took"] for each in outcomes], sum(each["failed"] for each in outcomes))


def round_trip(world: World, server: Server, rate: float, seconds: float, tunnels: int) -> Latency:
    """One exchange through a tunnel that stands already."""
    count = int(rate * seconds)
    with fleet(world, server, "round-trips", processes=1, count=count, tunnels=tunnels, interval=1 / rate) as devices:
        outcomes = devices.go()
    return _latency([each["took"] for each in outcomes], 0)


def _latency(took: list[list[float]], failed: int) -> Latency:
    percentiles = quantiles(chain.from_iterable(took), n=100)
    return Latency(percentiles[49], percentiles[98], failed)


@dataclass(frozen=True)
class Bulk:
    """Bytes a second through one tunnel, and the server's CPU seconds for a GB."""

    rate: float
    cpu: float


def bulk(world: World, server: Server, direction: str, size: int) -> Bulk:
    with fleet(world, server, direction, processes=1, port=direction, bytes=size) as devices:
        before = _cpu(server)
        outcomes = devices.go()
        spent = _cpu(server) - before
    return Bulk(size / outcomes[0]["seconds"], spent / size * 1e9)


@dataclass(frozen=True)
class Idle:
    """Memory with `standing` tunnels that have each exchanged something and then say nothing."""

    standing: int
    base: int
    with_tunnels: int
    left_files: int
    """Open files that the server has more than before, once all tunnels have ended."""

    @property
    def per_tunnel(self) -> float:
        return (self.with_tunnels - self.base) / max(self.standing, 1)


def idle(world: World, server: Server, tunnels: int, processes: int) -> Idle:
    assert server.process is not None
    files = open_files(server.process)
    base = resident(server.process)
    with fleet(world, server, "hold", processes=processes, count=tunnels // processes) as devices:
        outcomes = devices.go()
        held = resident(server.process)
    deadline = time.monotonic() + 20
    while (left := open_files(server.process) - files) > 0 and time.monotonic() < deadline:
        time.sleep(0.2)
    return Idle(sum(each["standing"] for each in outcomes), base, held, left)


@dataclass(frozen=True)
class Cut:
    """Seconds from the moment that a device no longer complies to the end of its tunnel, for each that ended."""

    devices: int
    took: list[float]


def cut(world: World, server: Server, within: float) -> Cut:
    """Every device has a tunnel, and the UEM says of each, as fast as it can, that it no longer complies."""
    assert server.events is not None
    with fleet(world, server, "watch", processes=PROCESSES, within=within) as devices:
        devices.start()
        sent = notify(world, server.events)
        outcomes = devices.outcomes()
    took = []
    for share, outcome in enumerate(outcomes):
        took += [at - sent[share + int(number) * PROCESSES] for number, at in outcome["cut"].items()]
    return Cut(len(world.devices), took)


def notify(world: World, events: str) -> list[float]:
    """Tell the gateway of every device that it does not comply; when each was so, by the machine's clock."""
    tenant = world.surroundings.tenant
    sent = []
    tls = ssl.create_default_context(cafile=str(world.servers_authority))
    with httpx.Client(verify=tls, auth=EVENTS_LOGIN, trust_env=False) as uem:
        for number, udid in enumerate(world.devices):
            event = {
                "EventId": 178,
                "EventType": "Compliance Status Changed",
                "EventTime": f"2026-01-16T09:13:{number % 60:02}.{number:07}Z",
                "EnrollmentStatus": "Enrolled",
                "CompromisedStatus": "",
                "ComplianceStatus": "NonCompliant",
                "Udid": udid,
            }
            sent.append(time.monotonic())
            tenant.set_state(tenant.by_udid(udid), compliance=ComplianceStatus.NON_COMPLIANT)
            uem.post(events, json=event).raise_for_status()
    return sent


@dataclass(frozen=True)
class Reloads:
    """What `times` reloads did to CONNECTs that went on meanwhile, and to tunnels that stood."""

    times: int
    tried: int
    failed: int
    standing: int
    cut: int


def reloads(world: World, server: Server, count: int, tunnels: int, times: int) -> Reloads:
    assert server.process is not None
    with (
        fleet(world, server, "watch", processes=1, within=0.0, only=tunnels, until_end=True) as standing,
        fleet(world, server, "connects", processes=PROCESSES, count=count, resume=False, interval=None) as devices,
    ):
        standing.start()
        devices.start()
        for _ in range(times):
            os.kill(server.process, signal.SIGHUP)
            time.sleep(0.5)
        outcomes = devices.outcomes()
        standing.start()
        ended = standing.outcomes()[0]["cut"]
    return Reloads(times, count * PROCESSES, sum(each["failed"] for each in outcomes), tunnels, len(ended))


def _cpu(server: Server) -> float:
    return 0.0 if server.process is None else cpu_seconds(server.process)
