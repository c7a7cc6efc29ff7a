"""Play one scenario: start its world, do its steps, ask each observer, write everything down."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

import httpx

from lab.device.running_app import NotSignedInError
from lab.evidence import decision, entra_entry, okta_entry
from lab.list_history import ListHistory
from lab.logbooks import Mark, mark, pages_since
from lab.network import Network
from lab.operations import Operations
from lab.operations.errors import NotPossibleError
from lab.parties import parties_of
from lab.process import ProgramFailedError
from lab.record import Check, Login, Observer, Party, Run, Step, ZoneMoment
from lab.runner.expectations.finding import Expectation
from lab.runner.format import Step as StepInFile
from lab.runner.reading import Scenario
from lab.runner.stage import Done, Evidence, Stage
from lab.warm_start import forked_gateway
from lab.world import World, running_world

NOT_DONE: Final = (ProgramFailedError, NotPossibleError, NotSignedInError, httpx.HTTPError, OSError)


class Watcher(Protocol):
    """Who is told while a scenario is played."""

    def begins(self, scenario: Scenario) -> None: ...

    def step(self, scenario: Scenario, number: int, words: str) -> None: ...

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None: ...

    def ended(self, scenario: Scenario, run: Run) -> None: ...


@dataclass(slots=True)
class _Notes:
    """What has been written down so far."""

    steps: list[Step] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    zones: list[ZoneMoment] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    parties: tuple[Party, ...] = ()
    failure: str = ""


async def play(scenario: Scenario, watcher: Watcher, network: Network | None = None) -> Run:
    """Play `scenario` to its end, or to the step that could not be done, which the record then says.

    Without a `network`, on loopback addresses.
    """
    watcher.begins(scenario)
    started, clock, notes = datetime.now(UTC), time.monotonic(), _Notes()
    try:
        async with running_world(scenario.plan, network, forked_gateway if network is None else None) as world:
            await _Play(scenario, world, notes, watcher).steps()
    except NOT_DONE as error:
        place = scenario.source.place("steps", len(notes.steps))
        notes.failure = f"{place}: could not be done: {words_of(error)}"
    content = scenario.content
    run = Run(
        scenario=scenario.name,
        title=content.title,
        file=scenario.source.file,
        learn=content.learn,
        unconfirmed=content.unconfirmed,
        scaled=content.world.scaled,
        started=started,
        seconds=round(time.monotonic() - clock, 3),
        parties=notes.parties,
        steps=tuple(notes.steps),
        logins=tuple(notes.logins),
        zones=tuple(notes.zones),
        checks=tuple(notes.checks),
        failure=notes.failure,
    )
    watcher.ended(scenario, run)
    return run


def words_of(error: Exception) -> str:
    """What kept a step from being done; where a service said no, its own words."""
    if not isinstance(error, httpx.HTTPStatusError):
        return str(error) or type(error).__name__
    request, answer = error.request, error.response
    said = " ".join(answer.text.split())[:500]
    return f"{request.method} {request.url.path} was answered with {answer.status_code}: {said}"


class _Play:
    """One scenario in its world."""

    def __init__(self, scenario: Scenario, world: World, notes: _Notes, watcher: Watcher) -> None:
        self._scenario = scenario
        self._world = world
        self._notes = notes
        self._watcher = watcher
        self._operations = Operations(world)
        self._lists = ListHistory(self._operations)
        self._stage = Stage(self._operations, scenario.folder)

    async def steps(self) -> None:
        self._notes.parties = parties_of(self._world)
        self._notes.zones.extend(self._lists.look(0))
        for number, step in enumerate(self._scenario.content.steps, start=1):
            await self._step(number, step)

    async def _step(self, number: int, step: StepInFile) -> None:
        words = step.action.words()
        self._watcher.step(self._scenario, number, words)
        self._operations.logins.step = number
        clock, began, begin = self._world.clock.now(), time.monotonic(), mark(self._world)
        done = await step.action.do(self._stage)
        evidence = await self._evidence(done, begin)
        written = Step(
            number=number,
            words=words,
            place=str(self._scenario.source.place("steps", number - 1)),
            clock=clock,
            seconds=round(time.monotonic() - began, 3),
            said=done.said,
        )
        checks = [
            check
            for observer, expectation in step.expect.by_observer()
            for check in self._checks(number, observer, expectation, evidence)
        ]
        self._notes.steps.append(written)
        self._notes.logins.extend(done.logins)
        self._notes.checks.extend(checks)
        self._notes.zones.extend(self._lists.look(number))
        self._watcher.done(self._scenario, written, done.logins, checks)

    async def _evidence(self, done: Done, begin: Mark) -> Evidence:
        pages = await pages_since(self._world, begin)
        decisions = tuple(decision(record) for record in pages.decisions)
        entries = [okta_entry(event) for event in pages.okta_events]
        entries += [entra_entry(sign_in) for sign_in in pages.entra_sign_ins]
        return Evidence(
            done=done,
            connections=tuple(each for login in done.logins for each in login.connections),
            decisions=decisions,
            entries=tuple(entries),
            told=pages.uem_events,
            operations=self._operations,
        )

    def _checks(self, number: int, observer: Observer, expectation: Expectation, evidence: Evidence) -> Iterable[Check]:
        for found in expectation.findings(evidence):
            place = self._scenario.source.place("steps", number - 1, "expect", observer.value, *found.path)
            yield Check(
                step=number,
                observer=observer,
                what=found.what,
                expected=found.expected,
                was=found.was,
                met=found.met,
                place=str(place),
            )
