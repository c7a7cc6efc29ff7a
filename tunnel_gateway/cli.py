"""`tunnel-gateway`: run a gateway, and ask a running one how it is."""

from __future__ import annotations

import importlib.metadata
import os
from typing import Annotated

import typer

from tunnel_gateway.commands.allow import allow
from tunnel_gateway.commands.block import block
from tunnel_gateway.commands.check import check
from tunnel_gateway.commands.decisions import decisions
from tunnel_gateway.commands.maintenance import maintenance
from tunnel_gateway.commands.reload import reload
from tunnel_gateway.commands.run import run
from tunnel_gateway.commands.status import status
from tunnel_gateway.commands.tunnels import tunnels

app = typer.Typer(
    name="tunnel-gateway",
    help="Admit compliant devices, apply the device traffic rules, leave from known egress addresses.",
    epilog="Exit codes: 0 fine, 1 a finding, or nobody can be admitted, 2 unusable file or usage, 3 could not be done.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

app.command(short_help="Run the gateway until it is interrupted.")(run)
app.command(short_help="Check the configuration, or a device's certificate.")(check)
app.command(short_help="Ask a running gateway how it is.")(status)
app.command(short_help="The open tunnels, and the cut of some.")(tunnels)
app.command(short_help="What the decision log says.")(decisions)
app.command(short_help="Block a device or a certificate, and cut its tunnels.")(block)
app.command(short_help="Take a block back.")(allow)
app.command(short_help="Announce a maintenance of the UEM.")(maintenance)
app.command(short_help="Read the configuration anew.")(reload)


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
