"""Replace egress addresses without a gap: admit the new ones, wait, switch the gateways, drain, remove the old ones.

Each step is done again from its beginning when it was cut short, and does then only what is left of it; the journal
holds the last one that is certainly done. Until the last step the targets hold the old and the new addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from okta_zones import propagation, verification
from okta_zones.addresses import NOTHING, AddressSet, union
from okta_zones.aftermath import see_through
from okta_zones.apply import Pace
from okta_zones.config import OktaSettings, Settings
from okta_zones.controller import Outcome, Run, TargetResult, Tell, apply_all, order_of, plan_each
from okta_zones.errors import FarEndError, Refusal, RefusedError
from okta_zones.journal import Journal, Rotation, Stage, Step
from okta_zones.opening import Opened
from okta_zones.plan import Order
from okta_zones.sources.gateway import Gateway
from okta_zones.sources.gateway_pools import Egress, State, pools, switch
from okta_zones.sources.report import Source
from okta_zones.sources.survey import ask, owned_reports

NOTICE: Final = (
    "Okta ends administrators' sessions when their address moves to another network (ASN): they sign in again",
    "with Identity Threat Protection, Okta judges open sessions again when their address changes",
    "Entra's resource providers learn of the new addresses late: continuous access evaluation may lag, up to a day",
)
"""What people will notice (Okta's and Microsoft's documentation)."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that a rotation works with."""

    settings: Settings
    journal: Journal
    sources: Sequence[Source]
    targets: Sequence[Opened]
    egress: Callable[[], tuple[Egress, ...]]
    """Asks every gateway for its pools."""
    pace: Pace
    now: Callable[[], datetime]
    tell: Tell
    accepted: frozenset[Refusal] = frozenset()
    drain_within: float = 600.0
    """Seconds that tunnels from the old addresses get to end by themselves."""
    switched: bool = False
    """Somebody says that a gateway which cannot be asked leaves from the new addresses now."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that is done, in words, and the run at the targets that it took."""

    rotation: Rotation | None
    """None: the rotation is done."""
    words: str
    run: Run | None = field(default=None, repr=False)


def begin(site: Site, old: AddressSet, new: AddressSet) -> Rotation:
    """The rotation, from its beginning or from where it was left. Raises RefusedError before anything is changed."""
    _check_owned(site, new)
    if (under_way := site.journal.orders.rotation()) is not None:
        if (under_way.old, under_way.new) == (old, new):
            return under_way
        message = f"{under_way} is under way; finish or abandon it first"
        raise RefusedError(Refusal.ROTATION_OPEN, message)
    _check(site, old, new)
    _check_gateways(site.egress(), old, new)
    site.journal.orders.retired(new)  # wanted again
    site.journal.record(Step.ROTATION_BEGUN, old=old.texts(), new=new.texts())
    return site.journal.orders.rotate(old, new, Stage.BEGUN)


def carry_on(site: Site, rotation: Rotation) -> Iterator[Progress]:
    """Step by step to the end; what stands in the way is raised, and the next call goes on from there."""
    here: Rotation | None = rotation
    while here is not None:
        progress = _STEPS[here.stage](site, here)
        here = progress.rotation
        yield progress


def abandon(journal: Journal) -> Rotation | None:
    """Forget the rotation where it stands. Nothing is written: the targets keep what they hold."""
    rotation = journal.orders.rotation()
    if rotation is not None:
        journal.orders.rotated()
        journal.record(Step.ROTATION_ABANDONED, stage=rotation.stage)
    return rotation


# --- before anything is changed ------------------------------------------------------------------------------------


def _check_owned(site: Site, new: AddressSet) -> None:
    if strangers := new - site.settings.owned:
        message = f"{strangers} is outside owned-prefixes ({site.settings.owned})"
        raise RefusedError(Refusal.ADDRESS_NOT_OWNED, message)


def _check(site: Site, old: AddressSet, new: AddressSet) -> None:
    if both := old & new:
        raise RefusedError(Refusal.ROTATION_UNCLEAR, f"{both} is named both as old and as new")
    if strange := old - site.journal.all_owned():
        message = f"{strange} is in no entry of ours; 'adopt' takes over entries of others"
        raise RefusedError(Refusal.NOT_OURS, message)
    if listed := (site.settings.sources.addresses or union(())) & old:
        message = f"the list in the file still names {listed}; write the new addresses there first"
        raise RefusedError(Refusal.STILL_REPORTED, message)


def _check_gateways(egress: Sequence[Egress], old: AddressSet, new: AddressSet) -> None:
    """Every pool that leaves from an old address must have a new one of that IP version to leave from."""
    for each in _in_pools(egress, old):
        pool = (each.gateway.title, each.pool)
        coming = union(other.address for other in egress if (other.gateway.title, other.pool) == pool) & new
        ((version, _, _),) = each.address.numbers()
        if each.state is not State.DISABLED and not coming.of_version(version):
            message = (
                f"{pool[0]} has no IPv{version} address of {new} in its pool '{pool[1]}'; "
                "write it there as disabled and reload the gateway first"
            )
            raise RefusedError(Refusal.GATEWAY_UNPREPARED, message)


def _in_pools(egress: Sequence[Egress], addresses: AddressSet) -> list[Egress]:
    """Where the addresses stand in pools for the zone; what else a gateway uses them for is no business of a zone."""
    return [each for each in egress if each.in_zone and each.address <= addresses]


# --- the steps -----------------------------------------------------------------------------------------------------


def _admit(site: Site, rotation: Rotation) -> Progress:
    survey = ask(site.sources, site.journal, site.tell)
    order = Order(owned_reports(survey, site.settings.owned) | rotation.new)
    run = plan_each(order, survey, site.targets, accepted=_accepted(site), journal=site.journal, tell=site.tell)
    run = _done(apply_all(run, site.targets, site.journal, site.pace, site.tell))
    reached = _reach(site, rotation, Stage.ADMITTED)
    site.tell("looking what came of it")
    run = _done(see_through(run, site.targets, site.journal, site.pace, site.tell, seconds=site.settings.propagation))
    return Progress(reached, f"{rotation.new} stands at every target beside {rotation.old}", run)


def _count(site: Site, rotation: Rotation) -> Progress:
    """`_admit` has waited already, unless it was cut short: what is left of the time is waited for."""
    ends = rotation.since + timedelta(seconds=site.settings.propagation)
    left = min((ends - site.now()).total_seconds(), site.settings.propagation)  # a clock that was set back waits no day
    propagation.wait(left, site.pace, site.tell)
    run = _admitted(site, rotation)
    words = [_verified(each, result, rotation.new) for each, result in zip(site.targets, run.results, strict=True)]
    return Progress(_reach(site, rotation, Stage.COUNTED), "; ".join(filter(None, words)) or "it counts everywhere")


def _admitted(site: Site, rotation: Rotation) -> Run:
    """Every target as it stands, with the new addresses. Raises RefusedError where one lacks some of them."""
    survey = ask(site.sources, site.journal, site.tell)
    order = Order(owned_reports(survey, site.settings.owned) | rotation.new)
    run = _done(plan_each(order, survey, site.targets, accepted=_accepted(site), journal=site.journal, tell=site.tell))
    for result in run.results:
        if result.plan is None or not (lacking := result.plan.add & rotation.new):
            continue
        if result.outcome is Outcome.LEFT_TO_OWNER:
            message = f"{result.title} lacks {lacking}, and another tool owns it: add it there first"
            raise RefusedError(Refusal.NOT_SWITCHED, message)
        _reach(site, rotation, Stage.BEGUN)
        message = f"{result.title} lacks {lacking}: somebody else wrote to it; the same command admits it again"
        raise RefusedError(Refusal.OTHER_WRITER, message)
    return run


def _verified(opened: Opened, result: TargetResult, addresses: AddressSet) -> str:
    new = addresses & (result.plan.add | result.plan.keep) if result.plan else NOTHING  # no IPv6 that it leaves out
    if not new or not isinstance(opened.settings, OktaSettings) or opened.settings.verification is None:
        return ""
    verified = verification.verify(opened.far_end.exchange, opened.settings.verification, new)
    if (refusal := verification.refusal_of(opened.target.title, verified)) is not None:
        raise refusal
    return f"{opened.name}: {verified}"


def _switch(site: Site, rotation: Rotation) -> Progress:
    egress = site.egress()
    elsewhere = rotation.old - union(each.address for each in _in_pools(egress, rotation.old))
    if elsewhere and not site.switched:
        message = (
            f"no gateway of the file can be switched away from {elsewhere}: let whatever leaves from it leave from "
            f"{rotation.new}, then run the same command with --switched"
        )
        raise RefusedError(Refusal.NOT_SWITCHED, message)
    _admitted(site, rotation)  # it may be days since that was looked at
    _turn_over(egress, rotation)
    return Progress(_reach(site, rotation, Stage.SWITCHED), f"new connections leave from {rotation.new}")


def _turn_over(egress: Sequence[Egress], rotation: Rotation) -> None:
    """New connections leave from the new addresses; a pool is never without an active one."""
    _check_gateways(egress, rotation.old, rotation.new)
    for each in _in_pools(egress, rotation.new):
        if each.state is not State.ACTIVE:
            switch(each, State.ACTIVE)
    for each in _in_pools(egress, rotation.old):
        if each.state is State.ACTIVE:
            switch(each, State.DRAINING)


def _drain(site: Site, rotation: Rotation) -> Progress:
    _turn_over(site.egress(), rotation)  # a gateway may have forgotten it, as after a restart
    end = site.pace.clock() + site.drain_within
    while (left := _tunnels(site, rotation.old)) and (patience := end - site.pace.clock()) > 0:
        site.tell(f"{left} tunnels still leave from {rotation.old}; waiting {patience:.0f} s at the most")
        site.pace.sleep(min(site.pace.interval, patience))
    for each in _in_pools(site.egress(), rotation.old):
        if each.state is not State.DISABLED:
            switch(each, State.DISABLED)
    words = f"{left} tunnels were left and lose their address" if left else "no tunnel leaves from it any more"
    return Progress(_reach(site, rotation, Stage.DRAINED), f"{rotation.old} is out of service: {words}")


def _remove(site: Site, rotation: Rotation) -> Progress:
    if any(each.state is not State.DISABLED for each in _in_pools(site.egress(), rotation.old)):
        _reach(site, rotation, Stage.SWITCHED)
        message = f"a gateway leaves from {rotation.old} again, as after a restart; the same command drains it again"
        raise RefusedError(Refusal.STILL_REPORTED, message)
    survey = ask(site.sources, site.journal, site.tell)
    order = order_of(survey, rotation.old, site.settings.owned)
    order = replace(order, add=order.add | rotation.new)
    if order.frozen:
        message = f"{rotation.old} is not removed now: {'; '.join(order.frozen)}; run the same command again later"
        raise RefusedError(Refusal.REMOVALS_FROZEN, message)
    accepted = _accepted(site)
    if rotation.new.size >= rotation.old.size:  # what takes their place is there and was verified
        accepted |= {Refusal.HALF_REMOVED}
    run = plan_each(order, survey, site.targets, accepted=accepted, journal=site.journal, tell=site.tell)
    run = _done(apply_all(run, site.targets, site.journal, site.pace, site.tell))
    run = _done(see_through(run, site.targets, site.journal, site.pace, site.tell, seconds=0))
    site.journal.orders.rotated()
    site.journal.record(Step.ROTATED, old=rotation.old.texts(), new=rotation.new.texts())
    return Progress(None, f"{rotation.old} is removed everywhere; done", run)


_STEPS: Final[dict[Stage, Callable[[Site, Rotation], Progress]]] = {
    Stage.BEGUN: _admit,
    Stage.ADMITTED: _count,
    Stage.COUNTED: _switch,
    Stage.SWITCHED: _drain,
    Stage.DRAINED: _remove,
}


def _reach(site: Site, rotation: Rotation, stage: Stage) -> Rotation:
    reached = site.journal.orders.rotate(rotation.old, rotation.new, stage)
    site.journal.record(Step.ROTATION, stage=stage, old=rotation.old.texts(), new=rotation.new.texts())
    return reached


def _tunnels(site: Site, old: AddressSet) -> int:
    return sum(each.tunnels for each in _in_pools(site.egress(), old))


def _accepted(site: Site) -> frozenset[Refusal]:
    return site.settings.accepted | site.accepted


def _done(run: Run) -> Run:
    """The run, if nothing stood in its way; the first failure is raised."""
    failure: RefusedError | FarEndError | None = next((each.failure for each in run.results if each.failure), None)
    if failure is not None:
        raise failure
    return run


def gateways_egress(sources: Sequence[Source]) -> tuple[Egress, ...]:
    """The pools of every gateway among the sources. Raises FarEndError."""
    return tuple(each for gateway in sources if isinstance(gateway, Gateway) for each in pools(gateway))
