"""One run of okta-zones: ask the sources, plan for every target, apply.

Nothing is written as long as any target cannot be planned. Targets are then written one after the other; one
that fails does not keep the others from being written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from okta_zones.addresses import AddressSet, union
from okta_zones.affected import Reach, reach_of
from okta_zones.apply import Pace, apply
from okta_zones.echoes import Confirmation
from okta_zones.errors import FarEndError, Refusal, RefusedError, RejectedError
from okta_zones.journal import Journal, Place, Step
from okta_zones.opening import Opened
from okta_zones.other_writers import far_end_now
from okta_zones.own_address import own_address
from okta_zones.ownership import Ownership
from okta_zones.plan import Action, Order, Plan, Rules, make_plan
from okta_zones.sources.survey import Survey, owned_reports
from okta_zones.target import Current

Failure = RefusedError | FarEndError
Tell = Callable[[str], None]
"""Is told what is being done, for people who wait."""


class Outcome(StrEnum):
    """What became of a target."""

    PLANNED = "planned"
    UNCHANGED = "unchanged"
    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_ATTEMPTED = "not-attempted"
    """Nothing was written, because another target could not be planned."""
    LEFT_TO_OWNER = "left-to-owner"
    """Never written here: another tool owns it."""


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target: its plan, unless it could not be made, and what became of it."""

    name: str
    kind: str
    title: str
    target_id: str | None
    plan: Plan | None
    outcome: Outcome
    failure: Failure | None
    notes: tuple[str, ...]
    since: datetime | None = None
    """When it was written, by the far end's clock, at most a second early."""
    reach: Reach | None = None
    """Who names the target, where somebody asked for that."""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one run found and did."""

    survey: Survey
    order: Order
    results: tuple[TargetResult, ...]
    confirmations: tuple[Confirmation, ...] = ()
    """What what-is-my-IP services say of the addresses in use, where the file names some."""


def order_of(survey: Survey, remove: AddressSet, owned_prefixes: AddressSet) -> Order:
    """What is asked of every target: all that is reported, without what somebody named in `remove`.

    Raises RefusedError when the reports must not be followed, or when a source still reports what is to be removed.
    """
    reported = owned_reports(survey, owned_prefixes)
    if in_use := reported & remove:
        who = ", ".join(report.source for report in survey.reports if report.addresses & remove)
        message = f"{in_use} is to be removed and is reported by {who}; take it out of service there first"
        raise RefusedError(Refusal.STILL_REPORTED, message)
    return Order(reported, remove, survey.frozen(remove), owned_prefixes)


def plan_all(
    order: Order,
    survey: Survey,
    targets: Sequence[Opened],
    *,
    accepted: frozenset[Refusal],
    journal: Journal,
    tell: Tell,
) -> Run:
    """Plan every target. Raises RefusedError when what is to be removed stands in entries of others alone.

    What stands nowhere is removed already: the same command can be given twice.
    """
    run = plan_each(order, survey, targets, accepted=accepted, journal=journal, tell=tell)
    plans = [result.plan for result in run.results if result.plan]
    held = union(plan.keep | plan.remove for plan in plans)
    others = union(each.addresses for plan in plans for each in plan.not_ours)
    if strange := (order.remove - held) & others:
        message = f"{strange} is to be removed and is in no entry of ours; 'adopt' takes over entries of others"
        raise RefusedError(Refusal.NOT_OURS, message)
    return run


def plan_each(
    order: Order,
    survey: Survey,
    targets: Sequence[Opened],
    *,
    accepted: frozenset[Refusal],
    journal: Journal,
    tell: Tell,
) -> Run:
    """Plan every target for an order that may be carried out already, in part or as a whole."""
    return Run(survey, order, tuple(plan_one(each, order, accepted, journal, tell) for each in targets))


def plan_one(opened: Opened, order: Order, accepted: frozenset[Refusal], journal: Journal, tell: Tell) -> TargetResult:
    """Read one target and plan for it; what stands in the way is in the result."""
    target = opened.target
    result = TargetResult(opened.name, opened.kind, target.title, None, None, Outcome.PLANNED, None, ())
    tell(f"reading {target.title}")
    try:
        current = find(opened, journal)
        place = Place(opened.scope, opened.lookup, current.id if current else None)
        owned = [each.addresses for each in journal.owned(place)]
        rules = Rules(target.notation, opened.ownership, accepted)
        plan = make_plan(place, current, owned, order, rules, title=target.title)
        if plan.remove and place.id is not None:  # only then can our own address fall out
            own = own_address(opened, place.id)
            plan = make_plan(place, current, owned, order, rules, title=target.title, own=own)
    except (RefusedError, FarEndError) as failure:
        return _failed(result, failure)
    result = replace(result, plan=plan, target_id=place.id, notes=plan.notes)
    if opened.ownership is Ownership.EXTERNAL:
        return replace(result, outcome=Outcome.LEFT_TO_OWNER)
    if plan.action is not Action.NONE:
        _record(plan, journal)
    return _failed(result, plan.refusal) if plan.refusal else result


def find(opened: Opened, journal: Journal) -> Current | None:
    """The target as it stands, by the id under which the journal knows its name, else by its name.

    Raises FarEndError, and RefusedError where what is found must not be written.
    """
    known = None if opened.pinned else journal.known_id(opened.scope, opened.lookup)
    current = _known(opened, known) if known is not None else None
    if current is None:
        current = opened.target.find()
    if current is not None and not opened.pinned:
        journal.remember_id(Place(opened.scope, opened.lookup, current.id))
    return current


def with_reach(run: Run, targets: Sequence[Opened], tell: Tell) -> Run:
    """The run with the policies that every target's change reaches: some requests more, for people who decide."""
    return replace(
        run, results=tuple(_with_reach(result, each, tell) for result, each in zip(run.results, targets, strict=True))
    )


def _with_reach(result: TargetResult, opened: Opened, tell: Tell) -> TargetResult:
    if result.plan is None or result.plan.current is None or result.plan.action is Action.NONE:
        return result
    tell(f"reading who names {result.title}")
    return replace(result, reach=reach_of(opened, result.plan.current))


def apply_all(run: Run, targets: Sequence[Opened], journal: Journal, pace: Pace, tell: Tell) -> Run:
    """Carry out the plans of `run`, all or none; `targets` are those it was planned for, in the same order."""
    if any(result.failure for result in run.results):
        return replace(run, results=tuple(map(_not_attempted, run.results)))
    results = [apply_one(result, each, journal, pace, tell) for result, each in zip(run.results, targets, strict=True)]
    return replace(run, results=tuple(results))


def apply_one(result: TargetResult, opened: Opened, journal: Journal, pace: Pace, tell: Tell) -> TargetResult:
    """Carry out one plan; what stands in the way is in the result."""
    if result.plan is None or result.outcome is Outcome.LEFT_TO_OWNER:
        return result
    tell(f"writing {result.title} and reading it back")
    since = far_end_now(opened.far_end.exchange)
    try:
        now = apply(result.plan, opened.target, journal, pace)
    except (RefusedError, FarEndError) as failure:
        return _failed(result, failure)
    if result.plan.action is Action.NONE:
        return replace(result, outcome=Outcome.UNCHANGED)
    return replace(result, outcome=Outcome.WRITTEN, target_id=now.id if now else None, since=since)


def _known(opened: Opened, known: str) -> Current | None:
    """The target by the id of former times, unless it is gone or is called something else by now."""
    try:
        current = opened.target.read(known)
    except RejectedError as error:
        if error.status != 404:
            raise
        return None
    return current if current.name == opened.lookup else None


def _record(plan: Plan, journal: Journal) -> None:
    refusal = plan.refusal
    journal.record(
        Step.REFUSED if refusal else Step.PLANNED,
        plan.place,
        action=plan.action.value,
        add=plan.add.texts(),
        remove=plan.remove.texts(),
        **({"why": str(refusal)} if refusal else {}),
    )


def _failed(result: TargetResult, failure: Failure) -> TargetResult:
    outcome = Outcome.REFUSED if isinstance(failure, RefusedError) else Outcome.FAILED
    return replace(result, outcome=outcome, failure=failure)


def _not_attempted(result: TargetResult) -> TargetResult:
    if result.failure or result.plan is None or result.outcome is Outcome.LEFT_TO_OWNER:
        return result
    unchanged = result.plan.action is Action.NONE
    return replace(result, outcome=Outcome.UNCHANGED if unchanged else Outcome.NOT_ATTEMPTED)
