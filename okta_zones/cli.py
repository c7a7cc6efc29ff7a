"""The command line `okta-zones`.

Exit codes: 0 fine (`plan` with changes to make is fine, too), 1 refused or not proved after the write, 2 a
file that cannot be used or wrong usage, 3 a source, Okta, Entra or Graph could not be reached or did not do
it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import stamina.instrumentation
import typer
from rich.console import Console
from rich.text import Text
from stamina.instrumentation import RetryDetails

from dtr_rules.credentials import CredentialError
from dtr_rules.source import UnusableFileError
from okta_zones import config, controller, diff, document
from okta_zones.apply import Pace
from okta_zones.controller import Failure, Run, Tell
from okta_zones.errors import FarEndError, RefusedError

FINE, REFUSED, UNUSABLE, NOT_DONE, INTERRUPTED = 0, 1, 2, 3, 130
LONG_WAIT = 5  # seconds

app = typer.Typer(
    name="okta-zones",
    help="Keep Okta's network zone AND Entra's named location equal to the gateway's egress addresses. "
    "In spite of its name this program writes to Microsoft Entra, too.",
    epilog="Exit codes: 0 fine, 1 refused or not proved, 2 unusable file or usage, 3 network or far end.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ConfigPath = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration (okta-zones.yaml).")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command writes: results to stdout, everything else to stderr."""

    out: Console
    err: Console

    def complain(self, text: str) -> None:
        for line in text.splitlines():
            self.err.print(Text(diff.printable(line)), soft_wrap=True)

    def tell_wait(self, details: RetryDetails, tell: Tell) -> None:
        """Say why nothing happens; where nobody watches a terminal, only if it takes long."""
        words = f"waiting {details.wait_for:.0f} s, then trying again ({details.caused_by})"
        if self.err.is_terminal:
            tell(words)
        elif details.wait_for >= LONG_WAIT:
            self.complain(words)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Tell]:
        """What is being done right now, on a terminal only."""
        with self.err.status(Text("…")) as status:
            yield lambda words: status.update(Text(diff.printable(words)))


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        version = importlib.metadata.version("tunnel-gateway")
    except importlib.metadata.PackageNotFoundError:
        version = "(not installed)"
    typer.echo(f"okta-zones {version}")
    raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment works, too.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    context.obj = Screen(_console(no_color, stderr=False), _console(no_color, stderr=True))


def _console(no_color: bool, *, stderr: bool) -> Console:
    # None leaves the choice to NO_COLOR and the terminal. Names of others are never markup.
    return Console(no_color=no_color or None, stderr=stderr, markup=False, emoji=False, highlight=False)


@app.command("plan")
def plan_command(context: typer.Context, config_path: ConfigPath, as_json: Json = False) -> None:
    """Show what `apply` would write to Okta and Entra. Writes nothing.

    Ends with 0 whether or not there is something to write; --json says which, per target.
    """
    _command(context.obj, "plan", config_path, as_json=as_json)


@app.command("apply")
def apply_command(context: typer.Context, config_path: ConfigPath, as_json: Json = False) -> None:
    """Write the egress addresses to every target, Okta and Entra, and read them back."""
    _command(context.obj, "apply", config_path, as_json=as_json)


def _command(screen: Screen, verb: str, config_path: Path, *, as_json: bool) -> None:
    try:
        settings = config.load(config_path, os.environ)
        with screen.progress() as tell:
            stamina.instrumentation.set_on_retry_hooks([lambda details: screen.tell_wait(details, tell)])
            run = _run(verb, settings, tell)
    except (UnusableFileError, CredentialError) as error:
        screen.complain(str(error))
        raise typer.Exit(UNUSABLE) from None
    except (RefusedError, FarEndError) as failure:
        _show_failure(screen, verb, failure, as_json=as_json)
        raise typer.Exit(_exit_code(failure)) from None
    except KeyboardInterrupt:
        screen.complain("interrupted" + ("; run plan to see what was written" if verb == "apply" else ""))
        raise typer.Exit(INTERRUPTED) from None
    _show(screen, verb, run, as_json=as_json)
    raise typer.Exit(max(_exit_code(result.failure) for result in run.results))


def _run(verb: str, settings: config.Settings, tell: Tell) -> Run:
    tell("asking the sources")
    reports = controller.ask_sources(settings)
    with controller.opened(settings) as targets:
        run = controller.plan_all(settings, targets, reports, tell)
        return controller.apply_all(run, targets, Pace(), tell) if verb == "apply" else run


def _show(screen: Screen, verb: str, run: Run, *, as_json: bool) -> None:
    if as_json:
        _print_json(document.of_run(verb, run))
        return
    for line in diff.lines(run):
        screen.out.print(line, soft_wrap=True)


def _show_failure(screen: Screen, verb: str, failure: Failure, *, as_json: bool) -> None:
    reason = f"{failure.reason}: " if isinstance(failure, RefusedError) else ""
    screen.complain(f"{reason}{failure}")
    if as_json:
        _print_json(document.of_failure(verb, failure))


def _print_json(content: dict[str, Any]) -> None:
    typer.echo(json.dumps(content, indent=2))  # escapes everything outside ASCII, control characters among it


def _exit_code(failure: Failure | None) -> int:
    if failure is None:
        return FINE
    return REFUSED if isinstance(failure, RefusedError) else NOT_DONE


def main() -> None:
    """Run the program; the entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name shows its escape
    try:
        app(prog_name="okta-zones")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
