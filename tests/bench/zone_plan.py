"""What a plan of okta-zones over 10,000 addresses costs, and what the same sets cost netaddr's IPSet.

    python tests/bench/zone_plan.py [--tiny]

Three shapes: every second address (nothing aggregates), runs of ten, one block. A plan is the whole way: the zone's
entries are read, sorted into ours and others', compared with the addresses in use, listed anew and judged. The peer
does only the sets: what is held, what is wanted, what is new, what goes. Results are compared before they are timed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from ipaddress import ip_address

import netaddr
from stopwatch import lookup, machine, microseconds

from okta_zones.addresses import AddressSet, parse_addresses, render_gateways, render_ip_ranges, union
from okta_zones.errors import Refusal
from okta_zones.graph.locations import NOTATION as GRAPH
from okta_zones.journal import Place
from okta_zones.okta.zones import NOTATION as OKTA
from okta_zones.plan import Order, Plan, Rules, make_plan
from okta_zones.target import Current, Notation

SIZE = 10_000
TARGET = 0.2  # seconds
BASE = int(ip_address("100.20.0.0"))
PLACE = Place("https://acme.okta.com", "Tunnel egress", "nzo1")
ACCEPTED = frozenset({Refusal.TOO_MANY_ENTRIES, Refusal.RANGE_TOO_WIDE})
SHAPES: dict[str, Callable[[int], int]] = {
    "every second address": lambda n: 2 * n,
    "runs of ten": lambda n: n + n // 10,
    "one block": lambda n: n,
}


def addresses(size: int, shape: Callable[[int], int], *, shift: int = 0) -> list[str]:
    return [str(ip_address(BASE + shape(n) + shift)) for n in range(size)]


def plan(texts: list[str], held: Current, owned: list[AddressSet], notation: Notation) -> Plan:
    """From the words of a source to the plan; a tenth of what is held is to go."""
    wanted = union(map(parse_addresses, texts))
    gone = union(owned) - wanted
    return make_plan(PLACE, held, owned, Order(wanted, gone), Rules(notation, accepted=ACCEPTED), title="the zone")


def peer(texts: list[str], held: list[str]) -> tuple[netaddr.IPSet, netaddr.IPSet]:
    """The same with IPSet: the addresses that are new, and those that go."""
    wanted, there = netaddr.IPSet(texts), netaddr.IPSet(held)
    return wanted - there, there - wanted


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    tiny = arguments.parse_args().tiny
    size, seconds = (100, 0.002) if tiny else (SIZE, 0.1)
    print(machine(seconds=seconds))
    slowest = 0.0
    for what, shape in SHAPES.items():
        texts = addresses(size, shape)
        before = addresses(size, shape, shift=2 * (size // 10))
        old = union(map(parse_addresses, before))
        for name, notation, render in (("Okta", OKTA, render_gateways), ("Graph", GRAPH, render_ip_ranges)):
            entries = tuple(render(old))
            held, owned = Current("nzo1", entries, {}, {}), [notation.parse(entry) for entry in entries]
            made, (added, removed) = plan(texts, held, owned, notation), peer(texts, before)
            assert (made.add.size, made.remove.size) == (added.size, removed.size), what
            cost = microseconds(lambda: plan(texts, held, owned, notation), seconds=seconds)  # noqa: B023
            slowest = max(slowest, cost / 1e6)
            sets = microseconds(lambda: peer(texts, before), seconds=seconds)  # noqa: B023
            shown = f"{cost / 1e3:,.1f} ms with {len(made.entries):,} entries at {name}"
            theirs = f"IPSet's sets {sets / 1e3:,.1f} ms"
            print(f"{size:,} addresses, {what}: a plan {shown}; {theirs}; {lookup(seconds=seconds)}")
    print(f"target: {TARGET} s for a plan: {'reached' if slowest <= TARGET else 'MISSED'} ({slowest:.3f} s)")
    return 0 if tiny or slowest <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
