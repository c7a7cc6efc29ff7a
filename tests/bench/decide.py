"""What one decision costs: by the index, by the reference, and by two general policy engines.

    python tests/bench/decide.py [--tiny]

The flow is normalised already, as it is for a program that asks more than once. Every answer is compared before it is
timed. Sizes are destinations: half of them names, half suffixes; "and 100 middles" adds as many `*text*` patterns.
The ratios to the peers are judged over all flows together; a flow of the first rule is the best case of a peer that
stops there, and has a line of its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Sequence

from stopwatch import lookup, machine, microseconds

from dtr_rules import Action, Flow, Mode, Platform, Rule, RuleSet, parse_address, parse_host
from dtr_rules.destinations import parse_destination
from dtr_rules.evaluate import evaluate
from dtr_rules.index import Index

SIZES = (10, 1_000, 10_000)
MIDDLES = 100
PEER_RULES = 100
TARGET, TARGET_WITH_MIDDLES = 3.0, 10.0
TARGET_RATIOS = {"cedarpy": 40, "regopy": 100}


def rule_set(destinations: Sequence[str], per_rule: int = 10) -> RuleSet:
    """Rules of `per_rule` destinations each, every second one for a single app of twenty."""
    parsed = [parse_destination(each) for each in destinations]
    rules = [
        Rule(
            name=f"rule {start // per_rule}",
            platforms=frozenset(Platform),
            apps=None if start // per_rule % 2 else frozenset({f"com.example.app{start // per_rule % 20}"}),
            action=Action.TUNNEL,
            destinations=tuple(parsed[start : start + per_rule]),
        )
        for start in range(0, len(parsed), per_rule)
    ]
    return RuleSet("bench", Mode.PER_APP, Action.BYPASS, tuple(rules))


def names(count: int) -> list[str]:
    hosts = [f"host{n}.dept{n % 97}.corp{n % 13}.example" for n in range(count)]
    return [host if n % 2 else f"*.{host}" for n, host in enumerate(hosts)]


def flows(count: int) -> dict[str, Flow]:
    """What is asked: hosts of the first rule and of the last, hosts that nothing fits, an address."""
    first, (one_before, last) = names(count)[0], names(count)[-2:]
    hosts = {
        "first rule": f"a.b{first[1:]}",
        "exact": last,
        "suffix": f"a.b{one_before[1:]}",
        "no match": "login.microsoftonline.com",
        "no match, 7 labels": "a.b.c.d.unknown.example.org",
        "an address": "192.0.2.7",
    }
    asked = {what: Flow(Platform.IOS, parse_host(host), 443, "com.example.app0") for what, host in hosts.items()}
    address = parse_address("192.0.2.7")
    return {**asked, "address known": Flow(Platform.IOS, parse_host(last), 443, "com.example.app0", address)}


def decisions(sizes: Sequence[int], middles: int, seconds: float) -> bool:
    """The table of microseconds; whether the slowest of each row stays below its target."""
    good = True
    for size in sizes:
        for extra, target in ((0, TARGET), (middles, TARGET_WITH_MIDDLES)):
            made = rule_set([*names(size), *(f"*middle{n}text*" for n in range(extra))])
            index, costs = Index(made), {}
            for what, flow in flows(size).items():
                assert index.decide(flow) == evaluate(made, flow), what
                costs[what] = microseconds(lambda index=index, flow=flow: index.decide(flow), seconds=seconds)  # type: ignore[misc]
            exact = flows(size)["exact"]
            reference = microseconds(lambda made=made, exact=exact: evaluate(made, exact), seconds=seconds)  # type: ignore[misc]
            row = ", ".join(f"{what} {cost:.2f}" for what, cost in costs.items())
            and_middles = f" and {extra} middles" if extra else ""
            print(f"{size:,} destinations{and_middles}: {row} µs; evaluate {reference:,.0f}; {lookup(seconds=seconds)}")
            good = good and max(costs.values()) <= target
    return good


def of_one_host(sizes: Sequence[int], seconds: float) -> bool:
    """Rules for one host that differ by port alone; whether the slowest stays below its target."""
    good = True
    for size in sizes:
        every, last = rule_set([f"*.corp.example:{port + 1}" for port in range(size)], per_rule=1), size - size % 2
        index, costs = Index(every), {}
        for what, port in {"first port": 2, "last port": last, "no match": 65_535}.items():
            flow = Flow(Platform.IOS, parse_host("a.corp.example"), port, "com.example.app0")
            assert index.decide(flow) == evaluate(every, flow), what
            costs[what] = microseconds(lambda index=index, flow=flow: index.decide(flow), seconds=seconds)  # type: ignore[misc]
        row = ", ".join(f"{what} {cost:.2f}" for what, cost in costs.items())
        print(f"{size:,} ports of one host: {row} µs; {lookup(seconds=seconds)}")
        good = good and max(costs.values()) <= TARGET
    return good


def against_peers(rules: int, seconds: float) -> bool:
    """How many times faster than each peer, on the same rules and the same flows; whether that reaches the target."""
    missing = [peer for peer in TARGET_RATIOS if importlib.util.find_spec(peer) is None]
    if missing:
        print(f"not compared, for want of {' and '.join(missing)}: install the project's extra 'bench'")
        return True
    import peers  # noqa: PLC0415  the peers are an extra

    made = rule_set(names(2 * rules), per_rule=2)
    index, spent = Index(made), dict.fromkeys(("index", *TARGET_RATIOS), 0.0)
    for what, flow in flows(2 * rules).items():
        asked: dict[str, Callable[[], object]] = {"cedarpy": peers.cedar(made, flow), "regopy": peers.rego(made, flow)}
        for peer, decide in asked.items():
            assert decide() == index.decide(flow).rule_index, (peer, what)
        asked["index"] = lambda flow=flow: index.decide(flow)  # type: ignore[misc]
        costs = {who: microseconds(decide, seconds=seconds) for who, decide in asked.items()}
        own = costs["index"]
        shown = ", ".join(f"{peer} {costs[peer]:,.0f} µs ({costs[peer] / own:,.0f} times)" for peer in TARGET_RATIOS)
        print(f"{rules} rules, {what}: index {own:.2f} µs, {shown}; {lookup(seconds=seconds)}")
        spent = {who: sofar + costs[who] for who, sofar in spent.items()}
    ratios = {peer: spent[peer] / spent["index"] for peer in TARGET_RATIOS}
    print(f"{rules} rules, all flows together: {', '.join(f'{ratios[peer]:,.0f} times {peer}' for peer in ratios)}")
    return all(ratios[peer] >= least for peer, least in TARGET_RATIOS.items())


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    tiny = arguments.parse_args().tiny
    seconds = 0.002 if tiny else 0.1
    print(machine(seconds=seconds))
    fast = decisions((10,) if tiny else SIZES, 30 if tiny else MIDDLES, seconds)
    fast = of_one_host((10,) if tiny else SIZES, seconds) and fast
    faster = against_peers(5 if tiny else PEER_RULES, seconds)
    ratios = ", ".join(f"{times} times {peer}" for peer, times in TARGET_RATIOS.items())
    print(f"targets: {TARGET:.0f} µs, {TARGET_WITH_MIDDLES:.0f} µs with middles: {'reached' if fast else 'MISSED'}")
    print(f"targets: {ratios}: {'reached' if faster else 'MISSED'}")
    return 0 if tiny or (fast and faster) else 1


if __name__ == "__main__":
    sys.exit(main())
