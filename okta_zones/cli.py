"""The command line `okta-zones`.

Exit codes: 0 fine (`plan` with changes to make is fine, too), 1 refused or not proved after the write, 2 a
file that cannot be used or wrong usage, 3 a source, Okta, Entra or Graph could not be reached or did not do
it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import signal
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from okta_zones.commands.exit_codes import INTERRUPTED

VERBS: Final = {
    "show": "Show what stands at Okta and Entra, and since when.",
    "doctor": "Show what the credentials may do, and what stands in the way.",
    "plan": "Show what apply would write to Okta and Entra.",
    "apply": "Write the egress addresses to Okta and Entra.",
    "adopt": "Make entries that others wrote ours.",
    "retire": "Remove addresses of ours for good.",
    "rotate": "Replace egress addresses without a gap.",
    "watch": "Keep the targets right until interrupted.",
}
"""In the order of the help. Each is the function of its name in the module of its name in `commands`."""


class _Verbs(TyperGroup):
    """Imports the verb that is called, and no other."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, verb, rest = super().resolve_command(ctx, args)
        return name, None if verb is None else _imported(str(verb.name)), rest


def _imported(name: str) -> Any:
    verb = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    verb.command(name)(getattr(importlib.import_module(f"okta_zones.commands.{name}"), name))
    return typer.main.get_command(verb)


app = typer.Typer(
    name="okta-zones",
    help="Keep Okta's network zone AND Entra's named location equal to the gateway's egress addresses. "
    "In spite of its name this program writes to Microsoft Entra, too.",
    epilog="Exit codes: 0 fine, 1 refused or not proved, 2 unusable file or usage, 3 network or far end.",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _not_imported() -> None:
    """Stands for a verb until it is called."""


for _name, _words in VERBS.items():
    app.command(_name, short_help=_words)(_not_imported)


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
    from okta_zones.commands.screen import screen  # noqa: PLC0415

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
