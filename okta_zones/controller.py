"""From a configuration to what was done: ask the sources, plan every target, write.

Nothing is written anywhere unless every source has answered and every target could be read and planned. After
that the targets are independent: one that fails does not keep the others from being written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

import httpx

from okta_zones.addresses import AddressSet
from okta_zones.apply import Pace, apply
from okta_zones.config import EntraSettings, OktaSettings, Settings
from okta_zones.errors import FarEndError, RefusedError
from okta_zones.far_ends import FarEnds
from okta_zones.graph.locations import LocationTarget
from okta_zones.needs import Verb
from okta_zones.okta.zones import ZoneTarget
from okta_zones.plan import Action, Plan, desired_addresses, make_plan
from okta_zones.sources import gateway, listed
from okta_zones.sources.report import Report
from okta_zones.target import Target

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


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one run found and did."""

    reports: tuple[Report, ...]
    desired: AddressSet
    results: tuple[TargetResult, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A target with the name and kind that the file gives it."""

    name: str
    kind: str
    target: Target


def ask_sources(settings: Settings, *, transport: httpx.BaseTransport | None = None) -> tuple[Report, ...]:
    """The report of every source. Raises FarEndError when one does not answer: less would remove addresses."""
    reports: tuple[Report, ...] = ()
    if settings.addresses is not None:
        reports += (listed.report(settings.addresses),)
    if settings.gateway is not None:
        admin, token = settings.gateway.admin, settings.gateway.token
        reports += (gateway.report(admin, token, transport=transport),)
    return reports


@contextmanager
def opened(
    settings: Settings, verb: Verb, *, transport: httpx.BaseTransport | None = None
) -> Iterator[tuple[Opened, ...]]:
    """The targets, ready to be asked for what `verb` needs; their connections are closed at the end."""
    with FarEnds(verb, settings.requests, transport=transport) as far_ends:
        yield tuple(_open(each, far_ends) for each in settings.targets)


def plan_all(settings: Settings, targets: Sequence[Opened], reports: tuple[Report, ...], tell: Tell) -> Run:
    """Plan every target. Raises RefusedError when the reports themselves must not be followed."""
    desired = desired_addresses(reports, settings.owned)
    return Run(reports, desired, tuple(_plan(each, desired, settings.owned, tell) for each in targets))


def apply_all(run: Run, targets: Sequence[Opened], pace: Pace, tell: Tell) -> Run:
    """Carry out the plans of `run`, all or none; `targets` are those it was planned for, in the same order."""
    if any(result.failure for result in run.results):
        return replace(run, results=tuple(map(_not_attempted, run.results)))
    results = [_apply(result, each, pace, tell) for result, each in zip(run.results, targets, strict=True)]
    return replace(run, results=tuple(results))


def _open(settings: OktaSettings | EntraSettings, far_ends: FarEnds) -> Opened:
    if isinstance(settings, OktaSettings):
        org = far_ends.okta(settings)
        return Opened(settings.name, "okta", ZoneTarget(org.exchange, settings.zone, settings.zone_id))
    tenant = far_ends.entra(settings)
    return Opened(settings.name, "entra", LocationTarget(tenant.exchange, settings.location, settings.location_id))


def _plan(opened: Opened, desired: AddressSet, owned: AddressSet, tell: Tell) -> TargetResult:
    target = opened.target
    result = TargetResult(opened.name, opened.kind, target.title, None, None, Outcome.PLANNED, None, ())
    tell(f"reading {target.title}")
    try:
        current = target.find()
        plan = make_plan(current, desired, owned, target.notation, target.title)
    except (RefusedError, FarEndError) as failure:
        return _failed(result, failure)
    return replace(result, plan=plan, target_id=current.id if current else None, notes=plan.notes)


def _apply(result: TargetResult, opened: Opened, pace: Pace, tell: Tell) -> TargetResult:
    if result.plan is None or result.plan.action is Action.NONE:
        return replace(result, outcome=Outcome.UNCHANGED)
    tell(f"writing {result.title} and reading it back")
    try:
        now = apply(result.plan, opened.target, pace)
    except (RefusedError, FarEndError) as failure:
        return _failed(result, failure)
    notes = (*result.notes, opened.target.settling)
    return replace(result, outcome=Outcome.WRITTEN, target_id=now.id, notes=notes)


def _failed(result: TargetResult, failure: Failure) -> TargetResult:
    outcome = Outcome.REFUSED if isinstance(failure, RefusedError) else Outcome.FAILED
    return replace(result, outcome=outcome, failure=failure)


def _not_attempted(result: TargetResult) -> TargetResult:
    if result.failure or result.plan is None:
        return result
    unchanged = result.plan.action is Action.NONE
    return replace(result, outcome=Outcome.UNCHANGED if unchanged else Outcome.NOT_ATTEMPTED)
