"""`okta-zones rotate`: replace egress addresses without a gap."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from okta_zones import rotation
from okta_zones.addresses import AddressSet, union
from okta_zones.apply import Pace
from okta_zones.commands.asked import Accept, Desk, desk
from okta_zones.commands.exit_codes import UNUSABLE
from okta_zones.commands.holding import held
from okta_zones.commands.naming import address
from okta_zones.commands.screen import ConfigPath, Json, Screen, exit_code, failures, print_json
from okta_zones.controller import Tell
from okta_zones.diff import printable
from okta_zones.document import error_of
from okta_zones.errors import FarEndError, Refusal, RefusedError
from okta_zones.journal import Journal, Rotation
from okta_zones.needs import Verb
from okta_zones.opening import sources_of
from okta_zones.rotation import NOTICE, Progress, Site

Old = Annotated[
    list[AddressSet] | None,
    typer.Option(
        "--from", parser=address, metavar="ADDRESS", help="An address that goes. Can be given more than once."
    ),
]
New = Annotated[
    list[AddressSet] | None,
    typer.Option("--to", parser=address, metavar="ADDRESS", help="An address that comes. Can be given more than once."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")]
DrainWithin = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="How long tunnels from the old addresses may still last.")
]
Switched = Annotated[
    bool, typer.Option("--switched", help="A gateway that cannot be asked leaves from the new addresses now; go on.")
]
Abandon = Annotated[bool, typer.Option("--abandon", help="Forget the rotation where it stands; nothing is written.")]


def rotate(
    context: typer.Context,
    *,
    config_path: ConfigPath,
    old: Old = None,
    new: New = None,
    yes: Yes = False,
    drain_within: DrainWithin = 600.0,
    switched: Switched = False,
    abandon: Abandon = False,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Replace egress addresses without a gap, at Okta, at Entra and at the gateways.

    Shows what people will notice; then admits the new addresses, waits until they count, verifies, switches the
    gateways, drains the old addresses and removes them. Cut short anywhere, the same command goes on from there;
    without --from and --to it goes on with the rotation that is under way.
    """
    with (
        failures(context.obj, "rotate", as_json=as_json, interrupted="interrupted; the same command goes on from here"),
        desk(config_path, Verb.ROTATE, frozenset(accept or ())) as on,
    ):
        if abandon:
            with held(on.journal, "rotate"):
                abandoned = rotation.abandon(on.journal)
            _show_abandoned(context.obj, abandoned, as_json=as_json)
            return
        leaves, comes = _named(on, old, new)
        _confirm(context.obj, leaves, comes, yes=yes)  # before the lease: 'watch' need not wait for an answer
        with held(on.journal, "rotate"), context.obj.progress() as tell:
            site = _site(on, tell, drain_within, frozenset(accept or ()), switched=switched)
            _carry_on(context.obj, site, rotation.begin(site, leaves, comes), as_json=as_json)


def _site(on: Desk, tell: Tell, drain_within: float, accepted: frozenset[Refusal], *, switched: bool) -> Site:
    sources = sources_of(on.settings)
    return Site(
        settings=on.settings,
        journal=on.journal,
        sources=sources,
        targets=on.targets,
        egress=lambda: rotation.gateways_egress(sources),
        pace=Pace(),
        now=lambda: datetime.now(UTC),
        tell=tell,
        accepted=accepted,
        drain_within=drain_within,
        switched=switched,
    )


def _named(
    on: Desk, old: Sequence[AddressSet] | None, new: Sequence[AddressSet] | None
) -> tuple[AddressSet, AddressSet]:
    if old and new:
        return union(old), union(new)
    under_way = on.journal.orders.rotation()
    if old or new or under_way is None:
        words = "; no rotation is under way" if under_way is None else ", or neither to go on with the one under way"
        raise typer.BadParameter(f"name both{words}", param_hint="--from, --to")
    return under_way.old, under_way.new


def _confirm(screen: Screen, old: AddressSet, new: AddressSet, *, yes: bool) -> None:
    screen.complain(f"{old} goes, {new} comes. People will notice:")
    for words in NOTICE:
        screen.complain(f"  - {words}")
    if yes:
        return
    if not sys.stdin.isatty():
        screen.complain("nobody can be asked here whether to go on; say --yes")
        raise typer.Exit(UNUSABLE)
    typer.confirm("Go on?", abort=True, err=True)


def _carry_on(screen: Screen, site: Site, begun: Rotation, *, as_json: bool) -> None:
    done: list[Progress] = []
    failure: RefusedError | FarEndError | None = None
    try:
        for progress in rotation.carry_on(site, begun):
            done.append(progress)
            if not as_json:
                screen.out.print(Text(printable(progress.words), style="green"), soft_wrap=True)
    except (RefusedError, FarEndError) as error:
        failure = error
        screen.complain_of(error)
        screen.complain(f"the rotation stands at '{_stage(site.journal)}'; the same command goes on from there")
    if as_json:
        print_json(_document(begun, _stage(site.journal), done, failure))
    raise typer.Exit(exit_code(failure))


def _stage(journal: Journal) -> str:
    under_way = journal.orders.rotation()
    return "done" if under_way is None else under_way.stage.value


def _document(
    begun: Rotation, stage: str, done: Sequence[Progress], failure: RefusedError | FarEndError | None
) -> dict[str, Any]:
    return {
        "v": 1,
        "verb": "rotate",
        "from": begun.old.texts(),
        "to": begun.new.texts(),
        "stage": stage,
        "steps": [progress.words for progress in done],
        "error": None if failure is None else error_of(failure),
    }


def _show_abandoned(screen: Screen, abandoned: Rotation | None, *, as_json: bool) -> None:
    if as_json:
        stage = None if abandoned is None else abandoned.stage.value
        print_json({"v": 1, "verb": "rotate", "abandoned": abandoned is not None, "stage": stage, "error": None})
    elif abandoned is None:
        screen.out.print(Text("no rotation is under way"))
    else:
        kept = f"the targets keep what they hold of {abandoned.old} and {abandoned.new}"
        screen.out.print(Text(f"forgotten at '{abandoned.stage}'; {kept}"), soft_wrap=True)
