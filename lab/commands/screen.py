"""What all verbs have in common: options, consoles, complaints, exit codes, and how work that goes wrong ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import httpx
import typer
from rich.console import Console

from dtr_rules.mistakes import UnusableFileError
from lab.netns.privilege import NetnsUnavailableError, require
from lab.process import ProgramFailedError
from lab.report.plain import plain

FINE, DIFFERENT, UNUSABLE, NOT_DONE, INTERRUPTED = 0, 1, 2, 3, 130
WIDE: Final = 170
"""Columns of a table that goes to a file or a pipe, where nobody has said how wide it is."""

T = TypeVar("T")


class _Screen(Console):
    """rich would end the process where nobody reads any more, also from inside the event loop."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  the BrokenPipeError in whose handler rich calls this


NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment works, too.")]
Netns = Annotated[
    bool, typer.Option("--netns", help="Each party in a network namespace, every packet captured and checked (root).")
]
Captures = Annotated[
    Path | None, typer.Option("--captures", metavar="DIR", help="--netns: keep the captures (pcap) in this directory.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def without_color(wanted: bool) -> None:
    """Do without colours from here on, if that is wanted."""
    if wanted:
        os.environ["NO_COLOR"] = "1"


def screen(*, stderr: bool = False) -> Console:
    """A console that reads no markup, emoji codes or highlights into names."""
    console = _Screen(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


def complain(text: str) -> None:
    """A message on stderr, line by line."""
    for line in text.splitlines():
        typer.echo(plain(line), err=True)


def end_with(code: int, text: str) -> NoReturn:
    """Complain and end."""
    complain(text)
    raise typer.Exit(code)


def check_netns(captures: Path | None, *, netns: bool) -> None:
    """End where namespaces are wanted and cannot be had, or captures of none."""
    if captures is not None and not netns:
        raise typer.BadParameter("is for --netns.", param_hint="'--captures'")
    if netns:
        try:
            require()
        except NetnsUnavailableError as error:
            end_with(NOT_DONE, str(error))


def run_to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or end with a clear message and the exit code that fits."""
    try:
        return asyncio.run(_until_told_to_stop(work))
    except UnusableFileError as error:
        complain(str(error))
        raise typer.Exit(UNUSABLE) from None
    except (ProgramFailedError, NetnsUnavailableError, httpx.HTTPError) as error:
        complain(str(error) or type(error).__name__)
        raise typer.Exit(NOT_DONE) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"the lab could not go on: {error.strerror or error}")
        raise typer.Exit(NOT_DONE) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        complain("interrupted; everything is ended")
        raise typer.Exit(INTERRUPTED) from None


async def _until_told_to_stop(work: Coroutine[Any, Any, T]) -> T:
    """Ctrl-C, SIGTERM and a closed terminal end the lab in order. More of them change nothing: it ends already."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: task.cancelling() or task.cancel())
    return await task
