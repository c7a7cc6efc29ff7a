"""The controller's loop: look at the sources often, at the targets on change and on a period, until told to stop.

Two locks: the watch's own, which one instance of a journal holds as long as it lives, and the journal's lease, held
for a turn only, so that `apply` and `rotate` find their moment between two turns.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from okta_zones.addresses import AddressSet
from okta_zones.commands.holding import held
from okta_zones.errors import FarEndError, RefusedError
from okta_zones.journal import LeaseHeldError, leased
from okta_zones.sources.report import Source
from okta_zones.sources.survey import Survey, ask
from okta_zones.watching.cycle import Controller, Cycle, note_absences, turn
from okta_zones.watching.event import Event, Kind
from okta_zones.watching.expiry import EVERY, expiries
from okta_zones.watching.state import State

SOON: Final = 60.0
"""Seconds until a turn that failed is taken again: who leaves from a new address waits for it."""
LOOKED_WITHIN: Final = 3
"""Looks that may be missed before an absence begins anew."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A controller with its surroundings."""

    on: Controller
    sources: Sequence[Source]
    state: State
    wait: Callable[[float], None]
    """Waits so many seconds; raises whatever ends the loop."""
    clock: Callable[[], float]
    """Monotonic seconds."""
    now: Callable[[], datetime]
    told: Callable[[Event], None]
    once: bool = False


def watch(site: Watch) -> Cycle | None:
    """Look until `wait` raises; with `once`, take a single turn and return it (None where it could not be taken)."""
    with _only_one(site):
        site.state.acts()
        _tell(site, Event(Kind.ACTING, "this instance acts"))
        seen: AddressSet | None = None
        next_turn = next_expiries = site.clock()
        while True:
            cycle = None
            survey = _look(site)
            if survey is not None and (survey.reported != seen or site.clock() >= next_turn):
                try:
                    cycle = _turn(site, survey)
                    seen = survey.reported
                    next_turn = site.clock() + _pause(site, cycle) + _jitter(site)
                except LeaseHeldError as error:
                    _tell(site, Event(Kind.BUSY, str(error)))
            if site.clock() >= next_expiries:
                next_expiries = site.clock() + EVERY.total_seconds()
                _tell_expiries(site)
            if site.once:
                return cycle
            site.wait(site.on.settings.watch.poll)


@contextmanager
def _only_one(site: Watch) -> Iterator[None]:
    """Wait until no other instance acts."""
    journal = site.on.journal.path
    waiting = False
    while True:
        try:
            with leased(_of_watch(journal), "watch"):
                yield
                return
        except LeaseHeldError:
            if site.once:
                raise
            if not waiting:
                _tell(site, Event(Kind.STANDBY, "another instance of this journal acts; waiting"))
            waiting = True
        site.wait(site.on.settings.watch.poll)


def _of_watch(journal: Path) -> Path:
    return journal.with_name(f"{journal.name}.watch")


def _look(site: Watch) -> Survey | None:
    try:
        survey = ask(site.sources, site.on.journal, site.on.tell)
    except FarEndError as error:
        site.on.journal.absences.forget()
        site.state.failed()
        site.state.sources_silent(len(site.sources))
        _tell(site, Event(Kind.SOURCE_SILENT, f"no source gives an answer: {error}"))
        return None
    note_absences(site.on, survey, timedelta(seconds=LOOKED_WITHIN * _longest_pause(site)))
    return survey


def _longest_pause(site: Watch) -> float:
    """Between two looks lies a poll, or a turn with its wait until a write counts."""
    settings = site.on.settings
    return settings.watch.poll + settings.propagation + settings.requests.limits.patience


def _turn(site: Watch, survey: Survey) -> Cycle | None:
    """Raises LeaseHeldError while another verb is at work; with `once`, RefusedError where nothing may be followed."""
    try:
        with held(site.on.journal, "watch"):
            cycle = turn(site.on, survey)
    except LeaseHeldError:
        raise
    except RefusedError as error:
        site.state.failed()
        _tell(site, Event(Kind.REFUSED, f"{error.reason}: {error}"))
        if site.once:
            raise
        return None
    except FarEndError as error:
        site.state.failed()
        _tell(site, Event(Kind.FAILED, str(error)))
        return None
    for event in cycle.events:
        _tell(site, event)
    site.state.turned(cycle, site.now())
    return cycle


def _tell_expiries(site: Watch) -> None:
    try:
        for each in expiries(site.on.targets):
            site.state.expires(each.target, each.ends)
            if (event := each.event(site.now())) is not None:
                _tell(site, event)
    except (RefusedError, FarEndError) as error:
        _tell(site, Event(Kind.FAILED, f"when credentials end cannot be read: {error}"))


def _tell(site: Watch, event: Event) -> None:
    site.state.heard(event)
    site.told(event)


def _pause(site: Watch, cycle: Cycle | None) -> float:
    """Seconds until the next turn: the period, and less where something stood in the way of this one."""
    every = site.on.settings.watch.every
    failed = cycle is None or any(result.failure for result in cycle.run.results)
    return min(every, SOON) if failed else every


def _jitter(site: Watch) -> float:
    return secrets.randbelow(1000) / 1000 * site.on.settings.watch.jitter
