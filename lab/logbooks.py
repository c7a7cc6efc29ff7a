"""What each party wrote down between two moments: device journals, decision log, System Log, sign-in log.

The providers' logs are read where they are kept, not by their APIs: Graph v1.0 does not list the refreshes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dtr_rules.decision_log import DecisionRecord
from lab.device import Path
from lab.device.transport import Attempt
from lab.process import LOOK_EVERY, ProgramFailedError
from lab.uem.event_desk import Sent
from lab.world import World

PATIENCE: Final = 5.0
"""Seconds until a record that should come counts as not coming."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in all logs: how much of each was there."""

    journals: Mapping[str, int]
    """By the name of the device."""
    decisions: int
    okta: int
    entra: int
    uem: int


@dataclass(frozen=True, slots=True)
class Pages:
    """What was written after a mark, oldest first."""

    attempts: tuple[Attempt, ...]
    decisions: tuple[DecisionRecord, ...]
    okta_events: tuple[Mapping[str, Any], ...]
    entra_sign_ins: tuple[Mapping[str, Any], ...]
    uem_events: tuple[str, ...]
    """The types of the event notifications that receivers took."""


def mark(world: World) -> Mark:
    """Where the logs end now."""
    return Mark(
        journals={name: len(device.journal) for name, device in world.devices.items()},
        decisions=len(world.administrator.decisions()),
        okta=len(world.servers.okta.log.events),
        entra=len(world.servers.entra.log.entries),
        uem=len(world.servers.uem.events.history),
    )


async def pages_since(world: World, begin: Mark, *, tunnels: int = 0) -> Pages:
    """Everything after `begin`, once the gateway has written down every connection that devices brought to it.

    `tunnels` is how many connections others brought to it, by curl say.

    Raises ProgramFailedError when it does not.
    """
    attempts = tuple(
        attempt for name, device in world.devices.items() for attempt in device.journal[begin.journals[name] :]
    )
    tunnelled = tunnels + sum(map(_was_answered, attempts))
    return Pages(
        attempts=attempts,
        decisions=await _decisions_since(world, begin, expected=tunnelled),
        okta_events=tuple(world.servers.okta.log.events[begin.okta :]),
        entra_sign_ins=tuple(world.servers.entra.log.entries[begin.entra :]),
        uem_events=tuple(sent.event for sent in _after(world.servers.uem.events.history, begin.uem) if sent.was_taken),
    )


def _was_answered(attempt: Attempt) -> bool:
    """Whether the gateway said yes or no: what comes to nothing before has no record that could be waited for."""
    return attempt.route.path is Path.TUNNEL and (not attempt.failure or attempt.refusal is not None)


def _after(history: Iterable[Sent], begin: int) -> Iterable[Sent]:
    return itertools.islice(history, begin, None)


async def _decisions_since(world: World, begin: Mark, *, expected: int) -> tuple[DecisionRecord, ...]:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while len(found := world.administrator.decisions()[begin.decisions :]) < expected:
        if asyncio.get_running_loop().time() > deadline:
            raise ProgramFailedError(f"the gateway wrote down {len(found)} connections, where devices made {expected}")
        await asyncio.sleep(LOOK_EVERY)
    return tuple(found)
