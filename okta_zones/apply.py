"""Carry out a plan, and believe only what is read back.

`write` and `confirm` are the two halves of `apply`; each leaves its record in the journal before and after it acts, so
that a run which is killed anywhere between them can be run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from okta_zones.errors import (
    FarEndError,
    LostAnswerError,
    Refusal,
    RefusedError,
    RejectedError,
    StrangeAnswerError,
    UnreachableError,
)
from okta_zones.journal import Journal, Place, Step
from okta_zones.plan import Action, Plan
from okta_zones.target import Current, Target, content, same_entries, unchanged

MOST_WRITES: Final = 3
"""How often a write is sent whose answers get lost."""

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Pace:
    """How reading back is paced. Times in seconds."""

    interval: float = 1.0
    deadline: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Written:
    """A plan that the far end has taken: where it is now, and the settings that must have stayed (None: created)."""

    place: Place
    settings: Settings | None


def apply(plan: Plan, target: Target, journal: Journal, pace: Pace) -> Current | None:
    """Write the plan and read it back until it is proved; returns the target as it then stands.

    Nothing is written for a plan without changes: every write raises an alert somewhere. Raises RefusedError when the
    plan holds a danger that nobody has accepted, when somebody else changed the target since the plan, or when it does
    not hold what was written; FarEndError; JournalError.
    """
    if plan.action is Action.NONE:
        settle(plan, journal)
        return plan.current
    if (refusal := plan.refusal) is not None:
        raise refusal
    return confirm(write(plan, target, journal, pace), plan, target, journal, pace)


def settle(plan: Plan, journal: Journal) -> None:
    """Note how the write ended that an earlier run began and did not see to its end."""
    if (intent := journal.intent(plan.place)) is None:
        return
    if plan.current is not None and set(plan.ours_now) == set(intent.ours):
        journal.confirm(plan.place, plan.current.entries, plan.ours_now, Step.RECOVERED)
    else:  # one read of Graph may still show the old list
        journal.drop_intent(plan.place, f"the write that run {intent.run} began does not stand there")


def write(plan: Plan, target: Target, journal: Journal, pace: Pace) -> Written:
    """Read once more, and write at once if nothing has changed since the plan.

    Raises as `apply` does. After a LostAnswerError the write may have been done or not: the journal keeps what it would
    have made ours, and the next run finds out.
    """
    settle(plan, journal)
    journal.intend(plan.place, plan.current.entries if plan.current else (), plan.entries, plan.ours)
    start = time.monotonic()
    try:
        before = _read_again(plan, target)
    except (RefusedError, FarEndError) as error:
        journal.give_up(plan.place, str(error))
        raise
    try:
        written = _create(plan, target, pace) if before is None else _replace(plan, before, target, pace)
    except (RejectedError, UnreachableError) as error:
        journal.give_up(plan.place, str(error))
        raise
    except (RefusedError, FarEndError) as error:
        journal.record(_step_of(error), plan.place, why=str(error))
        raise
    # From the last read to the answer: whoever else wrote in that time is looked for afterwards.
    journal.record(Step.WRITTEN, written.place, seconds=round(time.monotonic() - start, 3))
    return written


def confirm(written: Written, plan: Plan, target: Target, journal: Journal, pace: Pace) -> Current:
    """Read until the target holds the plan's entries, and its old settings if it had any, several times in a row.

    Raises RefusedError when it does not; the journal then keeps the list from before the write.
    """
    try:
        now = _proved(written, plan, target, pace)
    except (RefusedError, FarEndError) as error:
        journal.record(_step_of(error), written.place, why=str(error))
        raise
    journal.confirm(written.place, now.entries, plan.ours, Step.CONFIRMED)
    journal.remember_id(written.place)
    return now


def _step_of(error: RefusedError | FarEndError) -> Step:
    """What to call a write whose end is not as it should be."""
    if isinstance(error, RefusedError) and error.reason is Refusal.OTHER_WRITER:
        return Step.OTHER_WRITER
    return Step.UNCERTAIN


def _read_again(plan: Plan, target: Target) -> Current | None:
    """The target as it stands right before the write: as it was planned, or nothing is written."""
    if plan.current is None:
        if target.find() is not None:
            message = f"{target.title} has come into being since the plan; nothing was written; run again"
            raise RefusedError(Refusal.CHANGED_MEANWHILE, message)
        return None
    now = _look(target, plan.current.id)
    if now is None:
        raise RefusedError(Refusal.TARGET_MISSING, f"{target.title} is gone since the plan; nothing was written")
    if not unchanged(now, plan.current):
        message = f"{target.title} was changed by somebody else since the plan; nothing was written; run again"
        raise RefusedError(Refusal.CHANGED_MEANWHILE, message)
    return now


def _create(plan: Plan, target: Target, pace: Pace) -> Written:
    try:
        created: Current | None = target.create(plan.entries)
    except (LostAnswerError, StrangeAnswerError):
        # Repeating it could make a second location of the same name, so it is only looked for.
        created = next(filter(None, (target.find() for _ in _until(pace))), None)
        if created is None:
            raise
    assert created is not None
    return Written(replace(plan.place, id=created.id), None)


def _replace(plan: Plan, before: Current, target: Target, pace: Pace) -> Written:
    """Write once, and again only when a read shows that a write without an answer was not done.

    Raises LostAnswerError or StrangeAnswerError when that stays unknown; any other FarEndError means: not done.
    """
    lost: FarEndError | None = None
    for _ in range(MOST_WRITES):
        if lost is not None and _has_arrived(plan, before, target, lost):
            break
        try:
            target.replace(before, plan.entries)
            break
        except (LostAnswerError, StrangeAnswerError) as error:
            lost = error
            pace.sleep(pace.interval)
        except FarEndError as error:
            if lost is None:
                raise
            raise LostAnswerError(error.service, f"{error}; and before that: {lost}") from None
    else:
        assert lost is not None
        raise lost
    return Written(plan.place, before.settings)


def _has_arrived(plan: Plan, before: Current, target: Target, lost: FarEndError) -> bool:
    """Whether a write whose answer was lost was done after all; refuses when something else was."""
    try:
        now = _look(target, before.id)
    except FarEndError as error:
        raise LostAnswerError(error.service, f"{lost}; and it cannot be read: {error}") from None
    if now is not None and _holds(now, plan, target):
        return True
    if now is None or not same_entries(now.entries, before.entries):
        message = f"{target.title} holds neither the old nor the new list: somebody else writes to it; run again"
        raise RefusedError(Refusal.OTHER_WRITER, message)
    return False


def _proved(written: Written, plan: Plan, target: Target, pace: Pace) -> Current:
    assert written.place.id is not None
    proofs, strangers = 0, 0
    now: Current | None = None
    for _ in _until(pace):
        now = _look(target, written.place.id)
        right = now is not None and _holds(now, plan, target) and written.settings in (None, now.settings)
        proofs = proofs + 1 if right else 0
        strangers = strangers + 1 if now is not None and not right and _is_strange(now, plan, written) else 0
        if now is not None and proofs >= target.confirmations:
            return now
        if strangers >= target.confirmations:
            break  # neither old nor new: waiting would not make it so
    overwritten = strangers and now is not None and not _holds(now, plan, target)
    reason = Refusal.OTHER_WRITER if overwritten else Refusal.NOT_AS_WRITTEN
    words = f"{target.title} {_difference(plan, written.settings, now, target)}"
    raise RefusedError(reason, f"{words}; the list from before the write is in the journal (show --history)")


def _is_strange(now: Current, plan: Plan, written: Written) -> bool:
    """Whether a read shows neither what was written nor what was there before."""
    before = plan.current.entries if plan.current else ()
    return not same_entries(now.entries, before) or written.settings not in (None, now.settings)


def _look(target: Target, target_id: str) -> Current | None:
    try:
        return target.read(target_id)
    except RejectedError as error:
        if error.status != 404:
            raise
        return None  # not there: gone, or not yet there, where the far end is eventually consistent


def _holds(current: Current, plan: Plan, target: Target) -> bool:
    return content(current.entries, target.notation) == content(plan.entries, target.notation)


def _difference(plan: Plan, settings: Settings | None, now: Current | None, target: Target) -> str:
    if now is None:
        return "cannot be read back: it is not there"
    wanted, found = content(plan.entries, target.notation), content(now.entries, target.notation)
    words = [
        f"{label} {addresses}"
        for label, addresses in (
            ("lacks", wanted.addresses - found.addresses),
            ("also holds", found.addresses - wanted.addresses),
        )
        if addresses
    ]
    before = now.settings if settings is None else settings
    if changed := [name for name in sorted({*before, *now.settings}) if before.get(name) != now.settings.get(name)]:
        words.append(f"has other settings than before: {', '.join(changed)}")
    return f"does not hold what was written: {'; '.join(words) or 'reads differ from each other'}"


def _until(pace: Pace) -> Iterator[None]:
    """One round at once, then one every interval, until the deadline has passed."""
    end = pace.clock() + pace.deadline
    while True:
        yield
        if pace.clock() >= end:
            return
        pace.sleep(pace.interval)
