"""`dtr`: check rule sets and explain their decisions before they reach a fleet."""

from __future__ import annotations

import importlib.metadata
from typing import Annotated

import typer

from dtr_rules.commands.check import check
from dtr_rules.commands.convert import convert
from dtr_rules.commands.diff import diff
from dtr_rules.commands.explain import explain
from dtr_rules.commands.fmt import fmt
from dtr_rules.commands.hosts import hosts
from dtr_rules.commands.lint import lint
from dtr_rules.commands.replay import replay_captures
from dtr_rules.commands.schema import schema
from dtr_rules.commands.test import run_tests
from dtr_rules.terminal import console, show_what_cannot_be_encoded

app = typer.Typer(
    name="dtr",
    help="Check device traffic rule sets, and explain what they decide, before they reach a fleet.",
    epilog="Exit codes: 0 fine, 1 findings or failed expectations, 2 unusable file or usage, 3 could not be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command(short_help="Show every mistake in rule set files.")(check)
app.command(short_help="Show what a rule set decides for a flow, and why.")(explain)
app.command(short_help="Find what a correct rule set nevertheless gets wrong.")(lint)
app.command("test", short_help="Run the tests of rule sets, and show what they cover.")(run_tests)
app.command(short_help="Show what changes in effect from one rule set to another.")(diff)
app.command(short_help="Write rule sets in canonical form, comments kept.")(fmt)
app.command(short_help="Print the JSON Schema of rule sets, for editors.")(schema)
app.command(short_help="Convert a rule set: YAML, the UEM's JSON, PAC, the console.")(convert)
app.command("replay", short_help="Run captured traffic through a rule set.")(replay_captures)
app.command(short_help="Show the catalogue of login hosts, or refresh it.")(hosts)


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
