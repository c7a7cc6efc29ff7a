"""The command line `tunnel-lab`.

Exit codes: 0 everything as expected, 1 something is not, 2 a file that cannot be used or wrong usage, 3 the
world could not be started or broke down, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from dtr_rules.terminal import show_what_cannot_be_encoded
from lab.commands.screen import NOT_DONE, NoColor, without_color
from lab.version import version

VERBS: Final = {
    "demo": ("demo", "Five sign-ins: who gets in, who does not, and why."),
    "list": ("list_scenarios", "The scenarios that there are."),
    "kit": ("kit", "What to paste into the real consoles; mistakes in what stands there."),
    "device": ("device", "What a device's apps open; a proxy that makes programs its apps."),
    "run": ("run", "Play scenarios; check what each observer wrote down."),
    "report": ("report", "What happened in runs, as one HTML page."),
    "up": ("up", "The whole world, with a console for your browser."),
}
"""In the order of the help: the function, in the module of the verb's name in `commands`, and what the help says."""


class _Verbs(TyperGroup):
    """Imports the verb that is called, and no other: a whole world takes a second."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, verb, rest = super().resolve_command(ctx, args)
        return name, None if verb is None else _imported(str(verb.name)), rest


def _imported(name: str) -> Any:
    verb = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    verb.command(name)(getattr(importlib.import_module(f"lab.commands.{name}"), VERBS[name][0]))
    return typer.main.get_command(verb)


app = typer.Typer(
    name="tunnel-lab",
    help="The rest of the world on one machine: an emulated UEM, Okta, Entra and devices around a real gateway.",
    epilog="Exit codes: 0 as expected, 1 not as expected, 2 unusable file or usage, 3 could not be done.",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _not_imported() -> None:
    """Stands for a verb until it is called."""


for _name, (_, _words) in VERBS.items():
    app.command(_name, short_help=_words)(_not_imported)


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    typer.echo(f"tunnel-lab {version()}")
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
