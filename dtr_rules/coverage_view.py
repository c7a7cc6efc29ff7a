"""Coverage as a table for people and as plain data for JSON."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtr_rules.analysis import Covered, NotCovered
from dtr_rules.coverage import Coverage, Item, RuleCoverage, Standing, Winner, percent
from dtr_rules.coverage_words import briefly, why
from dtr_rules.explanation import decision_as_json, flow_as_json
from dtr_rules.formats.yaml import RuleSetFile
from dtr_rules.model import RuleSet
from dtr_rules.terminal import styled


def show(coverage: Coverage, file: str, console: Console) -> None:
    """Print every rule and destination of `coverage`, and its percentage."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("rule, destination", overflow="fold")
    table.add_column("tests", justify="right")
    table.add_column("why no test was decided by it", overflow="fold", ratio=1)
    for each in coverage.rules:
        for row in _rows(each, coverage.rule_set):
            table.add_row(*row)
    table.add_row("", styled("default action"), str(coverage.default_tests), "")
    headline = f"coverage of {file}: {percent(coverage.decided, coverage.total)}%"
    console.print(styled(headline, "bold"), soft_wrap=True)
    console.print(styled(_counts(coverage)))
    console.print(table)


def _counts(coverage: Coverage) -> str:
    rules = [each.rule for each in coverage.rules]
    destinations = [item for each in coverage.rules for item in each.destinations]
    return f"  {_of(rules, 'rules')} and {_of(destinations, 'destinations')} decided a test"


def _of(items: list[Item], what: str) -> str:
    return f"{sum(item.standing is Standing.DECIDED for item in items)} of {len(items)} {what}"


def _rows(each: RuleCoverage, rule_set: RuleSet) -> list[tuple[Text, Text, Text, Text]]:
    rule = rule_set.rules[each.rule.rule_index]
    reason = why(each.rule, rule_set) if each.rule.standing is Standing.COVERED else briefly(each.rule)
    rows = [_row(str(each.rule.rule_index + 1), rule.name, each.rule, reason)]
    for item, destination in zip(each.destinations, rule.destinations, strict=True):
        rows.append(_row("", f"  {destination.written or destination}", item, why(item, rule_set)))
    return rows


def _row(number: str, name: str, item: Item, reason: str) -> tuple[Text, Text, Text, Text]:
    style = "" if item.standing is Standing.DECIDED else "yellow"
    return styled(number, style), styled(name, style), styled(str(item.tests), style), styled(reason)


# --- for programs --------------------------------------------------------------------------------------------


def as_json(coverage: Coverage, file: RuleSetFile) -> dict[str, object]:
    """The coverage as plain data. Indexes count from 0."""
    return {
        **share_as_json(coverage.decided, coverage.total),
        "rules": [_rule_as_json(each, coverage.rule_set, file) for each in coverage.rules],
        "default_action": {"action": coverage.rule_set.default, "tests": coverage.default_tests},
    }


def share_as_json(decided: int, total: int) -> dict[str, object]:
    """How many of the items are decided."""
    return {"decided": decided, "total": total, "percent": percent(decided, total)}


def _rule_as_json(each: RuleCoverage, rule_set: RuleSet, file: RuleSetFile) -> dict[str, object]:
    rule = rule_set.rules[each.rule.rule_index]
    destinations = zip(each.destinations, rule.destinations, strict=True)
    return {
        "rule": rule.name,
        **_item_as_json(each.rule, rule_set, file),
        "destinations": [
            {"destination": destination.written or str(destination), **_item_as_json(item, rule_set, file)}
            for item, destination in destinations
        ],
    }


def _item_as_json(item: Item, rule_set: RuleSet, file: RuleSetFile) -> dict[str, object]:
    path = ("rules", item.rule_index, *(() if item.destination_index is None else ("to", item.destination_index)))
    place, answer = file.source.place(*path), item.can_decide
    return {
        "index": item.rule_index if item.destination_index is None else item.destination_index,
        "line": place.line,
        "column": place.column,
        "standing": item.standing,
        "tests": item.tests,
        "why": why(item, rule_set) or None,
        "winner": None if item.winner is None else _winner_as_json(item.winner),
        "covered": _covered_as_json(answer, rule_set) if isinstance(answer, Covered) else None,
        "example": flow_as_json(answer.example) if isinstance(answer, NotCovered) else None,
    }


def _winner_as_json(winner: Winner) -> dict[str, object]:
    return {"test": winner.test, "decision": decision_as_json(winner.decision)}


def _covered_as_json(covered: Covered, rule_set: RuleSet) -> dict[str, object]:
    different = covered.different
    return {
        "by": [{"index": index, "rule": rule_set.rules[index].name} for index in covered.rules],
        "different_action": different is not None,
        "different_example": None if different is None else flow_as_json(different),
    }
