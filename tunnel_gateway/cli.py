"""`tunnel-gateway`: run a gateway, and ask a running one how it is."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import logging
import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtr_rules.credentials import CredentialError, from_file
from dtr_rules.source import UnusableFileError, read
from tunnel_gateway.assembly import assemble
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.process import CannotStartError, serve

UNUSABLE = 2
NOT_DONE = 3

app = typer.Typer(
    name="tunnel-gateway",
    help="Admit compliant devices, apply the device traffic rules, leave from known egress addresses.",
    epilog="Exit codes: 0 fine, 1 nobody can be admitted, 2 unusable file or usage, 3 could not be done.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

ConfigOption = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration (gateway.yaml).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


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


@app.command(short_help="Run the gateway until it is interrupted.")
def run(config: ConfigOption) -> None:
    """Run the gateway until it is interrupted. It starts without posture, says so, and admits nobody until it has some.

    Exit codes: 0 ended as told, 2 the configuration cannot be used, 3 a port or an address cannot be had.
    """
    logging.basicConfig(level=logging.WARNING, format="tunnel-gateway: %(message)s", stream=sys.stderr)
    logging.getLogger("tunnel_gateway").setLevel(logging.INFO)
    try:
        assembled = assemble(config)
        asyncio.run(serve(assembled))
    except UnusableFileError as error:
        _fail(str(error), UNUSABLE)
    except CannotStartError as error:
        _fail(str(error), NOT_DONE)


@app.command(short_help="Ask a running gateway how it is.")
def status(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Ask the gateway that runs with this configuration how it is: posture, rules, egress, tunnels.

    Exit codes: 0 posture is fresh, 1 it is stale or unavailable (nobody is admitted), 2 the configuration cannot be
    used, 3 the gateway cannot be reached.
    """
    try:
        answer = _ask(config, "/v1/status")
        admits = answer["posture"]["state"] == "fresh"
    except UnusableFileError as error:
        _fail(str(error), UNUSABLE)
    except CredentialError as error:
        _fail(f"{config}:1:1: {error}", UNUSABLE)
    except httpx.HTTPStatusError as error:
        words = {401: "it does not accept this admin token", 429: "too many wrong tokens; wait"}
        _fail(words.get(error.response.status_code, f"it answered {error.response.status_code}"), NOT_DONE)
    except FileNotFoundError as error:
        _fail(f"no gateway runs with this configuration: {error.filename} is not there", NOT_DONE)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError) as error:
        _fail(f"the gateway cannot be asked: {str(error) or type(error).__name__}", NOT_DONE)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)
    raise typer.Exit(0 if admits else 1)


def _ask(config: Path, path: str) -> dict[str, Any]:
    source = read(config, GatewayFile)
    file, directory = source.content, config.parent
    if file.admin is None:
        raise UnusableFileError([source.mistake("'admin' is missing; without it a running gateway cannot be asked")])
    if file.ready_file is not None:
        url = str(json.loads((directory / file.ready_file).read_text(encoding="utf-8"))["admin"])
    else:
        url = "http://{}:{}".format(*file.admin.listen)
    if not ip_address(urlsplit(url).hostname or "").is_loopback:
        raise ValueError(f"{file.ready_file} names {url}, which is not on this machine")
    headers = {"Authorization": f"Bearer {from_file(directory / file.admin.token_file).reveal()}"}
    with httpx.Client(trust_env=False, timeout=5.0, headers=headers) as client:
        response = client.get(url + path)
        response.raise_for_status()
        return dict(response.json())


def _show(answer: dict[str, Any]) -> None:
    posture, rules = answer["posture"], answer["rules"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("gateway", f"{answer['gateway']} on {answer['listen']}"),
        ("posture", _posture(posture)),
        ("rules", f"{rules['name']} ({rules['digest'][:12]})"),
        ("egress", ", ".join(answer["egress"])),
        ("tunnels", str(answer["tunnels"])),
    ):
        table.add_row(Text(name, style="bold"), Text(value))
    Console(highlight=False).print(table)


def _posture(posture: dict[str, Any]) -> str:
    if posture["state"] == "unavailable":
        return f"unavailable: {posture['error'] or 'not read yet'}; nobody is admitted"
    words = "{state}, revision {revision}, {devices} devices, as of {synced_at}".format(**posture)
    return f"{words}; last attempt failed: {posture['error']}" if posture["error"] else words


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def main() -> None:
    """The console script."""
    app(prog_name="tunnel-gateway")
