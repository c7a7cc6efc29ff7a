"""Read scenarios, with every mistake at its place: in the file's form, and in the names that it uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dtr_rules import UnusableFileError
from dtr_rules.source import KeyPath, Mistake, Source, parse, read_text, suggestion
from lab.device.apps import AppUnknownError, find_app
from lab.network import LOOPBACK
from lab.plan import PEOPLE, WorldPlan
from lab.runner import laid_over
from lab.runner.format import ScenarioFile
from lab.runner.steps import named
from lab.runner.world_settings import DEFAULT_RULES
from lab.world import read_rules

SCENARIOS: Final = Path(__file__).parents[1] / "scenarios"
"""Where the lab's own are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be played."""

    name: str
    source: Source[ScenarioFile]
    plan: WorldPlan

    @property
    def content(self) -> ScenarioFile:
        return self.source.content

    @property
    def folder(self) -> Path:
        """Where the files are that it names."""
        return Path(self.source.file).parent


def read_scenario(path: Path, reworded: Callable[[str], str] = str) -> Scenario:
    """The scenario in the file at `path`, its text `reworded` first; its name is the file's.

    Raises UnusableFileError.
    """
    source = parse(reworded(read_text(path)), str(path), ScenarioFile)
    mistakes = [*_laid_over(source), *_steps(source), *_expectations(source), *_names(source), *_apps(source)]
    if mistakes:
        raise UnusableFileError(mistakes)
    world = source.content.world
    file = path.parent / world.rules if world.rules is not None else SCENARIOS / DEFAULT_RULES
    restricted = "" if world.restricted_rules is None else read_rules(path.parent / world.restricted_rules)
    return Scenario(path.stem, source, world.plan(read_rules(file), restricted))


def _laid_over(source: Source[ScenarioFile]) -> Iterator[Mistake]:
    """Settings that would let a file which somebody else wrote reach further than its world."""
    world = source.content.world
    for key, changes, allowed in (
        ("gateway", world.gateway, laid_over.GATEWAY),
        ("okta-zones", world.okta_zones, laid_over.OKTA_ZONES),
    ):
        for path in laid_over.out_of_bounds(changes, allowed):
            name = ".".join(map(str, path))
            message = f"'{name}' is not a scenario's to set; it may set {laid_over.words(allowed)}"
            yield source.mistake(message, "world", key, *path)
    for path in laid_over.addresses_elsewhere(world.gateway):
        message = f"the lab's gateway leaves from {LOOPBACK.egress_block} alone"
        yield source.mistake(message, "world", "gateway", *path)


def _steps(source: Source[ScenarioFile]) -> Iterator[Mistake]:
    for number, step in enumerate(source.content.steps):
        verbs = step.verbs
        if not verbs:
            yield source.mistake("a step does one thing: a verb is missing", "steps", number)
        for verb in verbs[1:]:
            message = f"a step does one thing: '{verbs[0]}' and '{verb}' are two steps"
            yield source.mistake(message, "steps", number, verb)


def _expectations(source: Source[ScenarioFile]) -> Iterator[Mistake]:
    """A scenario that expects nothing would always be as expected."""
    found = False
    for number, step in enumerate(source.content.steps):
        for observer, expectation in step.expect.by_observer():
            found = True
            if not expectation.model_fields_set:
                yield source.mistake(f"nothing is expected of '{observer}'", "steps", number, "expect", observer.value)
    if not found:
        yield source.mistake("no step expects anything: give one an 'expect'", "steps")


def _names(source: Source[ScenarioFile]) -> Iterator[Mistake]:
    """Devices, people and files that are named and not there."""
    devices = list(source.content.world.devices)
    for path, kind, name in marked_names(source.content, ()):
        if kind == named.DEVICE and name not in devices:
            yield source.mistake(_unknown("device", name, devices), *path)
        if kind == named.PERSON and name not in PEOPLE:
            yield source.mistake(_unknown("person", name, PEOPLE), *path)
        if kind == named.RULES and not (Path(source.file).parent / name).is_file():
            yield source.mistake(f"there is no rule file '{name}' beside this file", *path)


def _apps(source: Source[ScenarioFile]) -> Iterator[Mistake]:
    """Apps that the catalogue does not have on the platform of the step's device."""
    devices = source.content.world.devices
    for number, step in enumerate(source.content.steps):
        for verb in step.verbs:
            action = getattr(step, verb.replace("-", "_"))
            device, app = getattr(action, "device", None), getattr(action, "app", None)
            if not isinstance(app, str) or not isinstance(device, str) or device not in devices:
                continue
            try:
                find_app(devices[device].platform, app)
            except AppUnknownError as error:
                yield source.mistake(str(error), "steps", number, verb, "app")


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    return f"unknown {what} '{name}'{suggestion(name, list(known))}; there are {', '.join(known)}"


def marked_names(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    """Every value below `value` whose type is marked as a name: its place, the mark, the name."""
    if isinstance(value, BaseModel):
        for field_name, info in type(value).model_fields.items():
            inner = getattr(value, field_name)
            own = path if field_name == "root" else (*path, info.alias or field_name)
            if isinstance(inner, str):
                yield from ((own, mark, inner) for mark in _marks(info))
            else:
                yield from marked_names(inner, own)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from marked_names(inner, (*path, key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from marked_names(inner, (*path, number))


def _marks(info: FieldInfo) -> list[str]:
    """The marks of a field's type; where the field may be left out, pydantic leaves them inside its union."""
    inner = [mark for kind in get_args(info.annotation) for mark in getattr(kind, "__metadata__", ())]
    return [mark for mark in (*info.metadata, *inner) if isinstance(mark, str)]
