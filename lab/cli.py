"""The command line `tunnel-lab`.

Exit codes: 0 everything as expected, 1 a row is not, 2 a file that cannot be used or wrong usage, 3 the
world could not be started or broke down, 130 interrupted.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import signal
import sys
from collections.abc import Coroutine
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import typer

from dtr_rules import UnusableFileError
from dtr_rules.terminal import show_what_cannot_be_encoded
from lab.commands.kit import kit
from lab.commands.screen import DIFFERENT, FINE, INTERRUPTED, NOT_DONE, UNUSABLE, complain, screen
from lab.demo import Demo, run_demo
from lab.process import ProgramFailedError
from lab.report import table
from lab.report.document import document
from lab.report.progress import Progress

T = TypeVar("T")

app = typer.Typer(
    name="tunnel-lab",
    help="The rest of the world on one machine: an emulated UEM, Okta, Entra and devices around a real gateway.",
    epilog="Exit codes: 0 as expected, 1 not as expected, 2 unusable file or usage, 3 could not be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command(short_help="What to paste into the real consoles; mistakes in what stands there.")(kit)

NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment works, too.")]


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        version = importlib.metadata.version("tunnel-gateway")
    except importlib.metadata.PackageNotFoundError:
        version = "(not installed)"
    typer.echo(f"tunnel-lab {version}")
    raise typer.Exit


@app.callback()
def _start(
    no_color: NoColor = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if no_color:
        os.environ["NO_COLOR"] = "1"


@app.command(short_help="Five sign-ins: who gets in, who does not, and why.")
def demo(
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="A rule set of your own, for device and gateway.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")] = False,
    no_color: NoColor = False,
) -> None:
    """A compliant phone signs in through the gateway; a non-compliant one does not, with or without its profile.

    Starts everything on this machine's loopback addresses and leaves nothing behind.
    """
    if no_color:
        os.environ["NO_COLOR"] = "1"
    told = screen(stderr=as_json)
    with resources.as_file(resources.files("lab") / "demo-rules.yaml") as default:
        found = _run(run_demo(rules or default, Progress(told)))
    _show(found, as_json=as_json)
    raise typer.Exit(FINE if found.as_expected else DIFFERENT)


def _show(found: Demo, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))  # escapes everything outside ASCII
    else:
        table.show(found, screen())


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or end with a clear message and the exit code that fits."""
    try:
        return asyncio.run(_until_told_to_stop(work))
    except UnusableFileError as error:
        complain(str(error))
        raise typer.Exit(UNUSABLE) from None
    except (ProgramFailedError, httpx.HTTPError) as error:
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


def main() -> None:
    """The console script."""
    show_what_cannot_be_encoded()
    try:
        app(prog_name="tunnel-lab")
    except BrokenPipeError:  # nobody reads what we print any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(NOT_DONE)
