"""The command line `okta-zones`.

Exit codes: 0 fine (`plan` with changes to make is fine, too), 1 refused or not proved after the write, 2 a
file that cannot be used or wrong usage, 3 a source, Okta, Entra or Graph could not be reached or did not do
it.
"""

from __future__ import annotations

import importlib.metadata
import io
import signal
import sys
from typing import Annotated

import typer

from okta_zones.commands.adopt import adopt
from okta_zones.commands.apply import apply
from okta_zones.commands.doctor import doctor
from okta_zones.commands.plan import plan
from okta_zones.commands.retire import retire
from okta_zones.commands.rotate import rotate
from okta_zones.commands.screen import INTERRUPTED, screen
from okta_zones.commands.show import show
from okta_zones.commands.watch import watch

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

app.command(short_help="Show what stands at Okta and Entra, and since when.")(show)
app.command(short_help="Show what the credentials may do, and what stands in the way.")(doctor)
app.command(short_help="Show what apply would write to Okta and Entra.")(plan)
app.command(short_help="Write the egress addresses to Okta and Entra.")(apply)
app.command(short_help="Make entries that others wrote ours.")(adopt)
app.command(short_help="Remove addresses of ours for good.")(retire)
app.command(short_help="Replace egress addresses without a gap.")(rotate)
app.command(short_help="Keep the targets right until interrupted.")(watch)


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
    context.obj = screen(no_color=no_color)


def main() -> None:
    """Run the program; the entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name shows its escape
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: with words, and nothing held
    try:
        app(prog_name="okta-zones")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
