"""`okta-zones watch`: the controller."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from okta_zones.apply import Pace
from okta_zones.commands.asked import Desk, desk
from okta_zones.commands.exit_codes import FINE, NOT_DONE, REFUSED
from okta_zones.commands.screen import ConfigPath, Screen, exit_code, failures
from okta_zones.diff import printable
from okta_zones.needs import Verb
from okta_zones.opening import sources_of
from okta_zones.watching.cycle import Controller, Cycle
from okta_zones.watching.endpoint import CannotListenError, serving
from okta_zones.watching.event import Event, Kind, Teller
from okta_zones.watching.loop import Watch
from okta_zones.watching.loop import watch as keep_watch
from okta_zones.watching.state import State

Once = Annotated[bool, typer.Option("--once", help="Take one turn and end: for a timer instead of a service.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, for programs.")]

_GOOD = frozenset({Kind.WRITTEN, Kind.ACTING})


def watch(context: typer.Context, *, config_path: ConfigPath, once: Once = False, as_json: JsonLines = False) -> None:
    """Keep the targets right until interrupted: add what the sources report, tell what others change.

    Removes by itself only what 'retire' ordered, and what no source has reported and nobody has signed in from for
    watch.remove-after. Of the instances that share a journal one acts; the others stand by.

    Exit codes: 0 ended as told, or every target is in step (--once); 1 refused, or others removed entries (--once);
    2 the configuration cannot be used; 3 the endpoint cannot listen, or a far end could not be reached (--once).
    """
    with failures(context.obj, "watch", as_json=False), desk(config_path, Verb.WATCH) as on, ExitStack() as stack:
        period = on.settings.watch.every + on.settings.watch.jitter
        state = State({each.name: each.kind for each in on.targets}, period)
        if on.settings.watch.listen is not None and not once:
            _serve(context.obj, stack, on, state)
        stop = stack.enter_context(_told_to_stop())
        told = Teller(lambda event: _show(context.obj, event, as_json=as_json), time.monotonic)
        try:
            cycle = keep_watch(_site(on, state, stop, told, once=once))
        except _StoppedError:
            return
    raise typer.Exit(_exit_code(cycle))


class _StoppedError(Exception):
    """Somebody told the process to end."""


def _site(on: Desk, state: State, stop: threading.Event, told: Callable[[Event], None], *, once: bool) -> Watch:
    def wait(seconds: float) -> None:
        if stop.wait(seconds):
            raise _StoppedError

    return Watch(
        on=Controller(on.settings, on.journal, on.targets, Pace(sleep=wait), lambda _: None),
        sources=sources_of(on.settings),
        state=state,
        wait=wait,
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        told=told,
        once=once,
    )


def _serve(screen: Screen, stack: ExitStack, on: Desk, state: State) -> None:
    assert on.settings.watch.listen is not None
    try:
        url = stack.enter_context(serving(on.settings.watch.listen, state, lambda: datetime.now(UTC)))
    except CannotListenError as error:
        screen.complain(str(error))
        raise typer.Exit(NOT_DONE) from None
    screen.complain(f"health, readiness and metrics at {url}")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by the first SIGINT or SIGTERM; a second one ends the process at once."""
    stop = threading.Event()
    before: dict[signal.Signals, Any] = {}

    def hear(*_: object) -> None:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, hear)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(screen: Screen, event: Event, *, as_json: bool) -> None:
    moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if as_json:
        line = {"v": 1, "time": moment, "event": event.kind.value, "target": event.target, "words": event.words}
        typer.echo(json.dumps(line))
        return
    where = f"{event.target}: " if event.target is not None else ""
    style = "green" if event.kind in _GOOD else "yellow"
    screen.out.print(Text(printable(f"{moment} {event.kind}: {where}{event.words}"), style=style), soft_wrap=True)


def _exit_code(cycle: Cycle | None) -> int:
    """Of one turn."""
    if cycle is None:
        return NOT_DONE
    if cycle.in_step:
        return NOT_DONE if cycle.run.survey.silent else FINE
    return max(REFUSED, *(exit_code(result.failure) for result in cycle.run.results))
