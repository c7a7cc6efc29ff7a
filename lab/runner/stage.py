"""What a step is played on, and what it leaves for its expectations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.operations import Operations
from lab.process import Result
from lab.record import Connection, Decision, Entry, Login


@dataclass(frozen=True, slots=True)
class Stage:
    """A running world. `folder` is where the scenario's file lies, and the files that it names."""

    operations: Operations
    folder: Path


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: the logins that it caused, a program that it ran, and lines that say what came of it."""

    logins: tuple[Login, ...] = ()
    command: Result | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all parties wrote down while a step was played, and the world as it is then."""

    done: Done
    connections: tuple[Connection, ...]
    decisions: tuple[Decision, ...]
    entries: tuple[Entry, ...]
    told: tuple[str, ...]
    """The types of the UEM's events that receivers took."""
    operations: Operations

    @property
    def login(self) -> Login | None:
        """The step's only or last login."""
        return self.done.logins[-1] if self.done.logins else None


class Action(Protocol):
    """What a step does: a model of what the file says, which knows how to do it and how people say it."""

    def words(self) -> str:
        """For people, as a sentence without its full stop."""

    async def do(self, stage: Stage) -> Done:
        """Raises one of `playing.NOT_DONE` where the world does not do it."""
