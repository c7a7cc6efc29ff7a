"""`dtr replay`: what a rule set would have decided for traffic that was captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from dtr_rules.characters import printable
from dtr_rules.commands.speaking import FINDINGS, UNUSABLE, JsonOption, complain, print_json, read_or_exit
from dtr_rules.model import Platform
from dtr_rules.replay import Result, replay
from dtr_rules.replay.apps import AppEntry, Apps, read_apps
from dtr_rules.replay.capture import MissingPackageError
from dtr_rules.replay.judge import Judge
from dtr_rules.replay.result import as_json
from dtr_rules.replay.view import show
from dtr_rules.source import UnusableFileError
from dtr_rules.terminal import styled

NOT_DONE: Final = 3


def _app(text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise typer.BadParameter("is empty; leave the option away for an app that is not known.")
    return text


def replay_captures(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="RULES", help="The rule set file.", show_default=False)],
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURE", help="pcap, pcapng, HAR, mitmproxy flows or decision logs.", show_default=False
        ),
    ],
    *,
    against: Annotated[
        Path | None, typer.Option(metavar="OTHER", help="The rule set to compare with, such as the one in force.")
    ] = None,
    app_id: Annotated[
        str | None,
        typer.Option("--app", callback=_app, metavar="ID", help="The app, where neither capture nor mapping says it."),
    ] = None,
    platform: Annotated[
        Platform | None,
        typer.Option(case_sensitive=False, help="The platform, where neither capture nor mapping says it."),
    ] = None,
    apps: Annotated[
        Path | None, typer.Option(metavar="MAPPING", help="A file that says which client is which app and platform.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="How many rows of each table to show.")] = 30,
    as_json_document: JsonOption = False,
) -> None:
    """Run captured traffic through a rule set: where it went, what decides, and with --against what changes.

    Reads pcap, pcapng, HAR, mitmproxy flow files and the gateway's decision log, each also gzipped, and tells them
    apart by their content. A decision log is compared with what it recorded.

    Exit codes: 0 done; 1 something would be done otherwise than OTHER, or the log, says; 2 the rules, an option or a
    whole capture cannot be used; 3 a package is missing. A capture that is damaged or cut counts as far as it goes.
    """
    judge = Judge(read_or_exit(file).rule_set, None if against is None else read_or_exit(against).rule_set)
    chosen = Apps(platform, app_id, () if apps is None else _entries(apps))
    console: Console = context.obj
    try:
        with _progress(captures, no_color=console.no_color) as watch:
            result = replay(judge, captures, chosen, watch)
    except MissingPackageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(NOT_DONE) from None
    _complain(result)
    if as_json_document:
        print_json(as_json(result))
    else:
        show(result, console, top)
    if any(reading.unusable for reading in result.readings):
        raise typer.Exit(UNUSABLE)
    if result.changes_action:
        raise typer.Exit(FINDINGS)


def _entries(file: Path) -> tuple[AppEntry, ...]:
    try:
        return read_apps(file)
    except UnusableFileError as error:
        complain(error.mistakes)
        raise typer.Exit(UNUSABLE) from None


def _complain(result: Result) -> None:
    for reading in result.readings:
        for problem in reading.problems:
            typer.echo(printable(f"{reading.file}: {problem}"), err=True)
        if reading.more_problems:
            typer.echo(printable(f"{reading.file}: {reading.more_problems:,} more problems like these"), err=True)


@contextmanager
def _progress(captures: list[Path], *, no_color: bool) -> Iterator[Callable[[Path, int], None]]:
    """A bar on stderr for each capture, where that is a terminal."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False, no_color=no_color or None)
    columns = (TextColumn("{task.fields[name]}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {
            path: progress.add_task("", name=styled(path.name), total=_size(path), start=False) for path in captures
        }

        def watch(path: Path, count: int) -> None:
            progress.start_task(tasks[path])
            progress.advance(tasks[path], count)

        yield watch


def _size(path: Path) -> int | None:
    """Bytes of a file; None where that is not known, as of a pipe."""
    try:
        return (path.stat().st_size or None) if path.is_file() else None
    except OSError:
        return None
