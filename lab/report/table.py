"""The demo as one table, and what was not as expected below it."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.demo import Demo
from lab.device.sign_in import Outcome
from lab.evidence import Admission
from lab.report.plain import plain
from lab.rows import Observation, ProviderResult, Row, Whose

COLUMNS = ("#", "device", "path", "gateway", "address the IdP saw", "Okta", "Entra", "why")
ROOMY = 120
"""Columns of a console from which on the table's columns stand beside each other without breaking words."""
_STYLES = {
    Outcome.ALLOWED: "green",
    Outcome.DENIED: "yellow",
    Outcome.NEVER_REACHED: "yellow",
    Outcome.BROKEN: "red",
}


def show(demo: Demo, console: Console) -> None:
    """Print the table, then a line on the whole."""
    console.print(_wide(demo) if console.width >= ROOMY else _narrow(demo))
    _show_differences(demo, console)
    good = sum(not row.differences for row in demo.rows)
    style = "bold green" if demo.as_expected else "bold red"
    console.print(Text(f"{good} of {len(demo.rows)} rows as expected, {demo.seconds:.1f} s", style))


def _wide(demo: Demo) -> Table:
    table = Table(box=box.ROUNDED, show_lines=True, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, overflow="fold", no_wrap=name == "gateway")
    for row in demo.rows:
        table.add_row(*_cells(row))
    return table


def _narrow(demo: Demo) -> Table:
    """The same table for a narrow console: each row's columns stand below each other."""
    table = Table(box=box.ROUNDED, show_header=False)
    for style in ("", "bold", ""):
        table.add_column(overflow="fold", style=style)
    for row in demo.rows:
        number, *cells = _cells(row)
        for name, cell in zip(COLUMNS[1:], cells, strict=True):
            table.add_row(number, name, Text(" ").join(cell.split("\n")), end_section=name == COLUMNS[-1])
            number = Text()
    return table


def _cells(row: Row) -> list[Text]:
    observed = row.observed
    number = Text(str(row.expected.number), "green" if not row.differences else "bold red")
    return [
        number,
        Text(plain(row.expected.device)),
        Text(path_words(observed)),
        _gateway(observed),
        Text(address_words(observed)),
        _okta(observed.okta),
        _entra(observed.entra),
        Text(plain(observed.why)),
    ]


def path_words(observed: Observation) -> str:
    """One word where all connections went the same way; otherwise each host with its own."""
    found = set(observed.paths.values())
    if len(found) == 1:
        return found.pop().value
    return ", ".join(f"{host}: {path}" for host, path in observed.paths.items()) or "none"


def address_words(observed: Observation) -> str:
    """The addresses with whose they are, or `none`."""
    kinds = dict.fromkeys(observed.addresses.values())
    return "\n".join(_of_kind(observed, kind) for kind in kinds) or "none"


def _of_kind(observed: Observation, kind: Whose) -> str:
    addresses = [address for address, owner in observed.addresses.items() if owner is kind]
    return f"{kind} {', '.join(addresses)}"


def _gateway(observed: Observation) -> Text:
    view = observed.gateway
    if view.admission is Admission.NOT_ASKED:
        return Text(view.admission.value)
    rules = [f"rule {rule}" for rule in view.rules]
    reasons = [reason for reason in view.reasons if reason != "rule" or not rules]
    style = "green" if view.admission is Admission.ADMITTED else "yellow"
    return Text.assemble((view.admission.value, style), ",\n", plain(", ".join(rules + reasons)))


def _okta(result: ProviderResult) -> Text:
    text = Text(result.outcome.value, _STYLES[result.outcome])
    if result.view.by:
        text.append(f" by rule {plain(result.view.by)}", "default")
    return text


def _entra(result: ProviderResult) -> Text:
    """Conditional access has only policies that block: one that does not apply leaves no name behind."""
    if result.outcome is Outcome.DENIED and result.view.by:
        style = _STYLES[result.outcome]
        return Text.assemble(("blocked", style), f" by conditional access: {plain(result.view.by)}")
    return Text(result.outcome.value, _STYLES[result.outcome])


def _show_differences(demo: Demo, console: Console) -> None:
    for row in demo.rows:
        for difference in row.differences:
            line = Text.assemble((f"row {row.expected.number}: ", "bold red"), plain(difference))
            console.print(line, soft_wrap=True)
