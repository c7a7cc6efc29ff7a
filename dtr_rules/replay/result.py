"""A whole replay: captures in, a table out, as values and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dtr_rules.explanation import decision_as_json
from dtr_rules.model import Decision, RuleSet
from dtr_rules.replay import capture
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.apps import Apps
from dtr_rules.replay.judge import Change, Judge
from dtr_rules.replay.reading import Reading
from dtr_rules.replay.tally import Destination, Sums, Tally

Row = tuple[Destination, Sums]


@dataclass(slots=True)
class Result:
    """What came of a replay."""

    rule_set: RuleSet
    against: RuleSet | None
    readings: list[Reading] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def rows(self, *, apart: bool = False) -> list[Row]:
        """The rows, in the order to show them; `apart` for UDP 443 to tunnelled hosts alone, False for all others."""
        return sorted((row for row in self.tally.rows.items() if row[0].apart is apart), key=_order)

    def changes(self) -> list[Row]:
        """The rows for which something changes, the most bytes first."""
        changed = (row for row in self.tally.rows.items() if row[0].ruling.change is not None)
        return sorted(changed, key=lambda row: (row[0].ruling.change is Change.RULE, -row[1].bytes, str(row[0].host)))

    @property
    def changes_action(self) -> bool:
        """Whether something would be done otherwise than the other set, or the gateway then, decided."""
        return any(destination.ruling.change is Change.ACTION for destination in self.tally.rows)


def replay(
    judge: Judge, paths: Iterable[Path], apps: Apps, watch: Callable[[Path, int], None] = lambda _path, _count: None
) -> Result:
    """Run captures, in this order, through the rule sets. What cannot be read is told in the result's readings.

    `watch` is told of bytes as they are read. Raises MissingPackageError where a format needs one.
    """
    result, names = Result(judge.rule_set, judge.against), Names()
    for path in paths:
        reading = Reading(str(path))
        result.readings.append(reading)
        for visit in capture.visits(path, reading, names, lambda count, path=path: watch(path, count)):  # type: ignore[misc]
            apps.fill_in(visit)
            result.tally.add(visit, judge.ruling(visit))
    return result


def sums_of(rows: Iterable[Row]) -> Sums:
    """Everything in these rows together."""
    total = Sums()
    for _destination, sums in rows:
        total.add(sums)
    return total


def _order(row: Row) -> tuple[object, ...]:
    destination, sums = row
    decision = destination.ruling.decision
    if decision is None:
        return (2, "", 0, -sums.bytes, str(destination.host))
    index = decision.rule_index
    return (int(index is None), "" if index is not None else decision.action, index or 0, -sums.bytes,
            str(destination.host))  # fmt: skip


def as_json(result: Result) -> dict[str, object]:
    """The result as plain data for JSON; version 1. Rule indexes count from 0, bytes as the captures count them."""
    apart = result.rows(apart=True)
    return {
        "v": 1,
        "rule_set": _rule_set(result.rule_set),
        "against": None if result.against is None else _rule_set(result.against),
        "captures": [_reading(each) for each in result.readings],
        "destinations": list(map(_row, result.rows())),
        "udp_443_to_tunnelled": {**_sums(sums_of(apart)), "destinations": list(map(_row, apart))},
        "changes": list(map(_row, result.changes())),
        "rows_folded": result.tally.folded,
    }


def _rule_set(rule_set: RuleSet) -> dict[str, object]:
    return {"name": rule_set.name, "mode": rule_set.mode, "digest": rule_set.digest}


def _reading(reading: Reading) -> dict[str, object]:
    return {
        "file": reading.file,
        "format": reading.format,
        "complete": reading.complete,
        "read": dict(reading.counts),
        "left_out": {what.value: count for what, count in reading.left_out.items()},
        "problems": reading.problems,
        "more_problems": reading.more_problems,
    }


def _row(row: Row) -> dict[str, object]:
    destination, sums = row
    ruling = destination.ruling
    recorded = ruling.recorded
    return {
        "host": destination.host,
        "port": destination.port,
        "transport": destination.transport,
        "platform": destination.platform,
        "app": destination.app,
        "decision": _decision(ruling.decision),
        "against": _decision(ruling.against),
        "recorded": None if recorded is None else {"action": recorded.action, "rule": recorded.rule},
        "change": ruling.change,
        **_sums(sums),
    }


def _decision(decision: Decision | None) -> dict[str, object] | None:
    return None if decision is None else decision_as_json(decision)


def _sums(sums: Sums) -> dict[str, object]:
    return {
        "count": sums.count,
        "packets": sums.packets,
        "bytes_up": sums.bytes_up,
        "bytes_down": sums.bytes_down,
        "encrypted_client_hello": sums.encrypted_client_hello,
        "named_by": {name.value: count for name, count in sums.named_by.items()},
    }
