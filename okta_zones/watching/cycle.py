"""One turn of the controller: what the sources say, what the targets hold, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from okta_zones.addresses import NOTHING, AddressSet
from okta_zones.aftermath import see_through
from okta_zones.apply import Pace
from okta_zones.config import Settings
from okta_zones.config.watch import Drift
from okta_zones.controller import Outcome, Run, TargetResult, Tell, apply_one, plan_one
from okta_zones.errors import FarEndError, RefusedError
from okta_zones.journal import Journal
from okta_zones.opening import Opened
from okta_zones.plan import Order
from okta_zones.sources.survey import Survey, owned_reports
from okta_zones.watching import drift
from okta_zones.watching.event import Event, Kind
from okta_zones.watching.unused import Unused, unused


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one turn came to, target by target, and what is to be told of it."""

    run: Run
    events: tuple[Event, ...]
    lost: Mapping[str, AddressSet]
    """Entries of ours that others removed, by target."""

    @property
    def in_step(self) -> bool:
        """Whether every target holds what it should."""
        return not any(self.lost.values()) and all(result.failure is None for result in self.run.results)


@dataclass(frozen=True, slots=True)
class Controller:
    """Everything that a turn works with."""

    settings: Settings
    journal: Journal
    targets: tuple[Opened, ...]
    pace: Pace
    tell: Tell


def note_absences(on: Controller, survey: Survey, looked_within: timedelta) -> None:
    """Keep the journal's word of what no source reports; called at every look at the sources."""
    if survey.silent:
        on.journal.absences.forget()
        return
    on.journal.absences.note(on.journal.all_owned() - survey.reported, within=looked_within)


def turn(on: Controller, survey: Survey) -> Cycle:
    """Plan for every target and write where something really differs.

    Raises RefusedError when the reports must not be followed, FarEndError when logs cannot be read.
    """
    reported = owned_reports(survey, on.settings.owned)
    on.journal.orders.retired(reported)  # wanted again: the order is void
    long_unused = _long_unused(on, survey)
    ordered = on.journal.orders.retirements()
    remove = (ordered | long_unused.addresses) & on.journal.all_owned()
    order = Order(reported, remove, _frozen(on, survey, remove))
    planned = [_planned(on, opened, order) for opened in on.targets]
    run = Run(
        survey,
        order,
        tuple(_applied(on, opened, plan) for opened, (plan, _, _) in zip(on.targets, planned, strict=True)),
    )
    run = see_through(run, on.targets, on.journal, on.pace, on.tell, seconds=on.settings.propagation)
    if not order.frozen and not any(result.failure for result in run.results):
        on.journal.orders.retired(ordered & remove)
    events = (
        *(event for _, events, _ in planned for event in events),
        *(Event(Kind.FROZEN, words) for words in long_unused.stays),
        *_told(run),
    )
    lost = {opened.name: gone for opened, (_, _, gone) in zip(on.targets, planned, strict=True)}
    return Cycle(run, events, lost)


def _long_unused(on: Controller, survey: Survey) -> Unused:
    if on.settings.watch.remove_after is None or survey.silent:
        return Unused()
    return unused(on.targets, on.journal, timedelta(seconds=on.settings.watch.remove_after))


def _frozen(on: Controller, survey: Survey, remove: AddressSet) -> tuple[str, ...]:
    rotation = on.journal.orders.rotation()
    under_way = (f"a rotation from {rotation.old} to {rotation.new} is under way",) if rotation else ()
    return (*survey.frozen(remove), *under_way)


def _planned(on: Controller, opened: Opened, order: Order) -> tuple[TargetResult, tuple[Event, ...], AddressSet]:
    """The plan for a target, what others changed there, and what of ours they removed and stays removed."""
    result = plan_one(opened, order, on.settings.accepted, on.journal, on.tell)
    if result.plan is None:
        return result, (), NOTHING
    events = drift.changes(opened.name, result.plan, on.journal)
    gone = drift.lost(result.plan, on.journal) & order.add
    if not gone:
        return result, events, NOTHING
    words = f"somebody else removed {gone}, which is ours and in use"
    if on.settings.watch.drift is Drift.RESTORE:
        return result, (*events, Event(Kind.LOST, f"{words}; it is put back", opened.name)), NOTHING
    told = Event(Kind.LOST, f"{words}; 'apply' puts it back", opened.name)
    kept = replace(order, add=order.add - gone)
    return plan_one(opened, kept, on.settings.accepted, on.journal, on.tell), (*events, told), gone


def _applied(on: Controller, opened: Opened, planned: TargetResult) -> TargetResult:
    """Each target by itself: one that cannot be reached keeps no other from getting what it needs."""
    if planned.failure is not None:
        return planned
    return apply_one(planned, opened, on.journal, on.pace, on.tell)


def _told(run: Run) -> Iterator[Event]:
    for silence in run.survey.silent:
        yield Event(Kind.SOURCE_SILENT, str(silence))
    if run.order.remove and run.order.frozen:
        yield Event(Kind.FROZEN, f"{run.order.remove} is not removed: {'; '.join(run.order.frozen)}")
    for result in run.results:
        if isinstance(result.failure, RefusedError):
            yield Event(Kind.REFUSED, f"{result.failure.reason}: {result.failure}", result.name)
        elif isinstance(result.failure, FarEndError):
            yield Event(Kind.FAILED, str(result.failure), result.name)
        elif result.outcome is Outcome.WRITTEN and result.plan is not None:
            yield Event(Kind.WRITTEN, f"added {result.plan.add}; removed {result.plan.remove}", result.name)
