"""A run as people read it: a difference per target, in the manner of `diff`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from okta_zones.addresses import Entry
from okta_zones.affected import Reach
from okta_zones.controller import Outcome, Run, TargetResult
from okta_zones.echoes import Echo
from okta_zones.errors import RefusedError
from okta_zones.plan import Action, Plan
from okta_zones.safety import Finding

_HEADINGS = {
    (Action.NONE, Outcome.PLANNED): ("nothing to do", "green"),
    (Action.NONE, Outcome.UNCHANGED): ("nothing to do, nothing written", "green"),
    (Action.CREATE, Outcome.PLANNED): ("would be created", "yellow"),
    (Action.UPDATE, Outcome.PLANNED): ("would change", "yellow"),
    (Action.CREATE, Outcome.WRITTEN): ("created and read back", "green"),
    (Action.UPDATE, Outcome.WRITTEN): ("changed and read back", "green"),
    (Action.CREATE, Outcome.NOT_ATTEMPTED): ("not created, because of the others", "yellow"),
    (Action.UPDATE, Outcome.NOT_ATTEMPTED): ("not changed, because of the others", "yellow"),
    (Action.NONE, Outcome.LEFT_TO_OWNER): ("nothing to do; another tool owns it", "green"),
    (Action.CREATE, Outcome.LEFT_TO_OWNER): ("is not there; another tool owns it, nothing is written", "yellow"),
    (Action.UPDATE, Outcome.LEFT_TO_OWNER): ("differs; another tool owns it, nothing is written", "yellow"),
}


def printable(text: str) -> str:
    """`text` without anything that a terminal would obey: names and messages of others are data."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def lines(run: Run, steps: Iterable[str] = ()) -> Iterator[Text]:
    """The run, line by line; `steps` is the order in which it would be carried out."""
    for report in run.survey.reports:
        yield Text(printable(f"{report.source} reports {report.addresses}"))
    for words in (*run.survey.silent, *run.survey.missing):
        yield Text(printable(f"{words}; nothing is removed for that"), style="yellow")
    for confirmation in run.confirmations:
        yield Text(printable(str(confirmation)), style="dim" if confirmation.echo is Echo.CONFIRMED else "yellow")
    for result in run.results:
        yield Text()
        yield from _target(result)
    for number, step in enumerate(steps, 1):
        if number == 1:
            yield Text("\nin this order", style="bold")
        yield Text(printable(f"  {number}. {step}"))


def _target(result: TargetResult) -> Iterator[Text]:
    title = f"{result.name}: {result.title}" + (f" ({result.target_id})" if result.target_id else "")
    yield Text(printable(title), style="bold")
    if result.failure is not None:
        yield Text(f"  {result.outcome}: {_failure(result)}", style="red")
    elif result.plan is not None:
        words, style = _HEADINGS[result.plan.action, result.outcome]
        yield Text(f"  {words}", style=style)
    if result.plan is not None:
        yield from _plan(result.plan)
    if result.reach is not None:
        yield from reach_lines(result.reach)
    for note in result.notes:
        yield Text(f"  note: {printable(note)}", style="yellow")


def _failure(result: TargetResult) -> str:
    reason = f"{result.failure.reason}: " if isinstance(result.failure, RefusedError) else ""
    return reason + printable(str(result.failure))


def _plan(plan: Plan) -> Iterator[Text]:
    for sign, addresses, style, why in (
        ("+", plan.add, "green", ""),
        ("-", plan.remove, "red", ""),
        ("=", plan.keep - plan.unreported, "dim", ""),
        ("=", plan.unreported, "yellow", "  no source reports it"),
    ):
        for text in addresses.texts():
            yield Text(f"  {sign} {text}{why}", style=style)
    for each in plan.not_ours:
        yield Text(f"    {printable(entry_words(each.entry))}  not ours: {each.why}", style="dim")
    if plan.action is not Action.NONE:
        yield Text(f"  written as {', '.join(map(_written, _own_entries(plan)))}", style="dim")
        yield from _verdicts(plan)


def reach_lines(reach: Reach) -> Iterator[Text]:
    """Who names a target, line by line."""
    for each in reach.policies:
        rule = f', rule "{each.rule}"' if each.rule else ""
        effect = f", {each.effect}" if each.effect else ""
        state = "" if each.active else ", not in force"
        yield Text(printable(f'  named by {each.kind} "{each.name}"{rule}: {each.how}{effect}{state}'))
    if not reach.policies and not reach.unread:
        yield Text("  named by no policy: a change of it changes nothing", style="yellow")
    for words in reach.unread:
        yield Text(printable(f"  {words}"), style="yellow")


def _own_entries(plan: Plan) -> list[Entry]:
    others = [each.entry for each in plan.not_ours]
    return [entry for entry in plan.entries if entry not in others]


def _written(entry: Entry) -> str:
    kind = str(entry.get("type") or entry.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    return printable(f"{kind} {entry_words(entry)}")


def _verdicts(plan: Plan) -> Iterator[Text]:
    passed = [verdict.danger.value for verdict in plan.verdicts if verdict.finding is Finding.PASSED]
    for verdict in plan.verdicts:
        if verdict.finding is Finding.PASSED:
            continue
        style = "red" if verdict.finding is Finding.REFUSED else "yellow"
        words = verdict.finding.value.replace("-", " ")
        yield Text(printable(f"  safety: {verdict.danger} {words}: {verdict.words}"), style=style)
    yield Text(f"  safety: passed {', '.join(passed)}", style="dim")


def entry_words(entry: Entry) -> str:
    """An entry as people write it."""
    for key in ("value", "cidrAddress"):
        if isinstance(entry.get(key), str):
            return str(entry[key])
    if "lowerAddress" in entry:
        return f"{entry['lowerAddress']}-{entry.get('upperAddress')}"
    return repr(dict(entry))
