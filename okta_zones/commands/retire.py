"""`okta-zones retire`: remove addresses of ours for good."""

from __future__ import annotations

from typing import Annotated

import typer

from okta_zones import retirement
from okta_zones.addresses import AddressSet, union
from okta_zones.aftermath import see_through
from okta_zones.apply import Pace
from okta_zones.commands.asked import Accept, desk
from okta_zones.commands.holding import held
from okta_zones.commands.naming import address
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.controller import apply_all, order_of, plan_each
from okta_zones.needs import Verb
from okta_zones.opening import sources_of
from okta_zones.sources.survey import ask

Addresses = Annotated[
    list[AddressSet],
    typer.Argument(parser=address, metavar="ADDRESS...", help="Addresses of ours that nobody leaves from any more."),
]


def retire(
    context: typer.Context,
    addresses: Addresses,
    *,
    config_path: ConfigPath,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Remove addresses of ours from every target, once no source reports them any more.

    Where a source fails or reports less than before, nothing is removed; the order then stands in the journal, and
    'watch' or the same command carries it out later. An order that is refused as a danger does not stand.
    """
    with failures(context.obj, "retire", as_json=as_json, interrupted="interrupted; the order stands"):
        named, taken = union(addresses), frozenset(accept or ())
        with desk(config_path, Verb.RETIRE, taken) as on, held(on.journal, "retire"), context.obj.progress() as tell:
            survey = ask(sources_of(on.settings), on.journal, tell)
            order = order_of(survey, named, on.settings.owned)
            retirement.order(named, on.journal)
            retirement.check(order)
            accepted = on.settings.accepted | taken
            run = plan_each(order, survey, on.targets, accepted=accepted, journal=on.journal, tell=tell)
            retirement.withdraw_refused(named, run, on.journal)
            run = apply_all(run, on.targets, on.journal, Pace(), tell)
            run = see_through(run, on.targets, on.journal, Pace(), tell, seconds=0)
            if not any(result.failure for result in run.results):
                on.journal.orders.retired(named)
    end(context.obj, "retire", run, as_json=as_json)
