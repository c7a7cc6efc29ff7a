"""One turn of the controller: what the sources say, what the targets hold, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from okta_zones.addresses import NOTHING, AddressSet, union
from okta_zones.aftermath import see_through
from okta_zones.apply import Pace
from okta_zones.config import Settings
from okta_zones.config.watch import Drift
from okta_zones.controller import Outcome, Run, TargetResult, Tell, apply_one, plan_one
from okta_zones.errors import FarEndError, Refusal, RefusedError
from okta_zones.journal import Journal
from okta_zones.opening import Opened
from okta_zones.plan import Action, Order
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
    refused: AddressSet = NOTHING
    """What was to be removed and must not be, by the rules of some target."""

    @property
    def in_step(self) -> bool:
        """Whether every target holds what it should."""
        return not self.refused and all(map(self.right, self.run.results))

    def right(self, result: TargetResult) -> bool:
        """Whether a target of this turn holds what it should."""
        return result.failure is None and not self.lost.get(result.name) and not _waits_for_owner(result)


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

    Raises RefusedError when the reports must not be followed.
    """
    reported = owned_reports(survey, on.settings.owned)
    ordered = _ordered(on, reported)
    long_unused = _long_unused(on, survey)
    remove = (ordered | long_unused.addresses) & on.journal.all_owned()
    order = Order(reported, remove, _frozen(on, survey, remove))
    planned = [_planned(on, opened, order) for opened in on.targets]
    run = Run(
        survey,
        order,
        tuple(_applied(on, opened, each.result) for opened, each in zip(on.targets, planned, strict=True)),
    )
    run = see_through(run, on.targets, on.journal, on.pace, on.tell, seconds=on.settings.propagation)
    refused = union(each.refused for each in planned)
    if not order.frozen and not any(result.failure for result in run.results):
        on.journal.orders.retired((ordered & remove) - refused)
    events = (
        *(event for each in planned for event in each.events),
        *(Event(Kind.FROZEN, words) for words in long_unused.stays),
        *_told(run),
    )
    return Cycle(run, events, {each.result.name: each.lost for each in planned}, refused)


def _ordered(on: Controller, reported: AddressSet) -> AddressSet:
    """What is still to be retired. Not what is wanted again, nor what is in no entry of ours any more: that order would
    stand until the address comes back, and remove it then."""
    orders = on.journal.orders
    orders.retired((orders.retirements() - on.journal.all_owned()) | reported)
    return orders.retirements()


def _long_unused(on: Controller, survey: Survey) -> Unused:
    if on.settings.watch.remove_after is None or survey.silent:
        return Unused()
    after = timedelta(seconds=on.settings.watch.remove_after)
    waiting = union(each.addresses for each in on.journal.absences.longer_than(after))
    # As a whole, not turn by turn: what is removed in small parts would never be half.
    if 0 < waiting.size * 2 < on.journal.all_owned().size or Refusal.HALF_REMOVED in on.settings.accepted:
        return unused(on.targets, on.journal, after)
    words = f"{waiting} is unreported and stays: half of our addresses or more never go by themselves; 'retire' removes"
    return Unused(stays=(words,) if waiting else ())


def _frozen(on: Controller, survey: Survey, remove: AddressSet) -> tuple[str, ...]:
    return (*survey.frozen(remove), *on.journal.orders.freeze())


@dataclass(frozen=True, slots=True)
class _Planned:
    """The plan for a target, what is to be told of it, what others removed there, and what must not be removed."""

    result: TargetResult
    events: tuple[Event, ...] = ()
    lost: AddressSet = NOTHING
    refused: AddressSet = NOTHING


def _planned(on: Controller, opened: Opened, order: Order) -> _Planned:
    found = _allowed(on, opened, order)
    plan = found.result.plan
    if plan is None:
        return found
    if plan.action is Action.CREATE and on.journal.known_id(opened.scope, opened.lookup) is not None:
        return _deleted(on, found)
    events = (*found.events, *drift.changes(opened, plan, on.journal))
    entries = drift.lost(plan, on.journal)
    gone = union(entries) & order.add
    if not gone:
        return replace(found, events=events)
    words = f"somebody else removed {gone}, which is ours and in use"
    if on.settings.watch.drift is Drift.RESTORE:
        return replace(found, events=(*events, Event(Kind.LOST, f"{words}; it is put back", opened.name)))
    told = Event(Kind.LOST, f"{words}; 'apply' puts it back", opened.name)
    kept = _allowed(on, opened, replace(order, add=order.add - gone)).result
    if kept.plan is not None:  # or the next write would forget that they were ours, and the turn after put them back
        kept = replace(kept, plan=replace(kept.plan, ours=(*kept.plan.ours, *entries)))
    return replace(found, result=kept, events=(*events, told), lost=gone)


def _allowed(on: Controller, opened: Opened, order: Order) -> _Planned:
    """The plan, without its removals where they are refused: what is in use never waits for them."""
    result = plan_one(opened, order, on.settings.accepted, on.journal, on.tell)
    refusal = result.failure
    if result.plan is None or not result.plan.remove or not isinstance(refusal, RefusedError):
        return _Planned(result)
    told = Event(Kind.REFUSED, f"{refusal.reason}: {refusal}", opened.name)
    kept = plan_one(opened, replace(order, frozen=(str(refusal),)), on.settings.accepted, on.journal, on.tell)
    return _Planned(kept, (told,), refused=result.plan.remove)


def _deleted(on: Controller, found: _Planned) -> _Planned:
    """Whoever deleted a target of ours had a reason, or made a mistake; a new one counts in no policy either way."""
    words = f"{found.result.title} was there and is gone, or has another name"
    if on.settings.watch.drift is Drift.RESTORE:
        told = Event(Kind.LOST, f"{words}; it is made anew, and counts once a policy names it", found.result.name)
        return replace(found, events=(*found.events, told))
    message = f"{words}; 'apply' makes a new one, which counts once a policy names it"
    failure = RefusedError(Refusal.TARGET_MISSING, message)
    return replace(found, result=replace(found.result, outcome=Outcome.REFUSED, failure=failure))


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
        elif _waits_for_owner(result) and result.plan is not None:
            words = f"another tool owns it and has yet to add {result.plan.add} and to remove {result.plan.remove}"
            yield Event(Kind.LEFT_TO_OWNER, words, result.name)
        elif result.outcome is Outcome.WRITTEN and result.plan is not None:
            yield Event(Kind.WRITTEN, f"added {result.plan.add}; removed {result.plan.remove}", result.name)


def _waits_for_owner(result: TargetResult) -> bool:
    wrong = result.plan is not None and result.plan.action is not Action.NONE
    return wrong and result.outcome is Outcome.LEFT_TO_OWNER
