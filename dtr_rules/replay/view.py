"""A replay for people: what was read, where it went, what would change, and what is not sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from dtr_rules.model import Action, Decision
from dtr_rules.reasons import DecisionReason
from dtr_rules.replay.judge import Change, Ruling
from dtr_rules.replay.reading import WORDS, Reading
from dtr_rules.replay.result import Result, Row, sums_of
from dtr_rules.replay.tally import Destination, Sums
from dtr_rules.replay.visit import NamedBy, Transport
from dtr_rules.terminal import ACTION_STYLES, styled

_REASONS: Final = {
    DecisionReason.DEFAULT_ACTION: "default action",
    DecisionReason.NOT_IN_VPN_PROFILE: "not in the VPN profile",
    DecisionReason.SAFARI_HAS_NO_DEFAULT: "Safari, which has no default",
    DecisionReason.LOOPBACK: "loopback",
    DecisionReason.GO_DIRECT: "trusted network",
}
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


def show(result: Result, console: Console, top: int) -> None:
    """Print `result`, of each table the first `top` rows."""
    for part in _parts(result, top):
        console.print(part, soft_wrap=isinstance(part, Text))


def _parts(result: Result, top: int) -> Iterator[RenderableType]:
    for reading in result.readings:
        yield styled(f"{reading.file}: {_what_was_read(reading)}")
    yield styled(f"rule set: {result.rule_set.name} ({result.rule_set.mode}), digest {result.rule_set.digest[:12]}")
    if result.against is not None:
        yield styled(f"against:  {result.against.name} ({result.against.mode}), digest {result.against.digest[:12]}")
    rows = result.rows()
    if rows:
        yield from _table(rows, top)
    apart = result.rows(apart=True)
    if apart:
        yield from _quic(apart, top)
    if result.against is not None or any(row[0].ruling.recorded for row in rows):
        yield from _changes(result, top)
    yield from _notes(result, [*rows, *apart])


def _what_was_read(reading: Reading) -> str:
    if reading.format is None:
        return "not read"
    counts = [size(number) if what == "bytes" else f"{number:,} {what}" for what, number in reading.counts.items()]
    return ", ".join([reading.format, *counts, *([] if reading.complete else ["damaged or cut"])])


# --- tables --------------------------------------------------------------------------------------------------


def _table(rows: list[Row], top: int) -> Iterator[RenderableType]:
    table = _empty_table("decision", "rule", "destination")
    who = len({(row[0].platform, row[0].app) for row in rows if row[0].host is not None}) > 1
    if who:
        table.add_column("platform, app", overflow="fold")
    _add_sums(table)
    for destination, sums in rows[:top]:
        cells = [_action(destination.ruling.decision), styled(_why(destination.ruling.decision)), _where(destination)]
        cells += [_who(destination)] if who else []
        table.add_row(*cells, *_sums(sums))
    yield table
    if len(rows) > top:
        rest = sums_of(rows[top:])
        yield styled(f"and {len(rows) - top:,} more rows: {_times(rest.count)}, {size(rest.bytes)}", "dim")


def _quic(rows: list[Row], top: int) -> Iterator[RenderableType]:
    total = sums_of(rows)
    yield styled(f"UDP 443 (QUIC) to tunnelled hosts: {_times(total.count)}, {size(total.bytes)}", "bold")
    yield styled("A CONNECT tunnel carries TCP alone: look whether your Tunnel client carries this, blocks it, or not.")
    table = _empty_table("rule", "destination")
    _add_sums(table)
    for destination, sums in rows[:top]:
        table.add_row(styled(_why(destination.ruling.decision)), _where(destination), *_sums(sums))
    yield table


def _changes(result: Result, top: int) -> Iterator[RenderableType]:
    changed = [row for row in result.changes() if row[0].ruling.change is Change.ACTION]
    other_rule = len(result.changes()) - len(changed)
    before = "what was recorded" if result.against is None else "the other set"
    if changed:
        total = sums_of(changed)
        yield styled(f"Changed against {before}: {_times(total.count)}, {size(total.bytes)}", "bold")
        table = _empty_table("before", "now", "destination")
        _add_sums(table)
        for destination, sums in changed[:top]:
            ruling = destination.ruling
            table.add_row(_before(ruling), _with_reason(ruling.decision), _where(destination), *_sums(sums))
        yield table
        if len(changed) > top:
            yield styled(f"and {len(changed) - top:,} more rows", "dim")
    else:
        yield styled(f"Nothing in this traffic would be done otherwise than {before} says.", "bold")
    if other_rule:
        rows = "1 row is" if other_rule == 1 else f"{other_rule:,} rows are"
        yield styled(f"{rows} decided by another rule, with the same action")


def _empty_table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add_sums(table: Table) -> None:
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("bytes", justify="right", no_wrap=True)


def _sums(sums: Sums) -> tuple[str, str]:
    return f"{sums.count:,}", size(sums.bytes)


def _action(decision: Decision | None) -> Text:
    if decision is None:
        return styled("not decided", "bold")
    return styled(decision.action, ACTION_STYLES[decision.action])


def _why(decision: Decision | None) -> str:
    if decision is None:
        return "depends on the platform"
    if decision.rule is not None and decision.rule_index is not None:
        return f"{decision.rule_index + 1} {decision.rule}"
    return _REASONS.get(decision.reason, str(decision.reason))


def _with_reason(decision: Decision | None) -> Text:
    return _action(decision).append_text(styled(f" ({_why(decision)})"))


def _before(ruling: Ruling) -> Text:
    if ruling.against is not None or ruling.recorded is None:
        return _with_reason(ruling.against)
    recorded = ruling.recorded
    return styled(recorded.action, ACTION_STYLES[Action(recorded.action)]).append_text(
        styled(f" ({recorded.rule or 'no rule'})")
    )


def _where(destination: Destination) -> Text:
    if destination.host is None:
        return styled(f"(other hosts, {destination.transport})", "dim")
    host = f"[{destination.host}]" if ":" in destination.host else destination.host
    return styled(f"{host}:{destination.port}{'/udp' if destination.transport is Transport.UDP else ''}")


def _who(destination: Destination) -> Text:
    platform = destination.platform or "any platform"
    return styled(f"{platform}, {destination.app or 'unknown app'}")


# --- what is not sure ------------------------------------------------------------------------------------------


def _notes(result: Result, rows: list[Row]) -> Iterator[RenderableType]:
    notes = [*_about_rows(result, rows), *_about_files(result.readings)]
    if notes:
        yield styled("Not sure, or left out", "bold")
    for note in notes:
        yield styled(f" - {note}")


def _about_rows(result: Result, rows: list[Row]) -> Iterator[str]:
    total = sums_of(rows)
    nameless = total.named_by[NamedBy.ADDRESS]
    if nameless:
        yield f"{_times(nameless)} nothing gave the address a name; rules for names cannot match there"
    if total.named_by[NamedBy.DNS]:
        yield f"{_times(total.named_by[NamedBy.DNS])} the name is the one last looked up for the address, no more"
    if total.encrypted_client_hello:
        yield f"{_times(total.encrypted_client_hello)} there was an ECH extension: the name may be the outer one"
    if any(destination.ruling.decision is None for destination, _sums in rows):
        yield "some decisions depend on the platform, which is not known; say it with --platform or --apps"
    if _app_matters(result) and any(destination.app is None for destination, _sums in rows):
        yield "there are rules for certain apps, and of some traffic the app is not known; say it with --app or --apps"
    if result.tally.folded:
        yield f"{result.tally.folded:,} rows with the fewest bytes were added to '(other hosts)' to bound memory"


def _app_matters(result: Result) -> bool:
    return any(rule.apps is not None for each in (result.rule_set, result.against) if each for rule in each.rules)


def _about_files(readings: Iterable[Reading]) -> Iterator[str]:
    several = len(list(readings)) > 1
    for reading in readings:
        where = f"{reading.file}: " if several else ""
        for what, count in reading.left_out.items():
            yield f"{where}{count:,} {WORDS[what]}"


def size(number: int) -> str:
    """Bytes for people: `1.5 MB` is 1,500,000."""
    value, unit = float(number), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{number} B" if unit == 0 else f"{value:.3g} {_UNITS[unit]}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
