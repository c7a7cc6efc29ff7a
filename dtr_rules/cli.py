"""`dtr`: check rule sets and explain their decisions before they reach a fleet."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from dtr_rules.terminal import console, show_what_cannot_be_encoded

VERBS: Final = {
    "check": ("check", "Show every mistake in rule set files."),
    "explain": ("explain", "Show what a rule set decides for a flow, and why."),
    "lint": ("lint", "Find what a correct rule set nevertheless gets wrong."),
    "test": ("run_tests", "Run the tests of rule sets, and show what they cover."),
    "diff": ("diff", "Show what changes in effect from one rule set to another."),
    "fmt": ("fmt", "Write rule sets in canonical form, comments kept."),
    "schema": ("schema", "Print the JSON Schema of rule sets, for editors."),
    "convert": ("convert", "Convert a rule set: YAML, the UEM's JSON, PAC, the console."),
    "replay": ("replay_captures", "Run captured traffic through a rule set."),
    "hosts": ("hosts", "Show the catalogue of login hosts, or refresh it."),
}
"""In the order of the help: the function, in the module of the verb's name in `commands`, and what the help says."""


class _Verbs(TyperGroup):
    """Imports the verb that is called, and no other: a start that reads one file need not know replays."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, verb, rest = super().resolve_command(ctx, args)
        return name, None if verb is None else _imported(str(verb.name)), rest


def _imported(name: str) -> Any:
    verb = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    verb.command(name)(getattr(importlib.import_module(f"dtr_rules.commands.{name}"), VERBS[name][0]))
    return typer.main.get_command(verb)


app = typer.Typer(
    name="dtr",
    help="Check device traffic rule sets, and explain what they decide, before they reach a fleet.",
    epilog="Exit codes: 0 fine, 1 findings or failed expectations, 2 unusable file or usage, 3 could not be done.",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _not_imported() -> None:
    """Stands for a verb until it is called."""


for _verb, (_, _words) in VERBS.items():
    app.command(_verb, short_help=_words)(_not_imported)


def main() -> None:
    """The console script."""
    show_what_cannot_be_encoded()
    app(prog_name="dtr")


def _version(wanted: bool) -> None:
    if wanted:
        try:
            version = importlib.metadata.version("tunnel-gateway")
        except importlib.metadata.PackageNotFoundError:
            version = "(not installed)"
        typer.echo(f"dtr {version}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment works, too.")
    ] = False,
    _show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    context.obj = console(no_color=no_color)
