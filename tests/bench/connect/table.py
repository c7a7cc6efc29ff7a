"""The table of one run: a row a measure, a column a server, and this gateway's ratio to each of the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

OURS, MITMPROXY, SQUID = "this gateway", "mitmproxy", "Squid"


@dataclass(frozen=True)
class Target:
    """`holds` gets the row's figures by server; `words` say what it asks."""

    words: str
    holds: Callable[[Mapping[str, float]], bool]


def at_most(times: float, peer: str) -> Target:
    return Target(
        f"at most {times} of {peer}", lambda figures: peer not in figures or figures[OURS] <= times * figures[peer]
    )


def at_least(times: float, peer: str) -> Target:
    return Target(
        f"at least {times} of {peer}", lambda figures: peer not in figures or figures[OURS] >= times * figures[peer]
    )


def below(bound: float, unit: str) -> Target:
    return Target(f"at most {bound:g} {unit}", lambda figures: figures[OURS] <= bound)


@dataclass
class Table:
    rows: list[list[str]] = field(default_factory=list)
    all_reached: bool = True

    def add(self, name: str, figures: Mapping[str, float], shown: str, *targets: Target) -> None:
        """A row of figures, each formatted by `shown`."""
        judged = []
        for target in targets:
            reached = target.holds(figures)
            self.all_reached = self.all_reached and reached
            judged.append(f"{target.words}: {'reached' if reached else 'MISSED'}")
        cells = [shown.format(figures[each]) if each in figures else "-" for each in (OURS, MITMPROXY, SQUID)]
        ratios = [f"{figures[OURS] / figures[each]:.2f}" if figures.get(each) else "-" for each in (MITMPROXY, SQUID)]
        self.note(name, *cells, *ratios, "; ".join(judged))

    def note(self, *cells: str) -> None:
        """A row of words. It is told on standard error at once: a whole run takes a quarter of an hour."""
        print(": ".join(filter(None, cells)), file=sys.stderr, flush=True)
        self.rows.append([*cells, *([""] * (7 - len(cells)))])

    def text(self) -> str:
        head = ["", OURS, MITMPROXY, SQUID, f"to {MITMPROXY}", f"to {SQUID}", "target"]
        rows = [head, ["---"] * len(head), *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
        ]
        return "\n".join(line.replace("---", "---") for line in lines)
