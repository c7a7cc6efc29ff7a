"""`tunnel-lab up`."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from dtr_rules import UnusableFileError
from lab.commands.screen import NOT_DONE, UNUSABLE, NoColor, end_with, run_to_its_end, screen, without_color
from lab.console.up import ADDRESS, bring_up, console_socket
from lab.report.progress import Progress
from lab.report.up import ForPeople, ForPrograms
from lab.runner.reading import SCENARIOS
from lab.runner.world_settings import DEFAULT_RULES
from lab.world import read_rules


def up(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, metavar="N", help="The console's port; else 8080 or the next free one."
        ),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="A rule set of your own, for devices and gateway.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: JSON Lines on stdout.")] = False,
    no_color: NoColor = False,
) -> None:
    """The whole world with a console for your browser: switch things, sign in, and see what every party does.

    Starts everything on this machine's loopback addresses, until Ctrl-C, and leaves nothing behind.
    """
    without_color(no_color)
    try:
        text = read_rules(SCENARIOS / DEFAULT_RULES if rules is None else rules)
    except UnusableFileError as error:
        end_with(UNUSABLE, str(error))
    teller = ForPrograms(typer.echo, Progress(screen(stderr=True))) if as_json else ForPeople(screen())
    with _listener(port) as listener:
        run_to_its_end(bring_up(text, listener, teller))


def _listener(port: int | None) -> socket.socket:
    try:
        return console_socket(port)
    except OSError as error:
        where = ADDRESS if port is None else f"{ADDRESS}:{port}"
        end_with(NOT_DONE, f"cannot listen on {where}: {os.strerror(error.errno or 0)}")
