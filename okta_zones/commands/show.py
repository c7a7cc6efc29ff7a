"""`okta-zones show`: what stands at each target, and what was done there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from okta_zones.addresses import AddressSet
from okta_zones.commands.asked import Desk, desk
from okta_zones.commands.screen import ConfigPath, Json, Screen, exit_code, failures, print_json
from okta_zones.diff import entry_words, printable, reach_lines
from okta_zones.document import error_of, reach_document
from okta_zones.journal import Record, Rotation
from okta_zones.needs import Verb
from okta_zones.ownership import Standing
from okta_zones.standing import TargetStanding, look

History = Annotated[bool, typer.Option("--history", help="What the journal says was done, oldest first.")]
Last = Annotated[int, typer.Option(min=1, metavar="N", help="The last N records of --history.")]


def show(
    context: typer.Context,
    *,
    config_path: ConfigPath,
    history: History = False,
    last: Last = 100,
    as_json: Json = False,
) -> None:
    """Show what stands at Okta and Entra: which entries are ours and since when, and who names the zone."""
    with failures(context.obj, "show", as_json=as_json):
        with desk(config_path, Verb.SHOW) as on, context.obj.progress() as tell:
            records = _records(on, last) if history else []
            found = () if history else look(on.targets, on.journal, tell)
            rotation, retirements = on.journal.orders.rotation(), on.journal.orders.retirements()
        if as_json:
            print_json({**_document(found, records), **_orders_document(rotation, retirements)})
        else:
            _print(context.obj, found, records)
            for words in () if history else _orders(rotation, retirements):
                context.obj.out.print(Text(words, style="yellow"), soft_wrap=True)
    raise typer.Exit(max((exit_code(each.failure) for each in found), default=0))


def _records(on: Desk, last: int) -> list[Record]:
    return on.journal.history(limit=last)


def _print(screen: Screen, found: Sequence[TargetStanding], records: Sequence[Record]) -> None:
    for number, each in enumerate(found):
        for line in _lines(each):
            screen.out.print(line, soft_wrap=True)
        if number + 1 < len(found):
            screen.out.print()
    for record in records:
        screen.out.print(_record(record), soft_wrap=True)


def _lines(found: TargetStanding) -> Iterator[Text]:
    target_id = f" ({found.current.id})" if found.current else ""
    yield Text(printable(f"{found.name}: {found.title}{target_id}"), style="bold")
    if found.failure is not None:
        reason = getattr(found.failure, "reason", None)
        yield Text(printable(f"  {f'{reason}: ' if reason else ''}{found.failure}"), style="red")
        return
    if found.current is None:
        yield Text("  is not there", style="yellow")
    for each in found.entries:
        if not each.ours:
            yield Text(printable(f"    {entry_words(each.entry)}  not ours: {each.why}"), style="dim")
            continue
        since = found.since(each.addresses)
        words = f" since {since[0]:%Y-%m-%dT%H:%M:%SZ}, {since[1]}" if since else ""
        yield Text(printable(f"  = {entry_words(each.entry)}  ours{words}"), style="green")
    for gone in found.missing:
        yield Text(f"  ! {gone}  ours, and not there any more: 'apply' writes it again if it is in use", style="red")
    if found.intent is not None:
        words = f"a write that run {found.intent.run} began has no end in the journal; 'apply' finds out"
        yield Text(f"  ! {words}", style="red")
    if found.reach is not None:
        yield from reach_lines(found.reach)


def _orders(rotation: Rotation | None, retirements: AddressSet) -> Iterator[str]:
    """What somebody ordered and is not done yet."""
    if rotation is not None:
        yield f"{rotation} stands at '{rotation.stage}': 'rotate' goes on with it, 'rotate --abandon' forgets it"
    if retirements:
        yield f"{retirements} is to be retired: 'retire' or 'watch' removes it once that is allowed"


def _orders_document(rotation: Rotation | None, retirements: AddressSet) -> dict[str, Any]:
    under_way = rotation and {
        "from": rotation.old.texts(),
        "to": rotation.new.texts(),
        "stage": rotation.stage,
        "since": rotation.since.isoformat(),
    }
    return {"rotation": under_way, "retirements": retirements.texts()}


def _record(record: Record) -> Text:
    detail = ", ".join(f"{key} {_words(value)}" for key, value in record.detail.items() if value not in ([], None))
    where = f" {record.target}" if record.target else ""
    return Text(printable(f"{record.at:%Y-%m-%dT%H:%M:%SZ} {record.run} {record.step}{where}: {detail}"))


def _words(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(entry_words(each) if isinstance(each, dict) else str(each) for each in value) + "]"
    return str(value)


def _document(found: Sequence[TargetStanding], records: Sequence[Record]) -> dict[str, Any]:
    return {
        "v": 1,
        "verb": "show",
        "targets": [_target(each) for each in found],
        "history": [
            {"at": each.at.isoformat(), "run": each.run, "target": each.target, "step": each.step, **each.detail}
            for each in records
        ],
        "error": None,
    }


def _target(found: TargetStanding) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "title": found.title,
        "id": found.current.id if found.current else None,
        "entries": [_entry(each, found) for each in found.entries],
        "missing": [str(each) for each in found.missing],
        "unfinished": found.intent.run if found.intent else None,
        "policies": reach_document(found.reach) if found.reach else None,
        "error": error_of(found.failure) if found.failure else None,
    }


def _entry(each: Standing, found: TargetStanding) -> dict[str, Any]:
    since = found.since(each.addresses) if each.ours else None
    return {
        "entry": dict(each.entry),
        "ours": each.ours,
        "why": each.why,
        "since": since[0].isoformat() if since else None,
        "how": since[1] if since else None,
    }
