"""The rows of the table: each part takes its measures in turns and adds what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TypeVar

import measures
from servers import Server
from surroundings import World
from table import MITMPROXY, OURS, SQUID, Table, at_least, at_most, below

T = TypeVar("T")
KB, MB = 1e3, 1e6


@dataclass(frozen=True)
class Sizes:
    rounds: int = 3
    processes: int = 2
    connects: int = 1000
    rate: float = 40.0
    seconds: float = 10.0
    exchanges: float = 400.0
    tunnels: int = 50
    bulk: int = 1_000_000_000
    idle: int = 5000
    reloads: int = 5


TINY = Sizes(
    rounds=1,
    processes=1,
    connects=20,
    rate=20.0,
    seconds=0.5,
    exchanges=40.0,
    tunnels=4,
    bulk=4_000_000,
    idle=20,
    reloads=1,
)


def _in_turns(servers: Sequence[Server], rounds: int, measure: Callable[[Server], T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            found[server.name].append(measure(server))
    return found


def connects(world: World, _direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    """Once every device has connected once, as a fleet has that comes back all day."""
    _in_turns(
        servers,
        1,
        lambda server: measures.connects(world, server, len(world.devices), processes=sizes.processes),
    )  # warm
    for name, resume in (("whole handshake", False), ("resumed", True)):
        found = _in_turns(
            servers,
            sizes.rounds,
            lambda server, resume=resume: measures.connects(
                world, server, sizes.connects, processes=sizes.processes, resume=resume
            ),
        )
        targets = () if resume else (at_most(0.5, MITMPROXY), at_most(1.7, SQUID))
        cpu = {
            each: median(one.cpu for one in rounds)
            for each, rounds in found.items()
            if any(one.succeeded for one in rounds)
        }
        _add(table, f"CPU ms per CONNECT, {name}", cpu, 1e3, "{:.2f}", *targets)
        rate = {each: median(one.per_second for one in rounds) for each, rounds in found.items()}
        _add(table, f"CONNECTs a second, {name}", rate, 1, "{:.0f}")
        table.note(
            f"succeeded of tried, {name}", *(_successes(found.get(each, [])) for each in (OURS, MITMPROXY, SQUID))
        )


def _successes(rounds: Sequence[measures.Connects]) -> str:
    if not rounds:
        return "-"
    good, tried, resumed = (sum(getattr(one, what) for one in rounds) for what in ("succeeded", "tried", "resumed"))
    return f"{good} of {tried}" + (f", {resumed} resumed" if resumed else "")


def latency(world: World, direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    for name, measure in (
        (
            f"CONNECT at {sizes.rate:g} a second",
            lambda server: measures.connect_latency(world, server, sizes.rate, sizes.seconds, sizes.processes),
        ),
        (
            f"round trip at {sizes.exchanges:g} a second",
            lambda server: measures.round_trip(world, server, sizes.exchanges, sizes.seconds, sizes.tunnels),
        ),
    ):
        found = _in_turns([direct, *servers], sizes.rounds, measure)
        base = found.pop(direct.name)
        for percentile in ("p50", "p99"):
            without = median(getattr(one, percentile) for one in base)
            added = {
                each: median(getattr(one, percentile) for one in rounds) - without for each, rounds in found.items()
            }
            _add(table, f"added ms, {name}, {percentile}", added, 1e3, "{:.2f}")
        failed = {each: sum(one.failed for one in rounds) for each, rounds in found.items()}
        if any(failed.values()):
            table.note(f"failed, {name}", *(str(failed.get(each, "-")) for each in (OURS, MITMPROXY, SQUID)))


def bulk(world: World, _direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    for direction in ("download", "upload"):
        found = _in_turns(
            servers,
            sizes.rounds,
            lambda server, direction=direction: measures.bulk(world, server, direction, sizes.bulk),
        )
        rate = {each: median(one.rate for one in rounds) for each, rounds in found.items()}
        _add(table, f"{direction}, MB/s", rate, 1 / MB, "{:.0f}", at_least(0.75, SQUID))
        cpu = {each: median(one.cpu for one in rounds) for each, rounds in found.items()}
        _add(table, f"{direction}, CPU s per GB", cpu, 1, "{:.2f}")


def idle(world: World, _direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    found = _in_turns(servers, 1, lambda server: measures.idle(world, server, sizes.idle, sizes.processes))
    each = {name: one.per_tunnel for name, (one,) in found.items()}
    _add(table, f"KB per idle tunnel of {sizes.idle:,}", each, 1 / KB, "{:.1f}", below(70, "KB"))
    whole = {name: float(one.with_tunnels) for name, (one,) in found.items()}
    _add(table, f"MB with {sizes.idle:,} idle tunnels", whole, 1 / MB, "{:.0f}", below(450, "MB"))
    names = (OURS, MITMPROXY, SQUID)
    table.note("tunnels that stood", *(str(found[name][0].standing) if name in found else "-" for name in names))
    table.note(
        "open files left after them", *(str(found[name][0].left_files) if name in found else "-" for name in names)
    )


def reload(world: World, _direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    ours = next(server for server in servers if server.name == OURS)
    found = measures.reloads(world, ours, sizes.connects, sizes.tunnels, sizes.reloads)
    name = f"failed of {found.tried} CONNECTs, {found.times} reloads"
    table.add(name, {OURS: float(found.failed)}, "{:.0f}", below(0, "failed"))
    table.add(f"cut of {found.standing} tunnels, the same", {OURS: float(found.cut)}, "{:.0f}", below(0, "cut"))


def cut(world: World, _direct: Server, servers: Sequence[Server], table: Table, sizes: Sizes) -> None:
    """The last part: no device complies any more."""
    ours = next(server for server in servers if server.name == OURS)
    found = measures.cut(world, ours, 30.0)
    p50, p99 = quantiles(found.took, n=100)[49::49]
    table.add(f"ms from event to cut, {found.devices} devices, p50", {OURS: p50 * 1e3}, "{:.0f}")
    table.add(f"ms from event to cut, {found.devices} devices, p99", {OURS: p99 * 1e3}, "{:.0f}", below(500, "ms"))
    missed = found.devices - len(found.took)
    table.add("tunnels that were not cut", {OURS: float(missed)}, "{:.0f}", below(0, "tunnels"))


def _add(table: Table, name: str, figures: dict[str, float], factor: float, shown: str, *targets: object) -> None:
    table.add(name, {each: figure * factor for each, figure in figures.items()}, shown, *targets)
