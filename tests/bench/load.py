"""What it costs to load a rule set file of the stated mix, and to make its index.

    python tests/bench/load.py [--tiny]

The mix: 1,000 rules of 10 destinations, 100 of which have a `*` inside or behind, 20 apps, 4 platforms. Beside it stand
PyYAML's own loaders on the same file, which check nothing and know no places.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import yaml
from rule_mix import mix
from stopwatch import machine

from dtr_rules import parse_rule_set, yaml_events
from dtr_rules.index import Index

TARGET = 1.0


def seconds(what: Callable[[], object], rounds: int) -> float:
    """The best of several rounds."""

    def once() -> float:
        before = time.perf_counter()
        what()
        return time.perf_counter() - before

    return min(once() for _ in range(rounds))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    tiny = arguments.parse_args().tiny
    text, rounds = mix(rules=10 if tiny else 1000), 1 if tiny else 5
    print(machine(seconds=0.002 if tiny else 0.1))
    rule_set = parse_rule_set(text, "mix.yaml").rule_set
    load = seconds(lambda: parse_rule_set(text, "mix.yaml"), rounds)
    index = seconds(lambda: Index(rule_set), rounds)
    destinations = sum(len(rule.destinations) for rule in rule_set.rules)
    print(f"{len(rule_set.rules):,} rules, {destinations:,} destinations, {len(text):,} characters")
    print(f"load {load:.3f} s, index {index:.3f} s, together {load + index:.3f} s")
    fast_parser, yaml_events.CParser = yaml_events.CParser, None  # type: ignore[assignment,misc]
    alone = seconds(lambda: parse_rule_set(text, "mix.yaml"), rounds)
    yaml_events.CParser = fast_parser  # type: ignore[misc]
    print(f"load without libyaml {alone:.3f} s")
    for name in ("CSafeLoader", "SafeLoader"):
        loader = getattr(yaml, name, None)
        if loader is not None:
            print(f"yaml.{name} alone {seconds(lambda loader=loader: yaml.load(text, loader), rounds):.3f} s")  # type: ignore[misc]
    good = load + index <= TARGET
    print(f"target: {TARGET:.0f} s together: {'reached' if good else 'MISSED'}")
    return 0 if tiny or good else 1


if __name__ == "__main__":
    sys.exit(main())
