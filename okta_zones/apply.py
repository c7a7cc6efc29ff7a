"""Carry out a plan, and believe only what is read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import stamina

from okta_zones.errors import LostAnswerError, Refusal, RefusedError, RejectedError
from okta_zones.plan import Action, Plan
from okta_zones.target import Current, Target, content, same_entries

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Pace:
    """How reading back is paced. Times in seconds."""

    interval: float = 1.0
    deadline: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def apply(plan: Plan, target: Target, pace: Pace) -> Current:
    """Write the plan and read it back until it is proved; returns the target as it then stands.

    Nothing is written for a plan without changes: every write raises an alert somewhere. Raises FarEndError,
    and RefusedError when somebody else changed the target since the plan, or when it does not hold what was
    written.
    """
    if plan.current is None:
        return _confirm(plan, _create(plan, target, pace), None, target, pace)
    if plan.action is Action.NONE:
        return plan.current
    before = _update(plan, plan.current, target)
    return _confirm(plan, before, before.settings, target, pace)


def _create(plan: Plan, target: Target, pace: Pace) -> Current:
    if target.find() is not None:
        raise RefusedError(Refusal.CHANGED_MEANWHILE, f"{target.title} has come into being since the plan; run again")
    try:
        return target.create(plan.entries)
    except LostAnswerError:
        # Repeating it could make a second location of the same name, so it is only looked for.
        for _ in _until(pace):
            if (found := target.find()) is not None:
                return found
        raise


def _update(plan: Plan, planned: Current, target: Target) -> Current:
    before = target.read(planned.id)
    if not same_entries(before, planned):
        message = f"{target.title} was changed by somebody else since the plan; nothing was written; run again"
        raise RefusedError(Refusal.CHANGED_MEANWHILE, message)
    for attempt in stamina.retry_context(on=LostAnswerError, attempts=3, wait_initial=1, wait_jitter=1):
        with attempt:
            if attempt.num == 1 or not _has_arrived(plan, before, target):
                target.replace(before, plan.entries)
    return before


def _has_arrived(plan: Plan, before: Current, target: Target) -> bool:
    """Whether a write whose answer was lost was done after all; refuses when something else was."""
    now = target.read(before.id)
    if _holds(now, plan, target):
        return True
    if not same_entries(now, before):
        message = f"{target.title} holds neither the old nor the new addresses; somebody else writes to it"
        raise RefusedError(Refusal.CHANGED_MEANWHILE, message)
    return False


def _confirm(plan: Plan, written: Current, settings: Settings | None, target: Target, pace: Pace) -> Current:
    """Read until the target holds the plan's entries, and its old settings if it had any, several times in a row."""
    in_a_row = 0
    now: Current | None = None
    for _ in _until(pace):
        now = _look(target, written.id)
        right = now is not None and _holds(now, plan, target) and settings in (None, now.settings)
        in_a_row = in_a_row + 1 if right else 0
        if now is not None and in_a_row >= target.confirmations:
            return now
    raise RefusedError(Refusal.NOT_AS_WRITTEN, f"{target.title} {_difference(plan, settings, now, target)}")


def _look(target: Target, target_id: str) -> Current | None:
    try:
        return target.read(target_id)
    except RejectedError as error:
        if error.status != 404:
            raise
        return None  # not there yet: the far end is eventually consistent


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
