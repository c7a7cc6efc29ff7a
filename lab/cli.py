"""The command line `tunnel-lab`.

Exit codes: 0 everything as expected, 1 something is not, 2 a file that cannot be used or wrong usage, 3 the
world could not be started or broke down, 130 interrupted.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import Annotated

import typer

from dtr_rules.terminal import show_what_cannot_be_encoded
from lab.commands.demo import demo
from lab.commands.device import device
from lab.commands.kit import kit
from lab.commands.list import list_scenarios
from lab.commands.run import run
from lab.commands.screen import NOT_DONE, NoColor, without_color

app = typer.Typer(
    name="tunnel-lab",
    help="The rest of the world on one machine: an emulated UEM, Okta, Entra and devices around a real gateway.",
    epilog="Exit codes: 0 as expected, 1 not as expected, 2 unusable file or usage, 3 could not be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command(short_help="Five sign-ins: who gets in, who does not, and why.")(demo)
app.command("list", short_help="The scenarios that there are.")(list_scenarios)
app.command(short_help="What to paste into the real consoles; mistakes in what stands there.")(kit)
app.command(short_help="What a device's apps open; a proxy that makes programs its apps.")(device)
app.command(short_help="Play scenarios; check what each observer wrote down.")(run)


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
    without_color(no_color)


def main() -> None:
    """The console script."""
    show_what_cannot_be_encoded()
    try:
        app(prog_name="tunnel-lab")
    except BrokenPipeError:  # nobody reads what we print any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(NOT_DONE)
