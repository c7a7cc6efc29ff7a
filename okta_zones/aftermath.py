"""After a write that was proved: wait until it counts everywhere, look who else wrote, ask whether the gate gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from okta_zones import other_writers, propagation, verification
from okta_zones.addresses import AddressSet
from okta_zones.apply import Pace
from okta_zones.config import OktaSettings
from okta_zones.config.verification import VerificationSettings
from okta_zones.controller import Failure, Outcome, Run, TargetResult, Tell
from okta_zones.errors import FarEndError
from okta_zones.exchange import Exchange
from okta_zones.far_ends import OktaOrg
from okta_zones.journal import Journal, Place, Step
from okta_zones.opening import Opened
from okta_zones.unreadable import Unreadable


def see_through(
    run: Run, targets: Sequence[Opened], journal: Journal, pace: Pace, tell: Tell, *, seconds: float
) -> Run:
    """The run with what came to light about the targets that it wrote; `seconds` is the time that a write is given."""
    written = [result for result in run.results if result.outcome is Outcome.WRITTEN]
    if not written:
        return run
    propagation.wait(seconds, pace, tell)
    for result in written:
        assert result.plan is not None
        journal.record(Step.PROPAGATED, replace(result.plan.place, id=result.target_id), seconds=seconds)
    results = [
        _seen_through(result, opened, run.order.add, journal, tell) if result.outcome is Outcome.WRITTEN else result
        for result, opened in zip(run.results, targets, strict=True)
    ]
    return replace(run, results=tuple(results))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look came to: something wrong, or a sentence for people."""

    failure: Failure | None = None
    note: str = ""


def _seen_through(
    result: TargetResult, opened: Opened, addresses: AddressSet, journal: Journal, tell: Tell
) -> TargetResult:
    assert result.plan is not None
    settings, far_end = opened.settings, opened.far_end
    if not isinstance(settings, OktaSettings) or not isinstance(far_end, OktaOrg):
        return replace(result, notes=(*result.notes, opened.target.settling))
    place = replace(result.plan.place, id=result.target_id)
    tell("looking who else wrote")
    seen = [_who_else(result, place, far_end.exchange, journal)]
    if settings.verification is not None:
        tell("asking Okta whom it would let in")
        shown = addresses & (result.plan.add | result.plan.keep)
        seen.append(
            _let_in(far_end.exchange, settings.verification, shown, result.title, partial(_record, journal, place))
        )
    failure = next((each.failure for each in seen if each.failure), None)
    return replace(result, failure=failure, notes=(*result.notes, *(each.note for each in seen if each.note)))


def _who_else(result: TargetResult, place: Place, exchange: Exchange, journal: Journal) -> _Seen:
    assert place.id is not None
    assert result.since is not None
    # The log may tell of a write that we made right before this one: the far end's clock is known to the second.
    here = result.since - timedelta(seconds=exchange.clock_offset + 2)
    try:
        writes = journal.writes_since(place, here)
        changes = other_writers.other_changes(exchange, place.id, result.since, writes)
    except FarEndError as error:
        return _Seen(note=f"whether somebody else wrote meanwhile could not be checked: {error}")
    if isinstance(changes, Unreadable):
        return _Seen(note=f"whether somebody else wrote meanwhile: {changes}")
    if not changes:
        return _Seen()
    refusal = other_writers.refusal_of(result.title, changes)
    journal.record(Step.OTHER_WRITER, place, why=str(refusal), events=[change.event_id for change in changes])
    return _Seen(refusal)


def _record(journal: Journal, place: Place, step: Step, detail: dict[str, object]) -> None:
    journal.record(step, place, **detail)


def _let_in(
    exchange: Exchange,
    settings: VerificationSettings,
    addresses: AddressSet,
    title: str,
    record: Callable[[Step, dict[str, object]], None],
) -> _Seen:
    try:
        verified = verification.verify(exchange, settings, addresses)
    except FarEndError as error:
        return _Seen(note=f"not verified: {error}")
    if (refusal := verification.refusal_of(title, verified)) is not None:
        record(Step.NOT_VERIFIED, {"why": str(refusal)})
        return _Seen(refusal)
    if verified.unread is None:
        record(Step.VERIFIED, {"addresses": addresses.texts()})
    return _Seen(note=str(verified))
