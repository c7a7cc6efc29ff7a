"""`okta-zones adopt`: take over named entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from okta_zones.addresses import AddressSet, union
from okta_zones.adoption import Adoption, check_owned, look
from okta_zones.adoption import adopt as take_over
from okta_zones.commands.asked import desk
from okta_zones.commands.holding import held
from okta_zones.commands.naming import address
from okta_zones.commands.screen import ConfigPath, Json, failures, print_json
from okta_zones.diff import printable
from okta_zones.needs import Verb
from okta_zones.opening import Opened

Entries = Annotated[
    list[AddressSet],
    typer.Argument(
        parser=address, metavar="ENTRY...", help="Entries as they stand there: address, CIDR block or range."
    ),
]
Target = Annotated[str | None, typer.Option(metavar="NAME", help="Only at this target of the configuration.")]


def adopt(
    context: typer.Context, entries: Entries, *, config_path: ConfigPath, target: Target = None, as_json: Json = False
) -> None:
    """Make entries that others wrote ours: on the first run, or after the journal was lost.

    Writes into the journal alone. From then on okta-zones may rewrite these entries, and remove them when they are
    retired. Entries outside owned-prefixes cannot be adopted.
    """
    with (
        failures(context.obj, "adopt", as_json=as_json),
        desk(config_path, Verb.ADOPT) as on,
        held(on.journal, "adopt"),
        context.obj.progress() as tell,
    ):
        tell("reading the targets")
        check_owned(union(entries), on.settings.owned)
        adoptions = look(entries, _chosen(on.targets, target), on.journal)
        take_over(adoptions, on.journal)
    if as_json:
        print_json(_document(adoptions))
    else:
        for line in _lines(adoptions, entries):
            context.obj.out.print(line, soft_wrap=True)


def _chosen(targets: Sequence[Opened], name: str | None) -> list[Opened]:
    chosen = [each for each in targets if name in (None, each.name)]
    if not chosen:
        names = ", ".join(each.name for each in targets)
        raise typer.BadParameter(f"the configuration names no target '{name}'; it has: {names}", param_hint="--target")
    return chosen


def _lines(adoptions: Sequence[Adoption], entries: Sequence[AddressSet]) -> Iterator[Text]:
    for each in adoptions:
        yield Text(printable(f"{each.name}: {each.title} ({each.place.id})"), style="bold")
        for entry in entries:
            if entry in each.adopt:
                yield Text(f"  {entry}  adopted", style="green")
            elif entry in each.already_ours:
                yield Text(f"  {entry}  ours already", style="dim")
            else:
                yield Text(f"  {entry}  not there", style="yellow")


def _document(adoptions: Sequence[Adoption]) -> dict[str, Any]:
    return {
        "v": 1,
        "verb": "adopt",
        "targets": [
            {
                "name": each.name,
                "title": each.title,
                "id": each.place.id,
                "adopted": [str(entry) for entry in each.adopt],
                "already_ours": [str(entry) for entry in each.already_ours],
            }
            for each in adoptions
        ],
        "error": None,
    }
