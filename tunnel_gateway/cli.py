"""`tunnel-gateway`: run a gateway, and ask a running one how it is."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

VERBS: Final = {
    "run": "Run the gateway until it is interrupted.",
    "check": "Check the configuration, or a device's certificate.",
    "status": "Ask a running gateway how it is.",
    "tunnels": "The open tunnels, and the cut of some.",
    "decisions": "What the decision log says.",
    "block": "Block a device or a certificate, and cut its tunnels.",
    "allow": "Take a block back.",
    "maintenance": "Announce a maintenance of the UEM.",
    "reload": "Read the configuration anew.",
}
"""In the order of the help. Each is the function of its name in the module of its name in `commands`."""


class _Verbs(TyperGroup):
    """Imports the verb that is called, and no other: what carries connections takes a second, and few need it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, verb, rest = super().resolve_command(ctx, args)
        return name, None if verb is None else _imported(str(verb.name)), rest


def _imported(name: str) -> Any:
    verb = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)
    verb.command(name)(getattr(importlib.import_module(f"tunnel_gateway.commands.{name}"), name))
    return typer.main.get_command(verb)


app = typer.Typer(
    name="tunnel-gateway",
    help="Admit compliant devices, apply the device traffic rules, leave from known egress addresses.",
    epilog="Exit codes: 0 fine, 1 a finding, or nobody can be admitted, 2 unusable file or usage, 3 could not be done.",
    cls=_Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
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
    typer.echo(f"tunnel-gateway {version}")
    raise typer.Exit


@app.callback()
def _options(
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment works, too.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if no_color:
        os.environ["NO_COLOR"] = "1"


def main() -> None:
    """The console script."""
    app(prog_name="tunnel-gateway")
